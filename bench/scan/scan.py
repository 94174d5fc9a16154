#!/usr/bin/env python3
"""The benchmark of the selective scan: our times, a peer's and the floor.

Compiles one bundle for each shape of peer.json and for each variation, with the
schedules that suit it, measures each with 'bench' in a process of its own, and writes
results.json and results.md. The peer's times are those recorded in peer.json, or
measured beside ours where torch and mamba_ssm with its CUDA extension are installed.
Results are verified by the float64 oracle at smaller sizes, since it is slow, and by two
bit-identical, finite runs at the full ones; the table says so. On a machine without the
compiler it runs bundles that were made before:

  scan.py --compile-only --bundles DIR --target sm_90      # where ssmc is
  scan.py --bundles DIR --ssmc-run ./ssmc-run --out OUT    # where the GPU is

A case that fails is a line that says why, and the others go on. Exit codes are those of
the tools: 3 where results are wrong, 4 without a device, 1 where any case has no time.
"""
import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the tree stays as it is
import cases  # noqa: E402
import table  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
MANIFEST = "bundles.json"
# Time on a GPU is dear: a tenth of what 'bench' takes when it is not told.
METER = ["--min-time=0.03", "--warmup=0.01"]
# Steps that a CPU is done with at once.
CPU_LONGEST = 16


def fail(code, message):
    print(f"scan.py: error: {message}", file=sys.stderr)
    sys.exit(code)


def note(message):
    print(f"scan.py: {message}", file=sys.stderr, flush=True)


def parse_shapes(text, count):
    """The numbers of '1,3-5'."""
    chosen = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= count:
            fail(2, f"--shapes={text}: expected numbers from 1 to {count}, as in 1,3-5")
        chosen.update(range(first, last + 1))
    return chosen


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="scan-results", help="folder for the results (default: scan-results)")
    parser.add_argument("--bundles", help="folder of the bundles (default: OUT/bundles)")
    parser.add_argument("--compile-only", action="store_true", help="make the bundles and stop")
    parser.add_argument("--ssmc", help="the compiler (default: ssmc on the PATH, if there is one)")
    parser.add_argument("--ssmc-run", help="what runs the bundles (default: ssmc, else ssmc-run on the PATH)")
    parser.add_argument("--device", help="cuda, cuda:1 or cpu (default: the GPU, if there is one)")
    parser.add_argument("--target", default="sm_90", help="architectures to compile for (default: sm_90)")
    parser.add_argument("--only", choices=["main", "variations"],
                        help="one of the two tables; the variations come with the shapes they are near to")
    parser.add_argument("--shapes", help="numbers of the first table's shapes, as 1,3-5 (default: all)")
    parser.add_argument("--variation", action="append", choices=[it.name for it in cases.VARIATIONS],
                        help="these lines of the second table (default: all); can be repeated")
    parser.add_argument("--variants", action="append", default=[], metavar="OP:NAME=VALUE,...",
                        help="one more schedule in each bundle, as ssmc's option; can be repeated")
    parser.add_argument("--tune", action="store_true", help="measure the variants first and take the fastest")
    parser.add_argument("--no-peer", action="store_true", help="take the peer's recorded times even where it is installed")
    parser.add_argument("--longest", type=int, metavar="N",
                        help=f"cut sequences to N steps, for a trial (default: not, on a CPU to {CPU_LONGEST})")
    parser.add_argument("--limit", type=float, default=60, help="seconds that one process may take (default: 60)")
    parser.add_argument("--commit", help="of the tools (default: as the bundles' folder or git says)")
    parser.add_argument("bench", nargs="*", help="options of 'bench', after --, as in -- --runs=20 (default: "
                        f"{' '.join(METER)})")
    args = parser.parse_args()
    args.bundles = args.bundles or os.path.join(args.out, "bundles")
    args.ssmc = args.ssmc or shutil.which("ssmc")
    args.runner = args.ssmc_run or args.ssmc or shutil.which("ssmc-run")
    if args.longest is not None and args.longest < 1:
        fail(2, f"--longest={args.longest}: expected a number of steps from 1")
    return args


def choose(args, peer):
    """The cases of the two tables; of the first also what the second needs."""
    main, variations = cases.main_cases(peer), list(cases.VARIATIONS)
    if args.variation:
        variations = [it for it in variations if it.name in args.variation]
    if args.only == "main":
        variations = []
    numbers = parse_shapes(args.shapes, len(main)) if args.shapes else set(range(1, len(main) + 1))
    if args.only == "variations":
        numbers = {int(it.near) for it in variations}
    return [it for it in main if int(it.name) in numbers], variations


def run(command, limit):
    """Output, messages and exit code; a time-out is no worse than a failure."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return "", f"took longer than {limit:g} s", 1
    except OSError as error:
        fail(2, f"cannot run {command[0]}: {error.strerror}")
    problem = f"ended by signal {-done.returncode}" if done.returncode < 0 else done.stderr.strip()
    return done.stdout, problem, done.returncode


# Making bundles.


def commit_of_tree():
    """With a mark where files differ from it; none where this is no repository."""
    try:
        done = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    return done.stdout.strip() or None


def schedule_in(remarks):
    """The cost model's choice for the scan, as the variants of a bundle are named."""
    match = re.search(r"chose #kernel\.schedule<(\w+)(?:, \{(.*?)\})?> for kernel\.scan[^\n]*?([\d.]+) us estimated", remarks)
    if not match:
        return None, None
    parameters = re.sub(r" : i64|,", "", match[2] or "").replace(" = ", "=")
    return f"{match[1]} {parameters}".strip(), float(match[3])


def first_error(messages):
    errors = [line for line in messages.splitlines() if "error: " in line and " remark: " not in line]
    return (errors or [messages or "failed without a message"])[0]


def compile_case(args, case, variants, for_cpu):
    """Remarks, and the error where there is no bundle."""
    sizes = ",".join(f"{name}={size}" for name, size in case.assumed().items())
    command = [args.ssmc, "compile", os.path.join(args.bundles, f"{case.name}.mlir"), f"--target={args.target}",
               f"--assume={sizes}", *(f"--variants={it}" for it in variants), "--remarks=kernel-assign-schedules",
               "-o", os.path.join(args.bundles, f"{case.name}.ssmb")]
    if not for_cpu:
        command.append("--no-bitcode")
    _, messages, code = run(command, args.limit)
    return messages, None if code == 0 else first_error(messages)


def compile_all(args, chosen, for_cpu):
    """A bundle of each case, and a file that says what is in them. A variant that one
    case refuses is left out there; one that all refuse is a wrong option."""
    os.makedirs(args.bundles, exist_ok=True)
    manifest = {"commit": args.commit or commit_of_tree(), "target": args.target, "variants": args.variants, "cases": {}}
    for case in chosen:
        with open(os.path.join(args.bundles, f"{case.name}.mlir"), "w", encoding="utf-8") as file:
            file.write(case.mlir())
        messages, error = compile_case(args, case, args.variants, for_cpu)
        refused = {}
        if error and args.variants:
            for variant in args.variants:
                why = compile_case(args, case, [variant], for_cpu)[1]
                if why:
                    refused[variant] = why
                    note(f"{case.name} ({case.shape}) without {variant}: {why}")
            taken = [it for it in args.variants if it not in refused]
            messages, error = compile_case(args, case, taken, for_cpu)
        schedule, estimate = schedule_in(messages)
        manifest["cases"][case.name] = {"schedule": schedule, "estimated_us": estimate, "refused": refused, "error": error}
        if error:
            note(f"{case.name} ({case.shape}): {error}")
    for variant in args.variants:
        reasons = [it["refused"].get(variant) for it in manifest["cases"].values()]
        if all(reasons):
            fail(2, f"--variants={variant}: {reasons[0]}")
    with open(os.path.join(args.bundles, MANIFEST), "w", encoding="utf-8") as file:
        file.write(json.dumps(manifest, indent=1) + "\n")
    return manifest


def read_manifest(args, chosen):
    path = os.path.join(args.bundles, MANIFEST)
    try:
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
    except (OSError, ValueError):
        fail(1, f"{path} cannot be read, and there is no ssmc to make bundles; make them with --compile-only where ssmc is")
    for case in chosen:
        if case.name not in manifest["cases"]:
            fail(1, f"{args.bundles} has no bundle of {case.name} ({case.shape}), and there is no ssmc to make it")
    return manifest


# Measuring.


def find_device(runner):
    """The first device that the runner can use."""
    devices = subprocess.run([runner, "devices"], stdout=subprocess.PIPE, text=True)
    for line in devices.stdout.splitlines():
        if ": usable" in line:
            return line.split(":")[0]
    fail(4, f"'{runner} devices' lists no usable device")


def driver_version():
    """As nvidia-smi says, where it is installed: 'bench' knows CUDA's only."""
    try:
        done = subprocess.run(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    lines = done.stdout.split()
    return lines[0] if done.returncode == 0 and lines else None


def measure_peer(args, chosen):
    """Times of the peer by shape, and its versions; none where it is not installed."""
    command = [sys.executable, os.path.join(HERE, "peer.py"),
               *(f"{it.batch},{it.dim},{it.seqlen}" for it in chosen)]
    out, messages, _ = run(command, 3 * args.limit)  # The import alone may take one.
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    if not lines:
        note(f"the peer's recorded times are taken: {(messages.splitlines() or ['peer.py said nothing'])[-1]}")
        return {}, None
    for line in lines[1:]:
        if "error" in line:
            note(f"peer at {line['shape']}: {line['error']}; its recorded time is taken")
    return {tuple(it["shape"]): it["us"] for it in lines[1:] if "us" in it}, lines[0]["versions"]


def verified_text(row, messages):
    """With the sizes that the oracle was asked at."""
    match = re.search(r"verified against the oracle, case '(.*?)'", messages)
    sizes = " ".join(re.findall(r"\b(?:b|l)\d+\b", match[1])) if match else ""
    return row["verified"].replace("oracle", f"oracle ({sizes})" if sizes else "oracle").replace("+", ", ")


def variant_text(row, made):
    """What ran: the variant taken and why, else the cost model's choice."""
    if not row.get("variants"):
        return made["schedule"]
    texts = [re.sub(r"^.* takes \d+, '(.*)' \((.*)\)$", r"\1 (\2)", it) for it in row["variants"]]
    return "; ".join(dict.fromkeys(texts))


def measure(args, case, made):
    """The line of a case without what compares it with others; and its exit code."""
    line = {"name": case.name, "shape": case.shape, "near": case.near, "median_us": None, "verified": "-",
            "variant": made["schedule"], "estimated_us": made["estimated_us"], "refused": made["refused"], "error": made["error"],
            "bytes": case.bytes(), "special_functions": case.special_functions(), "bench": None}
    if made["error"]:
        return line, 1
    bundle = os.path.join(args.bundles, f"{case.name}.ssmb")
    sizes = ",".join(f"{name}={size}" for name, size in case.dims(args.longest).items())
    common = [bundle, f"--device={args.device}", f"--dims={sizes}"]
    problem, tune_code = "", 0
    if args.tune:
        options = [it for it in args.bench if re.match(r"--(min-time|warmup|runs)=", it)]
        out, messages, tune_code = run([args.runner, "tune", *common, *options], args.limit)
        line["tune"] = out.splitlines()
        if tune_code != 0:
            problem = f"tune: {(messages.splitlines() or ['failed'])[-1]}"
    out, messages, code = run([args.runner, "bench", *common, "--format=json", *args.bench], args.limit)
    for text in messages.splitlines():
        if "warning: " in text:
            print(text, file=sys.stderr)
    try:
        row = json.loads(out)[0]
    except (ValueError, IndexError):  # Ended before the line, or in it.
        line["error"] = messages or problem or f"exit code {code}"
        return line, code or 1
    line.update(median_us=row["median_us"], verified=verified_text(row, messages), bench=row,
                variant=variant_text(row, made), error=row["note"] or problem or None)
    return line, code or tune_code


def floors(line, case, peer, args):
    """By the counts on the card of the ceilings, else what 'bench' says of its device."""
    row = line["bench"] or {}
    if args.longest is None and row.get("device") == peer["device"]:
        return case.floor_us(peer["ceilings"])
    return row.get("floor_us")


def write(args, results, peer):
    os.makedirs(args.out, exist_ok=True)
    text = table.markdown(results, peer)
    for name, content in [("results.json", json.dumps(results, indent=1) + "\n"), ("results.md", text)]:
        with open(os.path.join(args.out, name), "w", encoding="utf-8") as file:
            file.write(content)
    return text


def measure_all(args, manifest, main, variations, peer):
    """Writes the results after each case: what a machine was taken away from is kept."""
    is_gpu = args.device.startswith("cuda")
    times, versions = measure_peer(args, main) if main and is_gpu and not args.no_peer and not args.longest else ({}, None)
    peer["measured_versions"] = versions
    recorded = {(it["batch"], it["dim"], it["seqlen"]): it["us"] for it in peer["times"]}
    results = {"device": "", "driver": "", "date": str(datetime.date.today()), "commit": args.commit or manifest["commit"],
               "longest": args.longest, "tuned": args.tune, "variants": manifest["variants"], "peer_versions": versions,
               "main": [], "variations": []}
    exit_code = 0
    for case in main + variations:
        begin = time.monotonic()
        line, code = measure(args, case, manifest["cases"][case.name])
        line["seconds"] = round(time.monotonic() - begin, 2)
        if line["bench"] and not results["device"]:
            driver = driver_version() if is_gpu else None
            results["device"] = line["bench"]["device"]
            results["driver"] = ", ".join(it for it in (f"driver {driver}" if driver else "", line["bench"]["driver"]) if it)
        line["floor_us"] = floors(line, case, peer, args)
        if case.near:
            near = next((it for it in results["main"] if it["name"] == case.near), None)
            near_case = next((it for it in main if it.name == case.near), None)
            line["predicted_us"] = near["median_us"] * case.floor_us(peer["ceilings"]) / near_case.floor_us(
                peer["ceilings"]) if near and near["median_us"] else None
            results["variations"].append(line)
        else:
            shape = (case.batch, case.dim, case.seqlen)
            here = is_gpu and args.longest is None
            line["peer_us"] = times.get(shape, recorded[shape]) if here else None
            line["peer_from"] = ("this run" if shape in times else "recorded") if here else None
            results["main"].append(line)
        told = f"{line['median_us']:12.1f} us" if line["median_us"] else line["error"]
        note(f"{case.name:>10} {case.shape:>16}  {told}  ({line['seconds']:.1f} s)")
        write(args, results, peer)
        exit_code = code if code in (2, 3, 4) else exit_code
        if code == 4:
            fail(code, line["error"])
    return results, exit_code


def main():
    args = arguments()
    with open(os.path.join(HERE, "peer.json"), encoding="utf-8") as file:
        peer = json.load(file)
    main_chosen, variations = choose(args, peer)
    chosen = main_chosen + variations
    if args.compile_only:
        if not args.ssmc:
            fail(2, "--compile-only needs the compiler: give --ssmc=PATH")
        manifest = compile_all(args, chosen, for_cpu=args.device == "cpu")
        errors = [it for it in manifest["cases"].values() if it["error"]]
        note(f"{len(chosen) - len(errors)} of {len(chosen)} bundles are in {args.bundles}")
        return 1 if errors else 0
    if not args.runner:
        fail(2, "neither ssmc nor ssmc-run is on the PATH; give --ssmc=PATH or --ssmc-run=PATH")
    args.device = args.device or find_device(args.runner)
    is_cpu = args.device.startswith("cpu")
    if is_cpu and args.longest is None:
        args.longest = CPU_LONGEST
    args.bench = args.bench or METER
    manifest = compile_all(args, chosen, for_cpu=is_cpu) if args.ssmc else read_manifest(args, chosen)
    results, exit_code = measure_all(args, manifest, main_chosen, variations, peer)
    print(write(args, results, peer), end="")
    note(f"wrote results.json and results.md in {args.out}")
    if exit_code == 0 and not all(row["median_us"] for row in results["main"] + results["variations"]):
        return 1
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
