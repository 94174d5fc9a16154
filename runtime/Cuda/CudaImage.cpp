//===- CudaImage.cpp - Which code of a bundle fits a GPU ------------------===//

#include "CudaImage.h"
#include "ssmc/IO/Text.h"
#include <cstdlib>
#include <fmt/format.h>

namespace ssmc::runtime::cuda {

std::string ptxVersion(std::string_view ptx) {
  constexpr std::string_view directive = ".version ";
  size_t begin = ptx.find(directive);
  if (begin == ptx.npos)
    return "unknown";
  begin += directive.size();
  return escaped(ptx.substr(begin, ptx.find_first_of("\r\n", begin) - begin),
                 16);
}

/// Whether an image for `arch` (of the form that the bundle's verifier allows)
/// runs at `capability`.
static bool fits(std::string_view arch, bool cubin, int capability) {
  int number = std::atoi(arch.data() + 3);
  bool sameMajor = number / 10 == capability / 10;
  if (arch.back() == 'a')
    return number == capability;
  if (arch.back() == 'f' || cubin)
    return sameMajor && number <= capability;
  return number <= capability;
}

Result<const bundle::Image *>
chooseImage(const BundleView &bundle, int capability, std::string_view device) {
  const bundle::Image *best = nullptr;
  int bestNumber = 0;
  std::string archs;
  for (const bundle::Image *image : *bundle.body().images()) {
    std::string_view arch = image->arch()->string_view();
    bool cubin = bundle::isCubin(bundle.section(image->section()));
    archs += fmt::format("{}{} ({})", archs.empty() ? "" : ", ", escaped(arch),
                         cubin ? "cubin" : "PTX");
    int number = std::atoi(arch.data() + 3);
    bool specific = arch.back() == 'a' || arch.back() == 'f';
    if (fits(arch, cubin, capability) &&
        (number > bestNumber || (number == bestNumber && specific))) {
      best = image;
      bestNumber = number;
    }
  }
  if (best)
    return best;
  return Status::device(fmt::format(
      "{} has no code for {}: it holds {}, the GPU is sm_{}; compile the model "
      "with --target=sm_{}",
      quoted(bundle.name()), device, archs.empty() ? "no images" : archs,
      capability, capability));
}

bool hasCubinFor(const bundle::Image &image, int capability) {
  return image.cubin_section() != 0 &&
         std::atoi(image.arch()->c_str() + 3) == capability;
}

} // namespace ssmc::runtime::cuda
