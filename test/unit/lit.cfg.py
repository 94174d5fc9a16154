# The GoogleTest executables of all areas, run by lit like any other test.

import os

import lit.formats

config.name = "ssmc-unit"
config.suffixes = []
config.test_source_root = config.unit_obj_root
config.test_exec_root = config.unit_obj_root
# The executables are in the folders of their areas: "." beside each other.
config.test_format = lit.formats.GoogleTest(".", "Tests")

for name in ("HOME", "TMPDIR", "SSMC_LIBCUDA", "CUDA_VISIBLE_DEVICES"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
if config.ssmc_sanitize:
    # LLVM's packaged libraries are not instrumented, so containers that cross
    # the border look corrupt.
    config.environment["ASAN_OPTIONS"] = "detect_container_overflow=0:allow_user_poisoning=0"
    config.environment["UBSAN_OPTIONS"] = "print_stacktrace=1"
