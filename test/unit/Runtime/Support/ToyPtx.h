//===- ToyPtx.h - The kernels of the test bundles, for a real GPU ---------===//
//
// The same kernels as ToyKernels.h, so that the test bundles run on hardware as
// they are. Speed does not matter: most work is done by one thread of a block.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_RUNTIME_TOYPTX_H
#define SSMC_TEST_UNIT_RUNTIME_TOYPTX_H

#include <string>

namespace ssmc::runtime::test {

/// The text of a module for `target`, e.g. "sm_80".
inline std::string toyPtx(const std::string &target) {
  // target[i] = factor * source[i] for all i below count.
  auto scale = [](const std::string &name, const std::string &factor) {
    return ".visible .entry " + name +
           "(.param .u64 source, .param .u64 target, .param .u64 count) {\n"
           "  .reg .u64 %s, %t, %n, %i, %a, %b;\n"
           "  .reg .u32 %r;\n"
           "  .reg .f32 %f;\n"
           "  .reg .pred %p;\n"
           "  ld.param.u64 %s, [source];\n"
           "  ld.param.u64 %t, [target];\n"
           "  ld.param.u64 %n, [count];\n"
           "  mov.u32 %r, %tid.x;\n"
           "  cvt.u64.u32 %i, %r;\n"
           "loop:\n"
           "  setp.ge.u64 %p, %i, %n;\n"
           "  @%p bra done;\n"
           "  shl.b64 %a, %i, 2;\n"
           "  add.u64 %b, %s, %a;\n"
           "  ld.global.f32 %f, [%b];\n"
           "  mul.rn.f32 %f, %f, " +
           factor +
           ";\n"
           "  add.u64 %b, %t, %a;\n"
           "  st.global.f32 [%b], %f;\n"
           "  add.u64 %i, %i, 32;\n"
           "  bra loop;\n"
           "done:\n"
           "  ret;\n"
           "}\n";
  };
  const char *sumAndAdvance = R"(
.visible .entry toy_sum(.param .u64 ids, .param .u64 sums, .param .u64 length) {
  .reg .u64 %ids, %sums, %n, %i, %b, %a;
  .reg .s64 %sum, %value;
  .reg .u32 %r;
  .reg .s32 %id;
  .reg .pred %p;
  mov.u32 %r, %tid.x;
  setp.ne.u32 %p, %r, 0;
  @%p bra done;
  ld.param.u64 %ids, [ids];
  ld.param.u64 %sums, [sums];
  ld.param.u64 %n, [length];
  mov.u32 %r, %ctaid.x;
  cvt.u64.u32 %b, %r;
  mul.lo.u64 %a, %b, %n;
  shl.b64 %a, %a, 2;
  add.u64 %ids, %ids, %a;
  mov.s64 %sum, 0;
  mov.u64 %i, 0;
loop:
  setp.ge.u64 %p, %i, %n;
  @%p bra store;
  shl.b64 %a, %i, 2;
  add.u64 %a, %ids, %a;
  ld.global.s32 %id, [%a];
  cvt.s64.s32 %value, %id;
  add.s64 %sum, %sum, %value;
  add.u64 %i, %i, 1;
  bra loop;
store:
  shl.b64 %a, %b, 3;
  add.u64 %a, %sums, %a;
  st.global.s64 [%a], %sum;
done:
  ret;
}

.visible .entry toy_advance(.param .u64 sums, .param .u64 total,
                            .param .u64 minusBias, .param .u64 logits,
                            .param .u64 last) {
  .reg .u64 %sums, %totals, %bias, %logits, %n, %i, %b, %a;
  .reg .s64 %sum, %total, %v, %d;
  .reg .u32 %r;
  .reg .f32 %f, %m;
  .reg .pred %p;
  mov.u32 %r, %tid.x;
  setp.ne.u32 %p, %r, 0;
  @%p bra done;
  ld.param.u64 %sums, [sums];
  ld.param.u64 %totals, [total];
  ld.param.u64 %bias, [minusBias];
  ld.param.u64 %logits, [logits];
  ld.param.u64 %n, [last];
  mov.u32 %r, %ctaid.x;
  cvt.u64.u32 %b, %r;
  shl.b64 %a, %b, 3;
  add.u64 %sums, %sums, %a;
  add.u64 %totals, %totals, %a;
  ld.global.s64 %sum, [%sums];
  ld.global.s64 %total, [%totals];
  add.s64 %total, %total, %sum;
  st.global.s64 [%totals], %total;
  rem.s64 %total, %total, 8;
  // 8 floats for each of the `last` rows of block b.
  mul.lo.u64 %a, %b, %n;
  shl.b64 %a, %a, 5;
  add.u64 %logits, %logits, %a;
  shl.b64 %n, %n, 3;
  mov.u64 %i, 0;
loop:
  setp.ge.u64 %p, %i, %n;
  @%p bra done;
  and.b64 %v, %i, 7;
  sub.s64 %d, %v, %total;
  cvt.rn.f32.s64 %f, %d;
  mul.rn.f32 %f, %f, %f;
  neg.f32 %f, %f;
  shl.b64 %a, %v, 2;
  add.u64 %a, %bias, %a;
  ld.global.f32 %m, [%a];
  sub.rn.f32 %f, %f, %m;
  shl.b64 %a, %i, 2;
  add.u64 %a, %logits, %a;
  st.global.f32 [%a], %f;
  add.u64 %i, %i, 1;
  bra loop;
done:
  ret;
}
)";
  return ".version 7.8\n.target " + target + "\n.address_size 64\n" +
         scale("toy_negate", "0fBF800000") + scale("toy_double", "0f40000000") +
         sumAndAdvance;
}

} // namespace ssmc::runtime::test

#endif // SSMC_TEST_UNIT_RUNTIME_TOYPTX_H
