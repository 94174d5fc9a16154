#!/usr/bin/env python3
"""Runs one scan of more than 2^31 elements and checks sampled channels.

usage: check_large.py TOOL BUNDLE DEVICE [--seqlen 32800] [--dir DIR]

TOOL is ssmc or ssmc-run, BUNDLE is large.mlir compiled. Inputs and outputs are
files in DIR (default: a temporary folder): 13 GB at the default length, of which
the tool holds as much in memory again. Channels at both ends, at block borders
and where an element's number passes 2^31 (a byte's 2^32) are compared, at every
step, with a float64 recurrence on the same rounded inputs. The values repeat
along time with periods that no wrapped index maps onto themselves. Needs numpy.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

DIM, STATES = 65600, 3
BORDER = 2**31
# Rows of u and delta that repeat; primes, and so different from each other and
# from what an index of 31 or 32 bits is off by.
PERIOD_U, PERIOD_DELTA = 211, 157


def repeated(path, block, rows):
    """Writes `rows` rows of a tensor (1, rows, DIM) that repeat those of `block`."""
    header = {"descr": "<f2", "fortran_order": False, "shape": (1, rows, DIM)}
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for first in range(0, rows, len(block)):
            block[: rows - first].tofile(file)


def recurrence(u, delta, A, B, C):
    """out (seqlen, channels) and the last state of channels side by side."""
    state = np.zeros(A.shape)
    out = np.empty(u.shape)
    for t in range(len(u)):
        dt = delta[t][:, None]
        state = np.exp(dt * A) * state + dt * u[t][:, None] * B[t]
        out[t] = state @ C[t]
    return out, state


def sampled_channels(seqlen):
    border = BORDER % DIM if BORDER < seqlen * DIM else DIM // 3
    chosen = {0, 1, 63, 64, 127, 128, DIM // 2, 2**15, 2**16 - 1, 2**16, DIM - 65,
              DIM - 64, DIM - 2, DIM - 1, border - 1, border, border + 1}
    return np.array(sorted(chosen))


def half_ulp(values):
    """Half a unit in the last place of f16 at each value."""
    exponents = np.maximum(np.frexp(np.abs(values))[1] - 1, -14)
    return np.ldexp(0.5, exponents - 10)


def compare(name, got, expected, allowed):
    """How much of what is allowed the worst error takes."""
    got = got.astype(np.float64)
    bad = ~np.isfinite(got)
    share = np.abs(got - expected) / allowed
    share[bad] = np.inf
    worst = np.unravel_index(np.argmax(share), share.shape)
    print(f"{name}: largest error {share[worst]:.3g} of what is allowed, at "
          f"{[int(i) for i in worst]} of the sample: got {got[worst]:.6g}, expected "
          f"{expected[worst]:.6g}")
    return float(share[worst])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("tool", "bundle", "device"):
        parser.add_argument(name)
    parser.add_argument("--seqlen", type=int, default=32800)
    parser.add_argument("--dir", help="folder for the files (default: a new one)")
    args = parser.parse_args()
    seqlen = args.seqlen
    random = np.random.default_rng(1)
    start = time.time()

    def say(what):
        print(f"{time.time() - start:5.0f} s: {what}", flush=True)

    with tempfile.TemporaryDirectory(dir=args.dir) as folder:
        path = {name: os.path.join(folder, name + ".npy")
                for name in ("u", "delta", "A", "B", "C", "out", "last_state")}
        u = random.uniform(-1, 1, (PERIOD_U, DIM)).astype(np.float16)
        delta = random.uniform(0.05, 0.5, (PERIOD_DELTA, DIM)).astype(np.float16)
        A = -random.uniform(0.5, 2, (DIM, STATES)).astype(np.float32)
        B, C = (random.uniform(-1, 1, (1, seqlen, STATES)).astype(np.float16)
                for _ in range(2))
        repeated(path["u"], u, seqlen)
        repeated(path["delta"], delta, seqlen)
        for name, values in (("A", A), ("B", B), ("C", C)):
            np.save(path[name], values)
        say(f"inputs of {seqlen * DIM} elements are written")

        command = [args.tool, "run", args.bundle, "--device", args.device]
        for name in ("u", "delta", "A", "B", "C"):
            command += ["--input", f"{name}=@{path[name]}"]
        for name in ("out", "last_state"):
            command += ["--output", f"{name}=@{path[name]}"]
        result = subprocess.run(command)
        if result.returncode != 0:
            print(f"{args.tool} run failed with exit status {result.returncode}")
            return 1
        say("the scan has run")

        channels = sampled_channels(seqlen)
        steps = np.arange(seqlen)
        expected, state = recurrence(
            u[steps % PERIOD_U][:, channels].astype(np.float64),
            delta[steps % PERIOD_DELTA][:, channels].astype(np.float64),
            A[channels].astype(np.float64), B[0].astype(np.float64),
            C[0].astype(np.float64))
        say("the recurrence has run")
        out = np.load(path["out"], mmap_mode="r")
        last = np.load(path["last_state"], mmap_mode="r")
        if out.shape != (1, seqlen, DIM) or last.shape != (1, DIM, STATES):
            print(f"results of shapes {out.shape} and {last.shape}")
            return 1
        # The bounds of ssm.selective_scan: see ssmc check --help.
        slowest = float(np.min(delta)) * float(np.min(np.abs(A)))
        relative = 4e-6 + 2.0**-22 * min(seqlen, 1 / slowest)
        f32 = relative * np.max(np.abs(expected))
        worst = max(
            compare("out", np.array(out[0][:, channels]), expected,
                    f32 + half_ulp(expected)),
            compare("last_state", np.array(last[0][channels]), state,
                    np.full(state.shape, relative * np.max(np.abs(state)))))
        say("compared")
    good = worst <= 1
    print(f"{seqlen * DIM} elements ({seqlen * DIM / BORDER:.4f} of 2^31), "
          f"{len(channels)} channels compared: "
          f"{'passed' if good else 'FAILED'}, largest error {worst:.3g} of the bound")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
