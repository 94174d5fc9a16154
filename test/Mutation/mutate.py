#!/usr/bin/env python3
"""Plants faults in the compiler's own sources and counts those that tests catch.

usage: mutate.py [--only NAME…] [--work-dir DIR] [--jobs N] [--keep-going]
       mutate.py --list | --verify

The faults are in faults.txt, the tests in subset. Both are run on a copy of the
working tree's files with a build folder of its own, so that nothing of yours is
changed; later runs use the copy again. A fault is caught when a command of the
subset fails or takes far longer than without it. One that does not build is no
fault: the run fails, as it does when less than 95 % are caught.

The whole run takes about half a minute a fault on two cores.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NEEDED = 0.95


@dataclass
class Fault:
    name: str
    file: str
    old: str
    new: str
    line: int


def fail(message):
    sys.exit(f"mutate.py: error: {message}")


def read_faults(path):
    faults, file, name, old = [], None, None, None
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            text = line.rstrip()
            if not text or text.startswith("#"):
                continue
            if text.startswith("== "):
                file = text[3:]
            elif text.startswith("- ") and name and old is None:
                old = text[2:]
            elif (text == "+" or text.startswith("+ ")) and old is not None:
                faults.append(Fault(name, file, old, text[2:], number))
                name = old = None
            elif file and name is None and " " not in text:
                name = text
            else:
                fail(f"{path}:{number}: expected '== FILE', a name, '- OLD' or "
                     f"'+ NEW' in this order, found {text!r}")
    if name:
        fail(f"{path}: the fault {name} has no new text")
    return faults


def read_subset(path):
    """The targets to build and the commands to run."""
    targets, commands = [], []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            kind, _, rest = line.strip().partition(" ")
            if kind == "build":
                targets += rest.split()
            elif kind == "run":
                commands.append(rest)
            elif kind and not kind.startswith("#"):
                fail(f"{path}:{number}: expected build or run, found {kind!r}")
    return targets, commands


def plant(fault, text):
    """The text with the fault, or None and why it cannot be planted."""
    pattern = r"\s+".join(re.escape(word) for word in fault.old.split())
    places = list(re.finditer(pattern, text))
    if len(places) != 1:
        return None, f"its old text occurs {len(places)} times in {fault.file}"
    begin, end = places[0].span()
    planted = text[:begin] + fault.new + text[end:]
    if planted == text:
        return None, "its new text is the old one"
    return planted, ""


def verify(faults, root):
    """What is wrong with the faults, as lines."""
    problems, names = [], set()
    for fault in faults:
        if fault.name in names:
            problems.append(f"{fault.name}: there are two faults of this name")
        names.add(fault.name)
        path = os.path.join(root, fault.file)
        if not os.path.exists(path):
            problems.append(f"{fault.name}: there is no file {fault.file}")
            continue
        with open(path, encoding="utf-8") as file:
            _, problem = plant(fault, file.read())
        if problem:
            problems.append(f"{fault.name}: {problem}")
    return problems


def same(path, other):
    if not os.path.exists(other):
        return False
    with open(path, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


def copy_tree(target):
    """Brings `target` up to date with the working tree, and touches nothing that
    is the same already, so that little has to be built again."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"],
        check=True, capture_output=True).stdout.decode().split("\0")
    files = {name for name in listed if os.path.isfile(os.path.join(ROOT, name))}
    for folder, _, names in os.walk(target):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.relpath(path, target) not in files:
                os.remove(path)
    for name in files:
        source, copy = os.path.join(ROOT, name), os.path.join(target, name)
        if not same(source, copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copy(source, copy)


class Mutator:
    def __init__(self, work_dir, jobs, subset):
        self.source = os.path.join(work_dir, "source")
        self.build_dir = os.path.join(work_dir, "build")
        self.jobs = jobs
        self.targets, self.commands = read_subset(subset)
        self.limits = [1800.0] * len(self.commands)
        self.environment = dict(
            os.environ, SSMC_BUILD_DIR=self.build_dir,
            PATH=os.path.join(self.build_dir, "bin") + os.pathsep + os.environ["PATH"])

    def run(self, command, limit):
        """The exit status and the output; None for a command that took too long."""
        process = subprocess.Popen(
            command, shell=True, cwd=self.build_dir, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=limit)
            return process.returncode, output.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            return None, output.decode(errors="replace")

    def build(self):
        """None, or the output of a build that failed."""
        os.makedirs(self.build_dir, exist_ok=True)
        if not os.path.exists(os.path.join(self.build_dir, "build.ninja")):
            # "help" is a target of every build folder that builds nothing.
            status, output = self.run(f"{self.source}/dev build help", 1800)
            if status != 0:
                return output
        command = f"ninja -j{self.jobs} {' '.join(self.targets)}"
        status, output = self.run(command, 3600)
        return None if status == 0 else output

    def test(self):
        """None, or the first command that fails and the end of what it says."""
        for command, limit in zip(self.commands, self.limits):
            command = command.replace("{source}", self.source)
            status, output = self.run(command, limit)
            if status is None:
                return command, f"took more than {limit:.0f} s"
            if status != 0:
                lines = [line for line in output.splitlines() if line.strip()]
                return command, lines[-1] if lines else f"exit status {status}"
        return None

    def prepare(self):
        """Copies, builds and tests the sources as they are; learns how long each
        command takes."""
        copy_tree(self.source)
        if (output := self.build()) is not None:
            fail(f"the sources do not build without a fault:\n{output}")
        for i in range(len(self.commands)):
            single = Mutator.__new__(Mutator)
            single.__dict__ = dict(self.__dict__, commands=self.commands[i:i + 1])
            before = time.time()
            if (caught := single.test()) is not None:
                fail(f"the subset fails without a fault: {caught[0]}\n{caught[1]}")
            seconds = time.time() - before
            self.limits[i] = max(180.0, 10 * seconds)
            print(f"no fault: {seconds:.0f} s for {self.commands[i]}", flush=True)

    def try_fault(self, fault):
        """What became of it: a word and the details."""
        path = os.path.join(self.source, fault.file)
        with open(path, encoding="utf-8") as file:
            original = file.read()
        planted, problem = plant(fault, original)
        if planted is None:
            return "does not apply", problem
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(planted)
            if (output := self.build()) is not None:
                errors = [line for line in output.splitlines() if "error:" in line]
                return "does not build", (errors or [output[-200:]])[0]
            caught = self.test()
        finally:
            with open(path, "w", encoding="utf-8") as file:
                file.write(original)
        if caught is None:
            return "survived", ""
        command, reason = caught
        return "caught", f"{command.split()[0].rsplit('/', 1)[-1]}: {reason}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the faults")
    parser.add_argument("--verify", action="store_true",
                        help="check that every fault still applies; build nothing")
    parser.add_argument("--only", action="append", metavar="NAME", default=[],
                        help="plant this one; can be repeated")
    parser.add_argument("--faults", default=os.path.join(HERE, "faults.txt"))
    parser.add_argument("--subset", default=os.path.join(HERE, "subset"))
    parser.add_argument("--root", default=ROOT, help="the tree that --verify reads")
    parser.add_argument("--work-dir", default=os.path.join(ROOT, "build-mutation"),
                        help="where the copy is and is built (default: build-mutation)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="of ninja (default: one a core)")
    parser.add_argument("--keep-going", action="store_true",
                        help="go on after a fault that does not build or apply")
    args = parser.parse_args()

    faults = read_faults(args.faults)
    unknown = set(args.only) - {fault.name for fault in faults}
    if unknown:
        fail(f"no fault is named {', '.join(sorted(unknown))}; --list names them")
    if args.list:
        for fault in faults:
            print(f"{fault.name}  {fault.file}")
        return 0
    problems = verify(faults, args.root)
    for problem in problems:
        print(problem)
    if args.verify:
        print(f"{len(faults)} faults, {len(problems)} problems")
        return 1 if problems else 0
    if problems and not args.keep_going:
        fail("faults no longer apply; change faults.txt, or give --keep-going")

    mutator = Mutator(os.path.abspath(args.work_dir), args.jobs, args.subset)
    mutator.prepare()
    counts = {"caught": 0, "survived": 0, "does not build": 0, "does not apply": 0}
    print("| fault | result | seconds | by |\n|---|---|---|---|", flush=True)
    for fault in faults:
        if args.only and fault.name not in args.only:
            continue
        before = time.time()
        result, details = mutator.try_fault(fault)
        counts[result] += 1
        details = details.replace("|", "\\|")[:160]
        print(f"| {fault.name} | {result} | {time.time() - before:.0f} | {details} |",
              flush=True)
        if result.startswith("does not") and not args.keep_going:
            return 1
    planted = counts["caught"] + counts["survived"]
    rate = counts["caught"] / planted if planted else 0
    print(f"\n{counts['caught']} of {planted} faults caught ({rate:.1%}), "
          f"{counts['does not build']} do not build, "
          f"{counts['does not apply']} do not apply")
    broken = counts["does not build"] + counts["does not apply"]
    return 0 if rate >= NEEDED and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
