#!/usr/bin/env python3
"""Compiles the benchmarks with default options for some architectures and names
each kernel that ptxas spills registers of.

usage: spills.py SSMC ARCH…
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "bench")
sys.path.insert(0, os.path.join(BENCH, "scan"))
import cases  # noqa: E402


def benchmarks():
    """(name, text, assumed sizes) of each."""
    with open(os.path.join(BENCH, "scan", "peer.json"), encoding="utf-8") as file:
        peer = json.load(file)
    for case in (*cases.main_cases(peer), *cases.VARIATIONS):
        assumed = ",".join(f"{name}={size}" for name, size in case.assumed().items())
        yield f"scan {case.name}: {case.shape}", case.mlir(), assumed
    for folder, name, assumed in (
            *(("conv", f"{layout}-{dim}", "batch=8,seqlen=2048")
              for layout in ("token", "channel") for dim in (2048, 5120)),
            *(("step", "step-5120", f"batch={batch},seqlen=1") for batch in (1, 16, 128, 512))):
        with open(os.path.join(BENCH, folder, name + ".mlir"), encoding="utf-8") as file:
            yield f"{name} at {assumed}", file.read(), assumed


def spills(ssmc, arch, text, assumed, folder):
    """(kernel, spilled bytes) of each kernel by 'ssmc inspect', which asks ptxas."""
    source, bundle = os.path.join(folder, "case.mlir"), os.path.join(folder, "case.ssmb")
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([ssmc, "compile", source, "--assume", assumed, "--target", arch, "--no-bitcode",
                    "-o", bundle], check=True, stderr=subprocess.DEVNULL)
    shown = subprocess.run([ssmc, "inspect", bundle], check=True, stdout=subprocess.PIPE, text=True).stdout
    table = shown.split(f"registers by ptxas for {arch}", 1)[1].split("\n\n", 1)[0]
    # kernel, block, shared bytes, registers, spilled bytes, what it computes
    return re.findall(r"^  (\S+) +\d+x\d+x\d+ +\d+ +\d+ +(\d+) ", table, re.MULTILINE)


def main():
    ssmc, arches = sys.argv[1], sys.argv[2:]
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for arch in arches:
            for name, text, assumed in benchmarks():
                found = spills(ssmc, arch, text, assumed, folder)
                if not found:
                    sys.exit(f"spills.py: error: '{ssmc} inspect' lists no kernels of {name} for {arch}")
                count += len(found)
                for kernel, size in found:
                    if size != "0":
                        print(f"{arch}: {name}: {kernel} spills {size} bytes")
    print(f"{count} kernels looked at")


if __name__ == "__main__":
    main()
