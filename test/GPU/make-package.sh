#!/usr/bin/env bash
# Makes a folder that checks the compiled kernels on a machine with a GPU and
# without the compiler:
#
#   ssmc-run, check_suite.py   what runs everything below; see its --help
#   suite/ factorial/ small/ alone/ decode/ repeat/   kernels and cases of the tester
#   planted/                   faults that compute-sanitizer has to report
#   large.ssmb, check_large.py a scan of more than 2^31 elements
#   tiny-mamba-*.ssmb, check_model.py   the example model
#   cases/, check.sh           every case of test/Numerics, by its own RUN lines
#
# There: python3 check_suite.py --out results
#
# usage: test/GPU/make-package.sh OUT     (after ./dev build)
# SSMC_GPU_TARGET is what PTX is made for (default sm_90).
set -euo pipefail
out=${1:?usage: $0 OUT}
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SSMC_BUILD_DIR:-$root/build}/bin
target=${SSMC_GPU_TARGET:-sm_90}
limit_mib=250

compile() { "$bin/ssmc" compile "$@" --target="$target" --no-bitcode; }
# emit FOLDER ARGUMENT…: the kernels of cases and the list of them.
emit() {
  local folder=$1
  shift
  "$bin/ssmc" check "$@" --emit "$out/$folder" --target="$target" --no-bitcode
}

if [[ -n $(ls -A "$out" 2>/dev/null) ]]; then
  echo "make-package.sh: error: $out is not empty; give a new folder" >&2
  exit 1
fi
mkdir -p "$out/cases" "$out/planted"
cp "$bin/ssmc-run" "$root"/test/GPU/check_*.py "$out"
cp -r "$root/test/Numerics/Inputs" "$root/examples/tiny-mamba-kjv" "$out"

for dtype in f32 bf16 f16; do
  compile "$root/examples/tiny-mamba-kjv" --dtype=$dtype -o "$out/tiny-mamba-$dtype.ssmb"
done
compile "$root/test/GPU/large.mlir" -o "$out/large.ssmb"
for fault in "$root"/test/GPU/planted/*.mlir; do
  compile "$fault" --compile-from=gpu -o "$out/planted/$(basename "$fault" .mlir).ssmb"
done

emit suite --suite gpu
emit factorial --suite factorial
emit small --suite gpu-small
emit alone --suite gpu-race
emit decode --only "scan b1 l1000000 d8 n16 D z bias softplus chunk=1 seed=1"
emit repeat \
  --only "scan b2 l257 d130 n16 D z bias softplus h0 hT seed=1" \
  --only "scan b2 l129 d65 n65 u=bf16 D z softplus h0 hT groups=5 seed=2" \
  --only "scan b1 l300 d64 n33 u=f16 seqs=5 h0 hT reverse seed=3" \
  --only "conv b2 l300 d130 k4 bias silu h0 hT seed=4" \
  --only "conv b1 l200 d65 k8 u=bf16 seqs=6 h0 hT seed=5"

{
  echo '#!/usr/bin/env bash'
  echo '# Made by test/GPU/make-package.sh. Wraps each case in $1, e.g. "compute-sanitizer --error-exitcode 9".'
  echo 'cd "$(dirname "$0")"; wrap=${1:-}; pass=0; fail=0'
  echo 'run() { if $wrap ./ssmc-run "$@"; then pass=$((pass+1)); else fail=$((fail+1)); echo "FAILED: $*"; fi; }'
  for case in "$root"/test/Numerics/*.mlir; do
    name=$(basename "$case" .mlir)
    compile "$case" -o "$out/cases/$name.ssmb" 2>/dev/null
    sed -n 's|^// RUN: *||p' "$case" | sed ':a; /\\$/N; s/\\\n//; ta' |
      sed -n "s|^ssmc run %s --device=cpu --check|run run cases/$name.ssmb --device=cuda|; s|%S/||gp"
  done
  echo 'echo "$pass passed, $fail failed"; [ $fail = 0 ]'
} > "$out/check.sh"
chmod +x "$out/check.sh"

mib=$(du -sm "$out" | cut -f1)
echo "$out: $mib MiB"
if ((mib >= limit_mib)); then
  echo "make-package.sh: error: the package is $mib MiB, expected less than $limit_mib" >&2
  exit 1
fi
