#!/usr/bin/env bash
# Makes a folder that checks the compiled kernels on a machine with a GPU and
# without the compiler: ssmc-run, bundles of the example model and of every case
# in test/Numerics, and check.sh, which runs the cases' own RUN lines on `cuda`.
#
# usage: test/GPU/make-package.sh OUT     (after ./dev build)
set -euo pipefail
out=${1:?usage: $0 OUT}
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SSMC_BUILD_DIR:-$root/build}/bin
mkdir -p "$out/cases"
cp "$bin/ssmc-run" "$root/test/GPU/check_model.py" "$out"
cp -r "$root/test/Numerics/Inputs" "$root/examples/tiny-mamba-kjv" "$out"

for dtype in f32 bf16 f16; do
  "$bin/ssmc" compile "$root/examples/tiny-mamba-kjv" --dtype=$dtype \
    -o "$out/tiny-mamba-$dtype.ssmb"
done

{
  echo '#!/usr/bin/env bash'
  echo '# Made by test/GPU/make-package.sh. Wraps each case in $1, e.g. "compute-sanitizer --error-exitcode 9".'
  echo 'cd "$(dirname "$0")"; wrap=${1:-}; pass=0; fail=0'
  echo 'run() { if $wrap ./ssmc-run "$@"; then pass=$((pass+1)); else fail=$((fail+1)); echo "FAILED: $*"; fi; }'
  for case in "$root"/test/Numerics/*.mlir; do
    name=$(basename "$case" .mlir)
    "$bin/ssmc" compile "$case" -o "$out/cases/$name.ssmb" 2>/dev/null
    sed -n 's|^// RUN: *||p' "$case" | sed ':a; /\\$/N; s/\\\n//; ta' |
      sed -n "s|^ssmc run %s --device=cpu --check|run run cases/$name.ssmb --device=cuda|; s|%S/||gp"
  done
  echo 'echo "$pass passed, $fail failed"; [ $fail = 0 ]'
} > "$out/check.sh"
chmod +x "$out/check.sh"
