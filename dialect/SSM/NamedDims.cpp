//===- NamedDims.cpp - Shape constraints by dimension name ----------------===//

#include "dialect/SSM/NamedDims.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace ssmc;

int64_t NamedDims::size(StringRef name) const {
  auto it = sizes.find(name);
  return it == sizes.end() ? ShapedType::kDynamic : it->second;
}

/// The sizes of a call; all others are those of a model.
static bool mayBeDynamic(StringRef name) {
  return name == "batch" || name == "seqlen" || name == "nseqs" ||
         name == "nseqs+1" || name == "nslots";
}

LogicalResult NamedDims::expect(StringRef what, Type type,
                                ArrayRef<StringRef> names) {
  auto shape = cast<RankedTensorType>(type).getShape();
  bool fits = shape.size() == names.size();
  for (size_t i = 0; fits && i < names.size(); ++i) {
    int64_t known = size(names[i]);
    fits = ShapedType::isDynamic(known) || ShapedType::isDynamic(shape[i]) ||
           known == shape[i];
  }
  if (!fits) {
    std::string expected;
    llvm::raw_string_ostream os(expected);
    llvm::interleaveComma(names, os, [&](StringRef name) {
      os << name;
      if (int64_t known = size(name); !ShapedType::isDynamic(known))
        os << " = " << known;
    });
    return op->emitOpError("expects ")
           << what << " of shape (" << expected << "), got " << type;
  }
  for (auto [name, extent] : llvm::zip(names, shape)) {
    if (!ShapedType::isDynamic(extent))
      sizes[name] = extent;
    else if (!mayBeDynamic(name))
      return op->emitOpError("expects ")
             << what << " with a static " << name << ", got " << type;
  }
  return success();
}
