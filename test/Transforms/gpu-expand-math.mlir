// No op of math is left, nor a softplus, silu or cis: hardware approximations, and
// arithmetic around them.

// RUN: ssmc-opt %s --pass-pipeline="builtin.module(gpu.module(gpu-expand-math))" | FileCheck %s --implicit-check-not=math. --implicit-check-not=ssm.

gpu.module @kernels {

// CHECK-LABEL: func @exp2
// CHECK-SAME: (%[[X:.*]]: f32)
// CHECK-NEXT: %[[Y:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[X]])
// CHECK-NEXT: return %[[Y]]
func.func @exp2(%x: f32) -> f32 {
  %y = math.exp2 %x : f32
  return %y : f32
}

// Half types are widened and rounded once.
// CHECK-LABEL: func @half
// CHECK: %[[WIDE:.*]] = arith.extf %{{.*}} : bf16 to f32
// CHECK-NEXT: %[[Y:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[WIDE]])
// CHECK-NEXT: arith.truncf %[[Y]] : f32 to bf16
// CHECK: llvm.call_intrinsic {{.*}} : (f32) -> f32
// CHECK: arith.truncf {{.*}} : f32 to f16
func.func @half(%x: bf16, %y: f16) -> (bf16, f16) {
  %0 = math.exp2 %x : bf16
  %1 = math.exp2 %y : f16
  return %0, %1 : bf16, f16
}

// The product's rounding error is made good.
// CHECK-LABEL: func @exp
// CHECK: %[[P:.*]] = arith.mulf
// CHECK: %[[NEGATED:.*]] = arith.negf %[[P]]
// CHECK: llvm.intr.fma(%{{.*}}, %{{.*}}, %[[NEGATED]])
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[P]])
// CHECK: llvm.intr.fma
// CHECK: arith.select
func.func @exp(%x: f32) -> f32 {
  %y = math.exp %x : f32
  return %y : f32
}

// CHECK-LABEL: func @rsqrt
// CHECK: llvm.call_intrinsic "llvm.nvvm.rsqrt.approx.ftz.f"
// CHECK-COUNT-2: llvm.intr.fma
func.func @rsqrt(%x: f32) -> f32 {
  %y = math.rsqrt %x : f32
  return %y : f32
}

// CHECK-LABEL: func @logarithms
// CHECK: arith.bitcast
func.func @logarithms(%x: f32) -> (f32, f32, f32) {
  %0 = math.log %x : f32
  %1 = math.log2 %x : f32
  %2 = math.log1p %x : f32
  return %0, %1, %2 : f32, f32, f32
}

// The last product is added to the linear part at once.
// CHECK-LABEL: func @softplus
// CHECK-SAME: (%[[X:.*]]: f32)
// CHECK: "llvm.fabs.f32"
// CHECK: "llvm.nvvm.ex2.approx.ftz.f32"
// CHECK: %[[E:.*]] = llvm.intr.fma
// CHECK-COUNT-7: llvm.intr.fma
// CHECK: %[[RATIO:.*]] = llvm.intr.fma(%{{.*}}, %[[E]], %{{.*}})
// CHECK: %[[LINEAR:.*]] = arith.maximumf %[[X]]
// CHECK: llvm.intr.fma(%[[E]], %[[RATIO]], %[[LINEAR]])
func.func @softplus(%x: f32) -> f32 {
  %y = ssm.softplus %x : f32
  return %y : f32
}

// CHECK-LABEL: func @silu
// CHECK: "llvm.nvvm.ex2.approx.ftz.f32"
// CHECK: %[[R:.*]] = llvm.call_intrinsic "llvm.nvvm.rcp.approx.ftz.f"
// CHECK: arith.mulf %{{.*}}, %[[R]]
func.func @silu(%x: f32) -> f32 {
  %y = ssm.silu %x : f32
  return %y : f32
}

// The fraction of a turn, the distance to its nearest quarter; then, by the
// quarter, cosine and sine change places and signs.
// CHECK-LABEL: func @cis
// CHECK-SAME: (%[[X:.*]]: f32)
// CHECK: %[[WHOLE:.*]] = llvm.call_intrinsic "llvm.roundeven.f32"(%[[X]])
// CHECK: %[[R:.*]] = arith.subf %[[X]], %[[WHOLE]] : f32
// CHECK: %[[COUNTED:.*]] = llvm.intr.fma(%[[R]], %{{.*}}, %[[MAGIC:.*]]) : (f32, f32, f32) -> f32
// CHECK: %[[Q:.*]] = arith.subf %[[COUNTED]], %[[MAGIC]] : f32
// CHECK: %[[F:.*]] = llvm.intr.fma(%[[Q]], %{{.*}}, %[[R]])
// CHECK: arith.mulf %[[F]], %[[F]]
// CHECK: %[[BITS:.*]] = arith.bitcast %[[COUNTED]] : f32 to i32
// CHECK: %[[ODD:.*]] = arith.trunci %[[BITS]] : i32 to i1
// CHECK-DAG: arith.select %[[ODD]], %[[S:.*]], %[[C:.*]] : f32
// CHECK-DAG: arith.select %[[ODD]], %[[C]], %[[S]] : f32
func.func @cis(%x: f32) -> (f32, f32) {
  %cos, %sin = ssm.cis %x : f32
  return %cos, %sin : f32, f32
}

// CHECK-LABEL: func @tanh
// CHECK: "llvm.copysign.f32"
func.func @tanh(%x: f32) -> f32 {
  %y = math.tanh %x : f32
  return %y : f32
}

// By name, since the upstream conversion would call a library for LLVM's ops.
// CHECK-LABEL: func @instructions
// CHECK: llvm.intr.fma
// CHECK: llvm.call_intrinsic "llvm.fabs.f32"
// CHECK: llvm.call_intrinsic "llvm.sqrt.f32"
// CHECK: llvm.call_intrinsic "llvm.floor.f32"
// CHECK: llvm.call_intrinsic "llvm.ceil.f32"
// CHECK: llvm.call_intrinsic "llvm.trunc.f32"
// CHECK: llvm.call_intrinsic "llvm.roundeven.f32"
// CHECK: llvm.call_intrinsic "llvm.copysign.f32"
func.func @instructions(%x: f32) -> f32 {
  %0 = math.fma %x, %x, %x : f32
  %1 = math.absf %0 : f32
  %2 = math.sqrt %1 : f32
  %3 = math.floor %2 : f32
  %4 = math.ceil %3 : f32
  %5 = math.trunc %4 : f32
  %6 = math.roundeven %5 : f32
  %7 = math.copysign %6, %x : f32
  return %7 : f32
}

}
