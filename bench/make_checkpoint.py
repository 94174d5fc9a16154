#!/usr/bin/env python3
"""Writes a Mamba checkpoint of a published size with random weights, for timing.

usage: make_checkpoint.py mamba-130m OUT [--sparse]

With --sparse the weights are a hole in the file: enough to compile, of no use to
run. Needs numpy.
"""
import argparse
import json
import os
import struct

import numpy as np

SIZES = {"mamba-130m": (768, 24), "mamba-370m": (1024, 48), "mamba-790m": (1536, 48),
         "mamba-1.4b": (2048, 48), "mamba-2.8b": (2560, 64)}
VOCAB, STATE, WIDTH, EXPAND = 50280, 16, 4, 2


def tensors(d_model, layers):
    """(name, dtype, shape, scale) of every tensor; scale None marks A_log."""
    inner, rank = EXPAND * d_model, -(-d_model // 16)
    yield "backbone.embeddings.weight", "BF16", (VOCAB, d_model), 0.02
    for i in range(layers):
        p = f"backbone.layers.{i}."
        yield p + "norm.weight", "F32", (d_model,), 1.0
        p += "mixer."
        yield p + "in_proj.weight", "BF16", (2 * inner, d_model), d_model**-0.5
        yield p + "conv1d.weight", "BF16", (inner, 1, WIDTH), 0.3
        yield p + "conv1d.bias", "BF16", (inner,), 0.1
        yield p + "x_proj.weight", "BF16", (rank + 2 * STATE, inner), inner**-0.5
        yield p + "dt_proj.weight", "BF16", (inner, rank), rank**-0.5
        yield p + "dt_proj.bias", "F32", (inner,), 1.0
        yield p + "A_log", "F32", (inner, STATE), None
        yield p + "D", "F32", (inner,), 1.0
        yield p + "out_proj.weight", "BF16", (d_model, inner), inner**-0.5
    yield "backbone.norm_f.weight", "F32", (d_model,), 1.0


def values(rng, name, dtype, shape, scale):
    if scale is None:
        data = np.broadcast_to(np.log(np.arange(1, STATE + 1)), shape)
    elif name.endswith(("norm.weight", "norm_f.weight", "D")):
        data = np.ones(shape)
    elif name.endswith("dt_proj.bias"):
        data = np.full(shape, -4.0)
    else:
        data = rng.standard_normal(shape, np.float32) * scale
    data = np.ascontiguousarray(data, np.float32)
    return (data.view(np.uint32) >> 16).astype(np.uint16) if dtype == "BF16" else data


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("out")
    parser.add_argument("--sparse", action="store_true")
    args = parser.parse_args()
    d_model, layers = SIZES[args.size]
    os.makedirs(args.out, exist_ok=True)
    config = {"model_type": "mamba", "hidden_size": d_model, "num_hidden_layers": layers,
              "vocab_size": VOCAB, "state_size": STATE, "conv_kernel": WIDTH,
              "expand": EXPAND, "time_step_rank": "auto", "eos_token_id": None}
    with open(os.path.join(args.out, "config.json"), "w") as file:
        json.dump(config, file, indent=2)

    header, offset = {}, 0
    # Upstream's rule: wide elements first, so that all are aligned.
    order = sorted(tensors(d_model, layers), key=lambda t: t[1] != "F32")
    for name, dtype, shape, _ in order:
        size = int(np.prod(shape)) * (4 if dtype == "F32" else 2)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    rng = np.random.default_rng(0)
    with open(os.path.join(args.out, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        if args.sparse:
            file.truncate(8 + len(text) + offset)
        else:
            for tensor in order:
                file.write(values(rng, *tensor).tobytes())


if __name__ == "__main__":
    main()
