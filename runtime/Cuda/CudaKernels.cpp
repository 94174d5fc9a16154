//===- CudaKernels.cpp - A bundle's kernels on a GPU ----------------------===//

#include "CudaKernels.h"
#include "CudaErrors.h"
#include "CudaImage.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ssmc::runtime::cuda {

Result<std::unique_ptr<CudaKernels>>
CudaKernels::load(std::shared_ptr<CudaContext> context,
                  const BundleView &bundle) {
  std::unique_ptr<CudaKernels> kernels(new CudaKernels(std::move(context)));
  SSMC_TRY(kernels->loadModule(bundle));
  for (const bundle::Kernel *kernel : *bundle.body().kernels())
    SSMC_TRY(kernels->findKernel(*kernel).withContext(
        "kernel " + quoted(kernel->name()->string_view())));
  return kernels;
}

CudaKernels::~CudaKernels() {
  if (module_)
    context_->release("cuModuleUnload",
                      [&] { return context_->driver.cuModuleUnload(module_); });
}

Status CudaKernels::loadModule(const BundleView &bundle) {
  // A bundle whose entries only copy has no kernels and needs no image.
  if (bundle.body().kernels()->size() == 0)
    return {};
  Result<const bundle::Image *> image =
      chooseImage(bundle, context_->limits.capability, context_->description);
  if (!image.ok())
    return image.status();
  auto describe = [&](const char *kind) {
    return fmt::format("the {} {} of {}",
                       escaped((*image)->arch()->string_view()), kind,
                       quoted(bundle.name()));
  };
  CUresult result = kSuccess;
  if (hasCubinFor(**image, context_->limits.capability)) {
    std::string cubin = describe("cubin");
    Status status = loadCode(bundle.section((*image)->cubin_section()),
                             "loading " + cubin, result);
    // Where no code could help, the failure is not the cubin's.
    if (status.ok() || context_->lost() || result == kOutOfMemory)
      return status;
    note_ = fmt::format(
        "{}: the driver, for CUDA {}, refuses {} ({}, {}); the PTX takes its "
        "place, which it compiles first; update the driver, or use an older "
        "ptxas for --cubin",
        context_->description, context_->driver.version(), cubin,
        describeError(result).name, result);
  }
  return loadCode(bundle.section((*image)->section()),
                  "loading " + describe("code"), result);
}

Status CudaKernels::loadCode(std::string_view section, const std::string &what,
                             CUresult &result) {
  // The driver reads PTX up to a zero byte, which the section need not have.
  std::string code(section);

  std::string log(16 << 10, '\0');
  CUjit_option options[] = {kJitErrorLogBuffer, kJitErrorLogBufferSizeBytes};
  // Option values travel in the pointers themselves.
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size() - 1)};
  CUmodule module = nullptr;
  result = context_->driver.cuModuleLoadDataEx(&module, code.c_str(), 2,
                                               options, values);
  if (result == kSuccess) {
    module_ = module;
    return {};
  }
  Status status = context_->check(result, what);
  std::string detail;
  if (result == kUnsupportedPtxVersion && !bundle::isCubin(section))
    detail =
        fmt::format("; the PTX has version {}, the driver supports CUDA {}",
                    ptxVersion(code), context_->driver.version());
  if ((result == kInvalidPtx || result == kInvalidSource) && log[0])
    // The log quotes the PTX; its lines are kept, its escapes are not.
    for (std::string_view rest = log.c_str(); !rest.empty();) {
      size_t end = rest.find('\n');
      detail += "\n  " + escaped(rest.substr(0, end));
      rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    }
  return Status(status.code(), status.message() + detail);
}

Status CudaKernels::findKernel(const bundle::Kernel &kernel) {
  Kernel found;
  found.name = kernel.name()->str();
  const auto &block = *kernel.block();
  found.block = {block.Get(0), block.Get(1), block.Get(2)};
  found.numParameters = kernel.num_pointers() + kernel.num_scalars();
  const CudaDriver &driver = context_->driver;
  SSMC_TRY(context_->check(
      driver.cuModuleGetFunction(&found.function, module_, found.name.c_str()),
      "cuModuleGetFunction"));
  int maxThreads = 0, sharedBytes = 0;
  SSMC_TRY(context_->check(
      driver.cuFuncGetAttribute(&maxThreads, kFunctionMaxThreadsPerBlock,
                                found.function),
      "cuFuncGetAttribute"));
  SSMC_TRY(context_->check(driver.cuFuncGetAttribute(&sharedBytes,
                                                     kFunctionSharedSizeBytes,
                                                     found.function),
                           "cuFuncGetAttribute"));

  const CudaLimits &limits = context_->limits;
  uint32_t threads = found.block[0] * found.block[1] * found.block[2];
  int allowed = std::min(maxThreads, limits.threadsPerBlock);
  if (allowed < 0 || threads > static_cast<uint32_t>(allowed))
    return Status::device(fmt::format(
        "{}: blocks of {} threads, but the registers suffice for {}; compile "
        "the model with smaller blocks",
        context_->description, threads, allowed));
  for (int d = 0; d < 3; ++d)
    if (found.block[d] > static_cast<uint32_t>(limits.block[d]))
      return Status::device(fmt::format(
          "{}: block extent {} is {}, the GPU takes at most {}",
          context_->description, d, found.block[d], limits.block[d]));
  uint64_t shared =
      std::max<uint64_t>(std::max(sharedBytes, 0), kernel.shared_bytes());
  if (shared > static_cast<uint64_t>(limits.sharedBytes))
    return Status::device(fmt::format(
        "{}: {} bytes of shared memory, the GPU has {} per block; compile the "
        "model with smaller tiles",
        context_->description, shared, limits.sharedBytes));
  kernels_.push_back(std::move(found));
  return {};
}

Status CudaKernels::checkLaunch(const LaunchParams &params) const {
  if (params.kernel >= kernels_.size())
    return Status::device(fmt::format("kernel {}, but {} are loaded",
                                      params.kernel, kernels_.size()));
  const Kernel &kernel = kernels_[params.kernel];
  auto fail = [&](const std::string &reason) {
    return Status::device(fmt::format("{}: kernel {}: {}",
                                      context_->description,
                                      quoted(kernel.name), reason));
  };
  if (params.args.size() != kernel.numParameters)
    return fail(fmt::format("{} arguments, expected {}", params.args.size(),
                            kernel.numParameters));
  if (params.block != kernel.block)
    return fail(fmt::format("block {}, the kernel was made for {}",
                            fmt::join(params.block, "x"),
                            fmt::join(kernel.block, "x")));
  for (int d = 0; d < 3; ++d)
    if (params.grid[d] == 0 ||
        params.grid[d] > static_cast<uint32_t>(context_->limits.grid[d]))
      return fail(fmt::format("grid extent {} is {}, expected 1 to {}", d,
                              params.grid[d], context_->limits.grid[d]));
  return {};
}

Status CudaKernels::launch(const LaunchParams &params) {
  SSMC_TRY(checkLaunch(params));
  const Kernel &kernel = kernels_[params.kernel];
  arguments_.clear();
  for (const uint64_t &argument : params.args)
    arguments_.push_back(const_cast<uint64_t *>(&argument));
  context_->launches.add(kernel.name, params);
  CUresult result = context_->driver.cuLaunchKernel(
      kernel.function, params.grid[0], params.grid[1], params.grid[2],
      params.block[0], params.block[1], params.block[2], 0, context_->stream,
      arguments_.data(), nullptr);
  if (result == kSuccess)
    return {};
  return context_->check(result, "launching kernel " + quoted(kernel.name));
}

} // namespace ssmc::runtime::cuda
