"""Checks that every ```mlir example in TableGen files is part of a test.

Usage: check-examples.py TEST.mlir FILE.td...
White space does not count. Fails where an example is not in the test, or where
there are no examples at all.
"""

import re
import sys


def normalized(text):
    return " ".join(text.split())


def main():
    with open(sys.argv[1]) as test:
        tested = normalized(test.read())
    count = missing = 0
    for path in sys.argv[2:]:
        with open(path) as file:
            text = file.read()
        for match in re.finditer(r"```mlir\n(.*?)```", text, re.DOTALL):
            count += 1
            if normalized(match.group(1)) not in tested:
                missing += 1
                line = text.count("\n", 0, match.start()) + 2
                print(f"{path}:{line}: this example is not in {sys.argv[1]}")
    print(f"{count - missing} of {count} examples are tested")
    sys.exit(1 if missing or not count else 0)


main()
