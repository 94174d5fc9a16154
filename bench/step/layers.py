#!/usr/bin/env python3
"""Writes a chain of decode steps: what a model's scans do in one token.

Each layer is the step of step-5120.mlir with parameters and a pool of its own; its u is
the output of the layer before. One launch of a CUDA graph then has many kernels, as a
model's has, and a layer's share of the time does not hold a whole launch.

  layers.py 16 > layers.mlir
"""
import argparse

HEADER = """\
// {count} layers of a decode step (selective_state_update), made by bench/step/layers.py:
// {dim} channels, {dstate} states, bf16 activations, f32 states in rows of pools.

!activation = tensor<?x1x{dim}xbf16>
!matrix = tensor<?x1x{dstate}xbf16>
!decay = tensor<{dim}x{dstate}xf32>
!channel = tensor<{dim}xf32>
!pool = tensor<?x{dim}x{dstate}xf32>
!slots = tensor<?xi32>
"""

SHARED = ["%u0: !activation", "%delta: !activation", "%B: !matrix", "%C: !matrix", "%z: !activation", "%slots: !slots"]
PARAMETERS = ["%A{i}: !decay", "%D{i}: !channel", "%delta_bias{i}: !channel"]

LAYER = """\
  %old{i} = ssm.get_state @h{i} : !pool
  %u{next}, %new{i} = ssm.selective_scan %u{i}, %delta, %A{i}, %B, %C
      D(%D{i} : !channel) z(%z : !activation) delta_bias(%delta_bias{i} : !channel)
      delta_softplus
      initial_state(%old{i} : !pool) state_slots(%slots : !slots)
      : !activation, !activation, !decay, !matrix, !matrix
      -> !activation, !pool
  ssm.set_state @h{i}, %new{i} : !pool
"""


def parameter(text, dims):
    """'%name: type' as a parameter of the function that is called name outside."""
    name = text[1:text.index(":")]
    return f'{text} {{ssm.name = "{name}"{dims}}}'


def module(count, dim, dstate):
    layers = range(count)
    parameters = [parameter(it, ', ssm.dims = ["batch"]') for it in SHARED]
    parameters += [parameter(it.format(i=i), "") for i in layers for it in PARAMETERS]
    parts = [HEADER.format(count=count, dim=dim, dstate=dstate)]
    parts += [f"ssm.state @h{i} : !pool" for i in layers]
    parts.append("\nfunc.func @step(\n    " + ",\n    ".join(parameters) + ")\n"
                 '    -> (!activation {ssm.name = "out"}) {')
    parts += [LAYER.format(i=i, next=i + 1) for i in layers]
    parts.append(f"  return %u{count} : !activation\n}}")
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layers", type=int, help="how many")
    parser.add_argument("--dim", type=int, default=5120, help="channels (default: 5120)")
    parser.add_argument("--dstate", type=int, default=16, help="states of a channel (default: 16)")
    args = parser.parse_args()
    if min(args.layers, args.dim, args.dstate) < 1:
        parser.error("layers, --dim and --dstate are numbers from 1")
    print(module(args.layers, args.dim, args.dstate))


if __name__ == "__main__":
    main()
