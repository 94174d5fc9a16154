#!/usr/bin/env python3
"""Compares a compiled model with recorded outputs of transformers, on any device.

usage: check_model.py TOOL BUNDLE DEVICE MODEL_DIR [--max-rel 1e-4]

TOOL is ssmc or ssmc-run, MODEL_DIR holds the weights and reference.safetensors.
For each recorded prompt, the logits of its last positions have to be within
max-rel of max|logit|, and the greedy tokens have to be equal. Needs numpy.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np


def load_safetensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        data = file.read()
    dtypes = {"F32": np.float32, "I32": np.int32}
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(
            data[slice(*info["data_offsets"])], dtypes[info["dtype"]]
        ).reshape(info["shape"])
        for name, info in header.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tool", "bundle", "device", "model"):
        parser.add_argument(name)
    parser.add_argument("--max-rel", default="1e-4")
    args = parser.parse_args()
    reference = load_safetensors(os.path.join(args.model, "reference.safetensors"))
    common = [args.bundle, "--device", args.device, "--weights", args.model]
    failures = 0

    def run(command, *options):
        result = subprocess.run(
            [args.tool, command, *common, *options], capture_output=True, text=True
        )
        sys.stderr.write(result.stderr)
        return result

    with tempfile.TemporaryDirectory() as scratch:
        ids, expected = (os.path.join(scratch, f) for f in ("ids.npy", "logits.npy"))
        number = 0
        while f"prompt{number}" in reference:
            prompt = reference[f"prompt{number}"]
            logits = reference[f"logits{number}"]
            greedy = reference[f"greedy{number}"]
            np.save(ids, prompt[None])
            np.save(expected, logits[None])
            result = run(
                "run", "--entry", "prefill", "--input", f"ids=@{ids}",
                "--scalar", f"last={len(logits)}",
                "--expected-output", f"logits=@{expected}",
                "--max-rel", args.max_rel,
            )
            print(f"prompt {number}, {len(prompt)} tokens:", result.stdout.strip())
            failures += result.returncode != 0
            result = run(
                "generate", "--prompt-ids", ",".join(map(str, prompt)), "--ids",
                "-n", str(len(greedy)), "--ignore-eos", "--stats",
            )
            got = [int(token) for token in result.stdout.replace(",", " ").split()]
            same = got == list(greedy)
            print(f"prompt {number}: {len(greedy)} greedy tokens",
                  "equal" if same else "DIFFER")
            failures += not same
            number += 1
    print(f"{2 * number - failures} passed, {failures} failed")
    return 1 if failures or not number else 0


if __name__ == "__main__":
    sys.exit(main())
