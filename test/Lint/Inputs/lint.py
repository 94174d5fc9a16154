"""Rules about the source tree that no compiler checks.

usage: lint.py RULE ROOT

Prints each violation and exits 1 if there is any. The tests also run every rule
on a violation planted for it, so that a rule that has gone blind is noticed.
"""

import os
import re
import sys

SOURCE_SUFFIXES = (".cpp", ".c", ".h", ".inc", ".td", ".fbs", ".py", ".mlir", ".test")
MAX_LINES = 600
# What must run where no LLVM is installed.
LLVM_FREE = (
    "runtime/",
    "lib/IO/",
    "lib/Import/Config",
    "lib/Oracle/",
    "tools/cli/",
    "tools/ssmc-run/",
    "include/ssmc/Analysis/TargetModel",
    "include/ssmc/Bundle/",
    "include/ssmc/Compiler/",
    "include/ssmc/IO/",
    "include/ssmc/Oracle/",
    "include/ssmc/Import/Config",
    "include/ssmc/Runtime/",
    "include/ssmc/Support/",
)


def files(root, suffixes=SOURCE_SUFFIXES):
    """(path relative to root, text) of the sources, planted ones aside."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders
            if not name.startswith((".", "build")) and name != "__pycache__"
        )
        if os.path.relpath(folder, root) == os.path.join("test", "Lint", "Inputs"):
            folders.clear()
        for name in sorted(names):
            if name.endswith(suffixes):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8", errors="replace") as file:
                    yield os.path.relpath(path, root), file.read()


def dead_checks(root):
    """CHECK lines in a test that never runs FileCheck check nothing."""
    check = re.compile(r"^\s*(//|#|;)?\s*[A-Z0-9-]*CHECK(-[A-Z]+)*:", re.M)
    run = re.compile(r"RUN:.*", re.M)
    for path, text in files(root, (".mlir", ".test")):
        if check.search(text) and not any(
            "FileCheck" in line for line in run.findall(text)
        ):
            yield path, "has CHECK lines but no RUN line calls FileCheck"
        is_test = path.startswith("test" + os.sep) and "Inputs" + os.sep not in path
        if is_test and "RUN:" not in text:
            yield path, "has no RUN line"


def runtime_has_no_llvm(root):
    """The runtime builds and runs without LLVM."""
    include = re.compile(r'#\s*include\s*[<"](llvm|mlir|clang|lld)(-c)?/')
    for path, text in files(root, (".cpp", ".c", ".h", ".inc")):
        if path.startswith(LLVM_FREE):
            for number, line in enumerate(text.splitlines(), 1):
                if include.search(line):
                    yield f"{path}:{number}", "includes a header of LLVM or MLIR"


def options_in_libraries(root):
    """Flags belong to passes and tools: a library's global flag has no owner."""
    for path, text in files(root, (".cpp", ".h")):
        if path.startswith(("lib/", "dialect/", "runtime/", "include/")):
            for number, line in enumerate(text.splitlines(), 1):
                if re.search(r"\bcl::(opt|list|alias)\b", line):
                    yield f"{path}:{number}", "defines a command line flag"


def file_size(root):
    """A file that does not fit in a head should be two files."""
    for path, text in files(root):
        lines = text.count("\n")
        if lines > MAX_LINES:
            yield path, f"has {lines} lines, more than {MAX_LINES}"


def machine_paths(root):
    """Paths of one person's machine are of no use on another."""
    pattern = re.compile(r"(?<![\w.$}])/(home|Users|work|root)/[\w.-]+")
    suffixes = SOURCE_SUFFIXES + (".md", ".txt", ".cmake", ".in", ".json", ".sh")
    for path, text in files(root, suffixes):
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}", "names a path of one machine"


def main():
    rules = {
        rule.__name__.replace("_", "-"): rule
        for rule in (
            dead_checks,
            runtime_has_no_llvm,
            options_in_libraries,
            file_size,
            machine_paths,
        )
    }
    if len(sys.argv) != 3 or sys.argv[1] not in rules:
        sys.exit(f"{__doc__}rules: {', '.join(rules)}")
    violations = list(rules[sys.argv[1]](sys.argv[2]))
    for where, what in violations:
        print(f"{where}: {what}")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
