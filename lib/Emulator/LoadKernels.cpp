//===- LoadKernels.cpp - Bundles and bitcode for the CPU device -----------===//

#include "Compile.h"
#include "CpuDevice.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Support/Producer.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include <atomic>
#include <mutex>

using namespace llvm;
using namespace ssmc;
using namespace ssmc::emulator;

// Names come from files.
static std::string escaped(StringRef name) {
  std::string text;
  raw_string_ostream stream(text);
  printEscapedString(name, stream);
  return text;
}

static Expected<std::unique_ptr<orc::LLJIT>> createJit() {
  // Kernels have no initializers, which is all that a platform is for.
  auto jit =
      orc::LLJITBuilder().setPlatformSetUp(orc::setUpInactivePlatform).create();
  if (!jit)
    return jit.takeError();
  orc::SymbolMap symbols;
  for (const std::vector<HostSymbol> *list :
       {&hostSymbols(), &conversionSymbols()})
    for (const HostSymbol &symbol : *list)
      symbols[(*jit)->mangleAndIntern(symbol.name)] = {
          orc::ExecutorAddr::fromPtr(symbol.address), JITSymbolFlags::Exported};
  if (Error error = (*jit)->getMainJITDylib().define(
          orc::absoluteSymbols(std::move(symbols))))
    return std::move(error);
  return std::move(*jit);
}

static Error link(CpuKernels &kernels, ArrayRef<CompileRequest> requests,
                  MutableArrayRef<std::unique_ptr<MemoryBuffer>> objects) {
  auto jit = createJit();
  if (!jit)
    return jit.takeError();
  kernels.jit = std::move(*jit);
  for (std::unique_ptr<MemoryBuffer> &object : objects)
    if (Error error = kernels.jit->addObjectFile(std::move(object)))
      return error;
  for (auto [item, request] : zip_equal(kernels.items, requests)) {
    auto entry = kernels.jit->lookup(request.symbol);
    if (!entry)
      return entry.takeError();
    item.kernel.entry = entry->toPtr<KernelEntry>();
  }
  return Error::success();
}

Result<std::unique_ptr<runtime::LoadedKernels>>
CpuDevice::loadBitcode(MemoryBufferRef bitcode,
                       ArrayRef<KernelSource> sources) {
  static std::once_flag initialized;
  std::call_once(initialized, [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
  });

  auto kernels = std::make_unique<CpuKernels>();
  kernels->items.resize(sources.size());
  std::vector<CompileRequest> requests(sources.size());
  std::vector<std::unique_ptr<MemoryBuffer>> objects(sources.size());
  std::vector<std::string> errors(sources.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    requests[i].bitcode = bitcode;
    requests[i].kernel = sources[i].name;
    requests[i].symbol = formatv("ssmc_kernel_{0}", i);
    requests[i].check = options_.check;
    requests[i].dynamicSharedBytes = sources[i].dynamicSharedBytes;
  }

  // Compiling is what loading costs: about 20 ms a kernel.
  std::atomic<size_t> next = 0;
  auto work = [&](unsigned) {
    for (size_t i = next++; i < requests.size(); i = next++) {
      auto object = compileKernel(requests[i], kernels->items[i].kernel);
      if (object)
        objects[i] = std::move(*object);
      else
        errors[i] = escaped(toString(object.takeError()));
      kernels->items[i].kernel.name = escaped(sources[i].name);
    }
  };
  if (requests.size() > 1)
    pool_.run(work);
  else
    work(0);
  for (size_t i = 0; i < errors.size(); ++i)
    if (!errors[i].empty())
      return Status::invalid(formatv("emulator: kernel '{0}': {1}",
                                     kernels->items[i].kernel.name, errors[i]));
  if (Error error = link(*kernels, requests, objects))
    return Status::invalid("emulator: linking the kernels failed: " +
                           toString(std::move(error)));
  return std::unique_ptr<runtime::LoadedKernels>(std::move(kernels));
}

Result<std::unique_ptr<runtime::LoadedKernels>>
ssmc::emulator::loadBitcode(runtime::Device &device, StringRef bitcode,
                            ArrayRef<KernelSource> kernels) {
  return static_cast<CpuDevice &>(device).loadBitcode(
      MemoryBufferRef(bitcode, "bitcode"), kernels);
}

Result<std::unique_ptr<runtime::LoadedKernels>>
CpuDevice::load(const runtime::BundleView &bundle) {
  std::string_view bitcode = bundle.bitcode();
  if (bitcode.empty())
    return Status::invalid(bundle.name() +
                           ": the bundle has no bitcode, which the CPU device "
                           "runs; compile it again with bitcode included");
  // Bitcode holds for one version of LLVM, its intrinsics for one of ssmc.
  StringRef writer(bundle.body().producer()->c_str(),
                   bundle.body().producer()->size());
  if (writer != producer())
    return Status::invalid(
        formatv("{0}: the bundle was written by \"{1}\", and the CPU device of "
                "\"{2}\" runs only its own bundles; compile it again",
                bundle.name(), escaped(writer), producer()));
  std::vector<KernelSource> sources;
  for (const bundle::Kernel *kernel : *bundle.body().kernels())
    sources.push_back({kernel->name()->str(), 0});
  auto loaded = loadBitcode(
      MemoryBufferRef(StringRef(bitcode.data(), bitcode.size()), "bitcode"),
      sources);
  if (!loaded.ok())
    return loaded.status().withContext(bundle.name());
  auto &kernels = static_cast<CpuKernels &>(**loaded);
  for (auto [index, item] : enumerate(kernels.items)) {
    const bundle::Kernel &expected = bundle.kernel(index);
    uint64_t params =
        uint64_t(expected.num_pointers()) + expected.num_scalars();
    if (item.kernel.numParams != params)
      return Status::invalid(formatv(
          "{0}: kernel '{1}' has {2} parameters in the bitcode and {3} in the "
          "plan; the bundle is damaged, compile it again",
          bundle.name(), item.kernel.name, item.kernel.numParams, params));
  }
  return loaded;
}
