//===- copy.cu - What a copy of some size takes ---------------------------===//
//
// The time of copies as the benchmarks here time kernels: CUDA events around
// one launch, 256 MB written before it so that the L2 holds none of its data,
// the median of 50. Small copies reach less of the bandwidth than large ones,
// and what a kernel of that size can be expected to reach is theirs.
//
//   nvcc -O3 -arch=sm_90 -cudart static copy.cu -o copy && ./copy 84 134 336
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>
#include <vector>

static void check(cudaError_t error) {
  if (error == cudaSuccess)
    return;
  std::fprintf(stderr, "copy: error: %s\n", cudaGetErrorString(error));
  std::exit(1);
}

/// 16 bytes a thread.
__global__ void copyOnce(const float4 *from, float4 *to, size_t count) {
  size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
  if (i < count)
    to[i] = from[i];
}

/// Four times 16 bytes a thread, all loads before the first store.
__global__ void copyFour(const float4 *from, float4 *to, size_t count) {
  size_t first = blockIdx.x * size_t(blockDim.x) * 4 + threadIdx.x;
  float4 values[4];
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (first + k * blockDim.x < count)
      values[k] = from[first + k * blockDim.x];
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (first + k * blockDim.x < count)
      to[first + k * blockDim.x] = values[k];
}

__global__ void nothing() {}

/// Microseconds, the median of 50 after 10 that do not count.
template <typename Launch>
static float measure(Launch launch, void *flushed, size_t flushedBytes) {
  cudaEvent_t begin, end;
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  std::vector<float> times;
  for (int run = 0; run < 60; ++run) {
    check(cudaMemsetAsync(flushed, 0, flushedBytes));
    check(cudaEventRecord(begin));
    launch();
    check(cudaGetLastError());
    check(cudaEventRecord(end));
    check(cudaEventSynchronize(end));
    float milliseconds;
    check(cudaEventElapsedTime(&milliseconds, begin, end));
    if (run >= 10)
      times.push_back(milliseconds * 1e3f);
  }
  check(cudaEventDestroy(begin));
  check(cudaEventDestroy(end));
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: copy MEGABYTES... (read and written, 10^6)\n");
    return 2;
  }
  size_t most = 0;
  std::vector<size_t> sizes;
  for (int i = 1; i < argc; ++i) {
    sizes.push_back(std::strtoull(argv[i], nullptr, 10) * 1000000 / 2);
    if (sizes.back() == 0) {
      std::fprintf(stderr, "copy: error: expected megabytes, got '%s'\n",
                   argv[i]);
      return 2;
    }
    most = std::max(most, sizes.back());
  }
  size_t flushedBytes = size_t(256) << 20;
  void *flushed;
  float4 *from, *to;
  check(cudaMalloc(&flushed, flushedBytes));
  check(cudaMalloc(&from, most));
  check(cudaMalloc(&to, most));
  auto time = [&](auto launch) {
    return measure(launch, flushed, flushedBytes);
  };
  std::printf("a kernel that does nothing: %.1f us\n",
              time([] { nothing<<<1, 32>>>(); }));
  for (size_t bytes : sizes) {
    size_t count = bytes / sizeof(float4);
    float memcpy = time([&] {
      check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice));
    });
    float once = time([&] {
      copyOnce<<<unsigned((count + 255) / 256), 256>>>(from, to, count);
    });
    float four = time([&] {
      copyFour<<<unsigned((count + 1023) / 1024), 256>>>(from, to, count);
    });
    std::printf("%zu MB: cudaMemcpy %.1f, 16 bytes a thread %.1f, 64 bytes a "
                "thread %.1f us\n",
                2 * bytes / 1000000, memcpy, once, four);
  }
  return 0;
}
