// Each kernel without a schedule gets one, and a remark says which.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-assign-schedules | FileCheck %s
// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-assign-schedules \
// RUN:   --remarks-filter=kernel-assign-schedules --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// A prefill's product is tiled, its window is cut.
// CHECK-LABEL: func @prefill
// CHECK: kernel.matmul {{.*}} schedule <tiled> ->
// CHECK: kernel.window {{.*}} schedule <sequential, {loads = 16 : i64, steps = 16 : i64, threads = 128 : i64}> ->
// CHECK: kernel.scan {{.*}} schedule <chained, {{{.*}}}> ->
// CHECK: kernel.row_reduce {{.*}} schedule <rows, {threads = 256 : i64}> ->
// CHECK: kernel.map {{.*}} schedule <elementwise> ->
// REMARK: kernel-assign-schedules.mlir:[[# @LINE + 6]]:{{.*}} remark: {{.*}}chose #kernel.schedule<tiled> for kernel.matmul
// REMARK: chose #kernel.schedule<chained, {{{.*}}}> for kernel.scan, the least of {{[0-9]+}} schedules: {{[0-9]+}} us estimated for sm_90 (H200) at assumed batch=1, seqlen=2048
func.func @prefill(
    %x: tensor<?x?x512xf32>, %w: tensor<512x512xbf16>, %conv: tensor<512x4xf32>,
    %A: tensor<512x16xf32>, %B: tensor<?x?x16xf32>, %norm: tensor<512xf32>)
    -> tensor<?x?x512xf32> {
  %0 = ssm.linear %x, %w
      : tensor<?x?x512xf32>, tensor<512x512xbf16> -> tensor<?x?x512xf32>
  %1 = ssm.causal_conv1d %0, %conv
      : tensor<?x?x512xf32>, tensor<512x4xf32> -> tensor<?x?x512xf32>
  %2 = ssm.selective_scan %1, %1, %A, %B, %B
      : tensor<?x?x512xf32>, tensor<?x?x512xf32>, tensor<512x16xf32>,
        tensor<?x?x16xf32>, tensor<?x?x16xf32> -> tensor<?x?x512xf32>
  %3 = ssm.rms_norm %2, %norm eps 1.0e-5
      : tensor<?x?x512xf32>, tensor<512xf32> -> tensor<?x?x512xf32>
  %4 = ssm.silu %3 : tensor<?x?x512xf32>
  return %4 : tensor<?x?x512xf32>
}

// A decode step's is by rows, its window whole, its scan without look-ahead.
// CHECK-LABEL: func @step
// CHECK: kernel.matmul {{.*}} schedule <rows, {columns = 4 : i64, threads = 128 : i64}> ->
// CHECK: kernel.window {{.*}} schedule <sequential, {steps = 0 : i64, threads = 128 : i64}> ->
// CHECK: kernel.scan {{.*}} schedule <sequential, {lanes = 4 : i64, steps = 1 : i64, threads = 128 : i64}> ->
// CHECK: kernel.row_reduce {{.*}} schedule <rows, {threads = 32 : i64}> ->
// CHECK: kernel.gather {{.*}} schedule <elementwise> :
func.func @step(
    %x: tensor<?x1x8xf32>, %w: tensor<8x8xbf16>, %conv: tensor<8x4xf32>,
    %A: tensor<8x128xf32>, %B: tensor<?x1x128xf32>, %norm: tensor<8xf32>,
    %ids: tensor<?x1xi32>) -> (tensor<?x1x8xf32>, tensor<?x1x8xf32>) {
  %0 = ssm.linear %x, %w
      : tensor<?x1x8xf32>, tensor<8x8xbf16> -> tensor<?x1x8xf32>
  %1 = ssm.causal_conv1d %0, %conv
      : tensor<?x1x8xf32>, tensor<8x4xf32> -> tensor<?x1x8xf32>
  // 128 states are too many for one thread's registers.
  %2 = ssm.selective_scan %1, %1, %A, %B, %B
      : tensor<?x1x8xf32>, tensor<?x1x8xf32>, tensor<8x128xf32>,
        tensor<?x1x128xf32>, tensor<?x1x128xf32> -> tensor<?x1x8xf32>
  %3 = ssm.rms_norm %2, %norm eps 1.0e-5
      : tensor<?x1x8xf32>, tensor<8xf32> -> tensor<?x1x8xf32>
  %4 = ssm.embedding %ids, %w
      : tensor<?x1xi32>, tensor<8x8xbf16> -> tensor<?x1x8xf32>
  return %3, %4 : tensor<?x1x8xf32>, tensor<?x1x8xf32>
}

// Lanes share a channel so that 16 bytes of its state are a thread's; convolutions
// along contiguous time have their lanes along time.
// CHECK-LABEL: func @accesses
// CHECK: kernel.scan {{.*}} schedule <sequential, {lanes = 4 : i64, steps = 1 : i64, threads = 128 : i64}> ->
// CHECK: kernel.scan {{.*}} schedule <sequential, {lanes = 2 : i64, steps = 1 : i64, threads = 128 : i64}> ->
// CHECK: kernel.window {{.*}} schedule <tiled, {rounds = 2 : i64, steps = 8 : i64, threads = 128 : i64}> ->
// CHECK: kernel.window {{.*}} schedule <sequential, {loads = 8 : i64, steps = 0 : i64, threads = 128 : i64}> ->
func.func @accesses(
    %u: tensor<?x1x8xf32>, %A: tensor<8x16xf32>, %B: tensor<?x1x16xf32>,
    %h: tensor<?x8x16xf32>, %g: tensor<?x8x16xf16>, %x: tensor<?x8x?xbf16>,
    %conv: tensor<8x4xf32>, %tokens: tensor<1x?x8xbf16>, %offsets: tensor<?xi32>)
    -> (tensor<?x1x8xf32>, tensor<?x8x16xf32>, tensor<?x1x8xf32>,
        tensor<?x8x16xf16>, tensor<?x8x?xbf16>, tensor<1x?x8xbf16>) {
  %0, %1 = ssm.selective_scan %u, %u, %A, %B, %B
      initial_state(%h : tensor<?x8x16xf32>)
      : tensor<?x1x8xf32>, tensor<?x1x8xf32>, tensor<8x16xf32>,
        tensor<?x1x16xf32>, tensor<?x1x16xf32>
      -> tensor<?x1x8xf32>, tensor<?x8x16xf32>
  %2, %3 = ssm.selective_scan %u, %u, %A, %B, %B
      initial_state(%g : tensor<?x8x16xf16>)
      : tensor<?x1x8xf32>, tensor<?x1x8xf32>, tensor<8x16xf32>,
        tensor<?x1x16xf32>, tensor<?x1x16xf32>
      -> tensor<?x1x8xf32>, tensor<?x8x16xf16>
  %4 = ssm.causal_conv1d %x, %conv layout channel_major
      : tensor<?x8x?xbf16>, tensor<8x4xf32> -> tensor<?x8x?xbf16>
  %5 = ssm.causal_conv1d %tokens, %conv cu_seqlens(%offsets : tensor<?xi32>)
      : tensor<1x?x8xbf16>, tensor<8x4xf32> -> tensor<1x?x8xbf16>
  return %0, %1, %2, %3, %4, %5
      : tensor<?x1x8xf32>, tensor<?x8x16xf32>, tensor<?x1x8xf32>,
        tensor<?x8x16xf16>, tensor<?x8x?xbf16>, tensor<1x?x8xbf16>
}

// Complex states are twice as many numbers.
// CHECK-LABEL: func @complex
// CHECK: kernel.scan {{.*}} decay cexp2 schedule <sequential, {lanes = 1 : i64, steps = 4 : i64, threads = 64 : i64}> ->
// CHECK: kernel.scan {{.*}} decay cexp2 schedule <sequential, {lanes = 4 : i64, steps = 4 : i64, threads = 64 : i64}> ->
func.func @complex(%u: tensor<?x?x8xf32>, %A: tensor<8x16x2xf32>,
                   %E: tensor<8x33x2xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %0 = ssm.selective_scan %u, %u, %A, %A, %A
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x16x2xf32>,
        tensor<8x16x2xf32>, tensor<8x16x2xf32> -> tensor<?x?x8xf32>
  %1 = ssm.selective_scan %u, %u, %E, %E, %E
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x33x2xf32>,
        tensor<8x33x2xf32>, tensor<8x33x2xf32> -> tensor<?x?x8xf32>
  return %0, %1 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// A schedule in the file is obeyed, without a remark.
// CHECK-LABEL: func @forced
// CHECK: kernel.map {{.*}} schedule <elementwise, {threads = 1024 : i64}> ->
// REMARK: lanes = 4 : i64, steps = 4 : i64
// REMARK-NOT: remark:
func.func @forced(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = kernel.map ins(%x : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 1024}> -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<4xf32>
}
