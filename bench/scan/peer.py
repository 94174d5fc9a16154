#!/usr/bin/env python3
"""Times mamba_ssm's selective_scan_cuda.fwd as triton.testing.do_bench does.

usage: peer.py BATCH,DIM,SEQLEN…

For each shape one line of JSON: {"shape": …, "us": …} or {"shape": …, "error": …};
before them one with the versions and the device. Exit code 1 where torch or the
CUDA extension of mamba_ssm cannot be imported, or there is no GPU. bf16, dstate 16, with D,
z, delta_bias and softplus, in the layout (batch, dim, seqlen), which is the peer's own.
"""
import importlib.metadata
import json
import statistics
import sys

FLUSH_BYTES = 256 * 10**6
WARMUP_MS, MEASURE_MS = 25, 100


def median_us(torch, call):
    """The median of runs that each find the second-level cache overwritten."""
    flush = torch.empty(FLUSH_BYTES // 4, dtype=torch.int32, device="cuda")

    def times_ms(count):
        pairs = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(count)]
        for begin, end in pairs:
            flush.zero_()
            begin.record()
            call()
            end.record()
        torch.cuda.synchronize()
        return [begin.elapsed_time(end) for begin, end in pairs]

    call()
    torch.cuda.synchronize()
    estimate = max(statistics.mean(times_ms(5)), 1e-3)
    times_ms(max(1, int(WARMUP_MS / estimate)))
    return 1e3 * statistics.median(times_ms(max(10, int(MEASURE_MS / estimate))))


def measure(torch, extension, batch, dim, seqlen, dstate=16):
    def activation():
        return torch.randn(batch, dim, seqlen, device="cuda", dtype=torch.bfloat16)

    def matrix():
        return torch.randn(batch, 1, dstate, seqlen, device="cuda", dtype=torch.bfloat16)

    u, z, delta = activation(), activation(), activation().abs_().mul_(0.05)
    A = -1 - 15 * torch.rand(dim, dstate, device="cuda")
    B, C = matrix(), matrix()
    D = torch.randn(dim, device="cuda")
    bias = -6.9 + 4.65 * torch.rand(dim, device="cuda")
    with torch.no_grad():
        return median_us(torch, lambda: extension.fwd(u, delta, A, B, C, D, z, bias, True))


def main():
    try:
        import torch
        import selective_scan_cuda
    except Exception as error:  # An extension of another build fails in many ways.
        print(f"peer.py: {error}", file=sys.stderr)
        return 1
    if not torch.cuda.is_available():
        print("peer.py: torch finds no GPU", file=sys.stderr)
        return 1
    try:
        version = importlib.metadata.version("mamba_ssm")
    except importlib.metadata.PackageNotFoundError:
        version = "of unknown version"
    print(json.dumps({"device": torch.cuda.get_device_name(),
                      "versions": f"mamba_ssm {version}, PyTorch {torch.__version__}"}), flush=True)
    for text in sys.argv[1:]:
        shape = [int(size) for size in text.split(",")]
        try:
            line = {"shape": shape, "us": measure(torch, selective_scan_cuda, *shape)}
        except RuntimeError as error:  # Too little memory, most likely.
            line = {"shape": shape, "error": str(error).splitlines()[0]}
        print(json.dumps(line), flush=True)
        torch.cuda.empty_cache()
    return 0


if __name__ == "__main__":
    sys.exit(main())
