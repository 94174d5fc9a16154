#!/usr/bin/env python3
"""Runs what make-package.sh packed on a GPU and records it as a Markdown table.

usage: check_suite.py [STEP…] [--out DIR] [--device cuda] [--tool ./ssmc-run]

Steps, all of them by default:
  suite     every case of suite/ against the float64 oracle
  factorial every combination of a scan's flags and kinds of B and C
  sanitize  compute-sanitizer's four tools over small/, memcheck with leaks, and
            racecheck over alone/, since it reports rings of warps that are right
            (Results.md); each has to report the fault that is planted for it, or
            what it says is void
  decode    1,000,000 calls of one step each, in decode/
  large     one scan of more than 2^31 elements (check_large.py; needs numpy)
  repeat    1,000 runs of each case of repeat/, bit-identical, alone and on a busy GPU
  model     the example model against recorded logits (check_model.py; needs
            numpy) and the recorded cases (check.sh)

Lines of the table go to standard output and to DIR/results.md, what each command
says to DIR/STEP.log, JUnit to DIR/STEP.xml. Needs Python 3.8 and nothing else.
"""
import argparse
import glob
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
# What compute-sanitizer exits with where it has something to report.
REPORTED = 9


class Recorder:
    def __init__(self, args):
        self.args = args
        self.failed = False
        os.makedirs(args.out, exist_ok=True)
        self.table = open(os.path.join(args.out, "results.md"), "w", encoding="utf-8")
        self.line("what", "command", "count", "result", "seconds")
        self.line("---", "---", "---", "---", "---")

    def line(self, *cells):
        text = "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
        print(text, flush=True)
        print(text, file=self.table, flush=True)

    def record(self, what, command, count, good, result, seconds):
        self.failed |= not good
        self.line(what, f"`{' '.join(command)}`", count,
                  result if good else f"**{result}**", f"{seconds:.0f}")

    def run(self, log, command, limit):
        """The exit status (None where it ran too long), what was said, seconds."""
        path = os.path.join(self.args.out, log + ".log")
        before = time.time()
        with open(path, "ab") as file:
            file.write(f"$ {' '.join(command)}\n".encode())
            file.flush()
            begin = file.tell()
            process = subprocess.Popen(command, cwd=HERE, stdout=file,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            try:
                status = process.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                status = None
        with open(path, encoding="utf-8", errors="replace") as file:
            file.seek(begin)
            return status, file.read(), time.time() - before

    def junit(self, step):
        return os.path.join(self.args.out, step + ".xml")


def describe(status, limit):
    return f"ran longer than {limit} s" if status is None else f"exit status {status}"


def tests_in(junit):
    """How many test cases a JUnit file has, and how many of them failed."""
    try:
        suite = xml.etree.ElementTree.parse(junit).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return 0, 0
    cases = list(suite.iter("testcase"))
    failures = [case for case in cases if case.find("failure") is not None]
    return len(cases), len(failures)


def kernels_in(folder):
    return len(glob.glob(os.path.join(HERE, folder, "*.ssmb")))


def cases_in(folder):
    try:
        with open(os.path.join(HERE, folder, "cases.txt"), encoding="utf-8") as file:
            return sum(1 for line in file if line.strip())
    except OSError:
        return 0


def run_check(recorder, step, what, folder, options, limit):
    """ssmc-run check over a folder; all cases of the folder have to pass."""
    command = [recorder.args.tool, "check", folder, f"--device={recorder.args.device}",
               *options]
    status, output, seconds = recorder.run(
        step, [*command, f"--junit={recorder.junit(step)}"], limit)
    passed, failed = tests_in(recorder.junit(step))
    passed -= failed
    wanted = cases_in(folder)
    good = status == 0 and failed == 0 and passed == wanted > 0
    result = f"{passed} passed, {failed} failed"
    if not good:
        result += f" of {wanted}; {describe(status, limit)}"
        first = [line for line in output.splitlines() if line.startswith("FAILED")]
        result += "; " + first[0] if first else ""
    recorder.record(what, command, f"{wanted} cases, {kernels_in(folder)} kernels", good,
                    result, seconds)


def suite(recorder):
    run_check(recorder, "suite", "differential suite", "suite", [], 1200)


def decode(recorder):
    run_check(recorder, "decode", "1,000,000 decode steps", "decode", [], 600)


def factorial(recorder):
    run_check(recorder, "factorial", "every combination of flags", "factorial", [], 600)


def repeat(recorder):
    run_check(recorder, "repeat", "1,000 bit-identical repeats", "repeat",
              ["--repeat=1000"], 600)
    # Another process takes turns on the same GPU.
    busy = subprocess.Popen(
        [recorder.args.tool, "check", "suite", f"--device={recorder.args.device}"],
        cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run_check(recorder, "repeat", "the same on a busy GPU", "repeat",
                  ["--repeat=1000"], 600)
    finally:
        busy.kill()
        busy.wait()


def has_reports(output):
    """Whether compute-sanitizer's summary counts anything."""
    return re.search(r"(ERROR|RACECHECK) SUMMARY: [1-9]", output) is not None


def is_clean(output):
    return re.search(r"(ERROR|RACECHECK) SUMMARY: 0 ", output) is not None


def planted_is_reported(recorder, tool):
    """Whether the tool reports one of the faults planted for it. One that hangs
    the kernel is reported where the tool has said so before."""
    common = ["compute-sanitizer", f"--tool={tool}", f"--error-exitcode={REPORTED}"]
    bundles = glob.glob(os.path.join(HERE, "planted", tool + "*.ssmb"))
    for bundle in sorted(bundles, key=lambda name: (len(name), name)):
        command = [*common, recorder.args.tool, "run", os.path.relpath(bundle, HERE),
                   f"--device={recorder.args.device}"]
        status, output, seconds = recorder.run("sanitize", command, 60)
        said = has_reports(output) or "Barrier error detected" in output
        good = said and status != 0
        recorder.record(f"{tool}: planted fault", command, 1, True,
                        "reported" if good else f"not reported; {describe(status, 60)}",
                        seconds)
        if good:
            return True
    return False


def sanitize(recorder):
    # A device that fills what it allocates leaves nothing uninitialised, and
    # takes what is just outside an allocation for part of it.
    _, text, _ = recorder.run("sanitize", [recorder.args.tool, "check", "--help"], 60)
    unguarded = re.findall(r"--no-guards\b", text)[:1]
    for tool in TOOLS:
        reported = planted_is_reported(recorder, tool)
        leaks = ["--leak-check=full"] if tool == "memcheck" else []
        folder = "alone" if tool == "racecheck" else "small"
        command = ["compute-sanitizer", f"--tool={tool}", *leaks,
                   f"--error-exitcode={REPORTED}", recorder.args.tool, "check", folder,
                   f"--device={recorder.args.device}", *unguarded]
        limit = 900
        junit = recorder.junit(tool)
        status, output, seconds = recorder.run(
            "sanitize", [*command, f"--junit={junit}"], limit)
        passed, failed = tests_in(junit)
        wanted = cases_in(folder)
        problems = []
        if not reported:
            problems.append("void: the planted fault was not reported")
        if tool == "initcheck" and not unguarded:
            problems.append("void: the tool fills what it allocates; it needs "
                            "--no-guards")
        if status != 0:
            problems.append(describe(status, limit))
        if not is_clean(output) or has_reports(output):
            problems.append("reports, see sanitize.log")
        if failed or passed != wanted or not wanted:
            problems.append(f"{passed - failed} of {wanted} cases passed")
        recorder.record(tool, command, f"{wanted} cases, {kernels_in(folder)} kernels",
                        not problems, "; ".join(problems) or "0 reports", seconds)


def large(recorder):
    command = [sys.executable, "check_large.py", recorder.args.tool, "large.ssmb",
               recorder.args.device]
    status, output, seconds = recorder.run("large", command, 400)
    lines = output.strip().splitlines()
    recorder.record("more than 2^31 elements", ["python3", *command[1:]], 1, status == 0,
                    lines[-1] if status is not None and lines else describe(status, 400),
                    seconds)


def model(recorder):
    commands = [["./check.sh"],
                [sys.executable, "check_model.py", recorder.args.tool,
                 "tiny-mamba-f32.ssmb", recorder.args.device, "tiny-mamba-kjv"]]
    for command in commands:
        status, output, seconds = recorder.run("model", command, 400)
        counts = re.findall(r"(\d+) passed, (\d+) failed", output)
        passed, failed = counts[-1] if counts else (0, 0)
        good = status == 0 and int(passed) > 0
        if command[0] == sys.executable:
            command[0] = "python3"
        recorder.record("recorded outputs", command, int(passed) + int(failed), good,
                        f"{passed} passed, {failed} failed" if good
                        else describe(status, 400), seconds)


STEPS = {"suite": suite, "factorial": factorial, "sanitize": sanitize, "decode": decode, "large": large,
         "repeat": repeat, "model": model}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--out", default="results", help="folder for what is recorded")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tool", default="./ssmc-run", help="ssmc-run, or ssmc")
    args = parser.parse_args()
    args.out = os.path.abspath(args.out)
    for step in args.steps:
        if step not in STEPS:
            parser.error(f"unknown step {step!r}; expected {', '.join(STEPS)}")
    recorder = Recorder(args)
    for step in args.steps or STEPS:
        try:
            STEPS[step](recorder)
        except OSError as error:
            recorder.record(step, [], 0, False, error, 0)
    return 1 if recorder.failed else 0


if __name__ == "__main__":
    sys.exit(main())
