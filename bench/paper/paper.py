#!/usr/bin/env python3
"""The scan experiment of the Mamba paper: one selective scan, fused and unfused.

Compiles bench/paper/scan.mlir with several fusion strategies, each for every
length, measures all of them with 'bench', and writes results.json, results.md
and scan.svg. Lengths that do not fit in the device's memory are reported as
such. On a machine without the compiler it runs bundles that were made before:

  paper.py --compile-only --bundles DIR --target sm_90     # where ssmc is
  paper.py --bundles DIR --ssmc-run ./ssmc-run --out OUT   # where the GPU is

Exit codes are those of the tools: 3 where results are wrong, 4 without a device.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # the tree stays as it is
import plot  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "scan.mlir")
STRATEGIES = "none,discretize,scan"
# The paper's lengths, and those that a CPU is done with in a minute.
GPU_LENGTHS = [2**i for i in range(9, 20)]
CPU_LENGTHS = [2**i for i in range(9, 12)]


def fail(code, message):
    print(f"paper.py: error: {message}", file=sys.stderr)
    sys.exit(code)


def note(message):
    print(f"paper.py: {message}", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="paper-results", help="folder for the results (default: paper-results)")
    parser.add_argument("--bundles", help="folder of the bundles (default: OUT/bundles)")
    parser.add_argument("--compile-only", action="store_true", help="make the bundles and stop")
    parser.add_argument("--ssmc", help="the compiler (default: ssmc on the PATH, if there is one)")
    parser.add_argument("--ssmc-run", help="what runs the bundles (default: ssmc, else ssmc-run on the PATH)")
    parser.add_argument("--device", help="cuda, cuda:1 or cpu (default: the GPU, if there is one)")
    parser.add_argument("--target", default="sm_80,sm_90", help="architectures to compile for (default: sm_80,sm_90)")
    parser.add_argument("--strategies", default=STRATEGIES, help=f"what to compare (default: {STRATEGIES})")
    parser.add_argument("--seqlen", help="lengths, as 512,1024 (default: 2^9 to 2^19, on a CPU to 2^11)")
    parser.add_argument("bench", nargs="*", help="options of 'bench', after --, as in -- --runs=20")
    args = parser.parse_args()
    args.bundles = args.bundles or os.path.join(args.out, "bundles")
    args.strategies = args.strategies.split(",")
    args.ssmc = args.ssmc or shutil.which("ssmc")
    args.runner = args.ssmc_run or args.ssmc or shutil.which("ssmc-run")
    try:
        args.lengths = [int(length) for length in args.seqlen.split(",")] if args.seqlen else None
    except ValueError:
        fail(2, f"--seqlen={args.seqlen}: expected numbers with commas between them, as in 512,1024")
    if args.lengths and min(args.lengths) < 1:
        fail(2, f"--seqlen={args.seqlen}: lengths are from 1")
    return args


def find_device(runner):
    """The first device that the runner can use."""
    devices = subprocess.run([runner, "devices"], stdout=subprocess.PIPE, text=True)
    for line in devices.stdout.splitlines():
        if ": usable" in line:
            return line.split(":")[0]
    fail(4, f"'{runner} devices' lists no usable device")


def bundle_path(args, strategy, length):
    return os.path.join(args.bundles, f"{strategy}-{length}.ssmb")


def compile_all(args, for_cpu):
    """A bundle of each strategy and length, with the schedules for that length."""
    os.makedirs(args.bundles, exist_ok=True)
    for strategy in args.strategies:
        note(f"compiling with --fuse={strategy}")
        for length in args.lengths:
            command = [args.ssmc, "compile", MODEL, f"--fuse={strategy}", f"--target={args.target}",
                       f"--assume=batch=1,seqlen={length}", "-o", bundle_path(args, strategy, length)]
            if not for_cpu:
                command.append("--no-bitcode")
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                fail(done.returncode, f"{' '.join(command)}\n{done.stderr}")


def measure(args, strategy, length):
    """The line of 'bench', or one that says why there is none; and its exit code."""
    path = bundle_path(args, strategy, length)
    if not os.path.exists(path):
        fail(1, f"{path} is missing, and there is no ssmc to make it; make it with --compile-only where ssmc is")
    command = [args.runner, "bench", path, f"--device={args.device}", f"--dims=batch=1,seqlen={length}",
               f"--label={strategy}", "--format=json", *args.bench]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in done.stderr.splitlines():
        if "warning: " in line:
            print(line, file=sys.stderr)
    if done.stdout:
        row = json.loads(done.stdout)[0]
    else:
        # Ended by a signal, as where a CPU's memory is full, or before the line.
        why = f"ended by signal {-done.returncode}" if done.returncode < 0 else done.stderr.strip()
        row = {"label": strategy, "dims": {"batch": 1, "seqlen": length}, "median_us": None,
               "note": why or f"exit code {done.returncode}"}
    told = f"{row['median_us']:12.1f} us" if row["median_us"] else row["note"]
    note(f"{strategy:>12} {length:>8}  {told}")
    return row, done.returncode


def number(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def table(rows, args):
    """One line a length, a column a strategy; what is missing is said below."""
    by = {(row["label"], row["dims"]["seqlen"]): row for row in rows}
    measured = next((row for row in rows if row["median_us"]), None)
    first, last = args.strategies[0], args.strategies[-1]
    lines = []
    if measured:
        where = measured["device"] + (f", {measured['driver']}" if measured["driver"] else "")
        lines += [f"{where}; batch 1, dim 1024, dstate 16, bf16; medians in µs.", ""]
    heads = ["seqlen", *args.strategies, f"{first} / {last}", f"{last}, GB/s", f"{last}, % of floor", "verified"]
    lines += ["| " + " | ".join(heads) + " |", "|" + "--:|" * (len(heads) - 1) + "---|"]
    for length in args.lengths:
        here = [by[strategy, length] for strategy in args.strategies]
        slow, fast = here[0]["median_us"], here[-1]["median_us"]
        verified = " ".join(dict.fromkeys(row["verified"] for row in here if row["median_us"]))
        cells = [str(length), *(number(row["median_us"], 1) for row in here),
                 number(slow / fast if slow and fast else None, 1),
                 number(here[-1].get("gb_per_s"), 0), number(here[-1].get("floor_percent"), 1), verified or "-"]
        lines.append("| " + " | ".join(cells) + " |")
    missing = [f"- {row['label']}, seqlen {row['dims']['seqlen']}: {row['note']}"
               for row in rows if not row["median_us"]]
    return "\n".join(lines + ([""] + missing if missing else [])) + "\n"


def main():
    args = arguments()
    if args.compile_only:
        if not args.ssmc:
            fail(2, "--compile-only needs the compiler: give --ssmc=PATH")
        args.lengths = args.lengths or GPU_LENGTHS
        compile_all(args, for_cpu=args.device == "cpu")
        return 0
    if not args.runner:
        fail(2, "neither ssmc nor ssmc-run is on the PATH; give --ssmc=PATH or --ssmc-run=PATH")
    args.device = args.device or find_device(args.runner)
    is_cpu = args.device.startswith("cpu")
    args.lengths = args.lengths or (CPU_LENGTHS if is_cpu else GPU_LENGTHS)
    if args.ssmc:
        compile_all(args, for_cpu=is_cpu)

    rows, exit_code = [], 0
    for strategy in args.strategies:
        for length in args.lengths:
            row, code = measure(args, strategy, length)
            rows.append(row)
            # A length that does not fit is a result; wrong numbers are not.
            if code in (2, 3, 4):
                exit_code = code
            if code == 2:
                fail(code, row["note"])
    os.makedirs(args.out, exist_ok=True)
    text = table(rows, args)
    for name, content in [("results.json", json.dumps(rows, indent=1) + "\n"), ("results.md", text),
                          ("scan.svg", plot.svg(rows, args.strategies))]:
        with open(os.path.join(args.out, name), "w", encoding="utf-8") as file:
            file.write(content)
    print(text, end="")
    note(f"wrote results.json, results.md and scan.svg in {args.out}")
    if exit_code == 0 and not any(row["median_us"] for row in rows):
        return 1
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
