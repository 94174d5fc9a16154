"""Runs the commands in the fenced blocks of a Markdown file, in a folder.

A command with "! " before it has to fail. Stops at the first that does not do
what it should.
"""
import re
import subprocess
import sys

text = open(sys.argv[1], encoding="utf-8").read()
commands = [line for block in re.findall(r"^```\n(.*?)^```", text, re.S | re.M)
            for line in block.splitlines()]
for command in commands:
    print("$", command, flush=True)
    wanted = not command.startswith("! ")
    done = subprocess.run(command.removeprefix("! "), shell=True, cwd=sys.argv[2],
                          stderr=subprocess.STDOUT, timeout=120)
    if (done.returncode == 0) != wanted:
        sys.exit(f"exit status {done.returncode}: {command}")
print("walked through", len(commands), "commands")
