# The lit suites: what a test file is, what it may call and which features of
# this machine it may require.

import ctypes
import os
import shutil
import sys

import lit.formats
import lit.util

config.name = "ssmc"
config.test_format = lit.formats.ShTest()
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.ssmc_build_dir, "test")

# Suites that need no compiler; the unit tests choose for themselves.
if config.ssmc_compiler:
    config.available_features.add("compiler")
else:
    without_compiler = {"Lint", "Runtime", "Tools", "unit"}
    config.excludes += [
        name
        for name in os.listdir(config.test_source_root)
        if os.path.isdir(os.path.join(config.test_source_root, name))
        and name not in without_compiler
    ]

# Our tools first, so that an installed ssmc is never tested by mistake.
config.environment["PATH"] = os.pathsep.join(
    [
        os.path.join(config.ssmc_build_dir, "bin"),
        config.llvm_tools_dir,
        os.environ["PATH"],
    ]
)
for name in ("HOME", "SSMC_LIBCUDA", "CUDA_VISIBLE_DEVICES"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%source_dir", config.ssmc_source_dir),
    ("%build_dir", config.ssmc_build_dir),
    ("%examples", os.path.join(config.ssmc_source_dir, "examples")),
    (
        "%runtime_lib",
        os.path.join(config.ssmc_build_dir, "lib", "libssmc_runtime.so"),
    ),
    ("%cc", config.c_compiler),
    ("%python", sys.executable),
]

if config.ssmc_sanitize:
    config.available_features.add("sanitizers")
    # LLVM's packaged libraries are not instrumented, so containers that cross
    # the border look corrupt, and what they keep until exit looks leaked.
    config.environment["ASAN_OPTIONS"] = "detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0"
    config.environment["UBSAN_OPTIONS"] = "print_stacktrace=1"

# The CUDA Toolkit's assembler, where PTX can be checked by NVIDIA's own tool.
if shutil.which("ptxas", path=config.environment["PATH"]):
    config.available_features.add("ptxas")

# A browser, in which the report's page is looked at.
if shutil.which("chromium", path=config.environment["PATH"]):
    config.available_features.add("chromium")


def cuda_device_count():
    """GPUs that the driver shows; 0 without a driver."""
    try:
        driver = ctypes.CDLL(os.environ.get("SSMC_LIBCUDA", "libcuda.so.1"))
        count = ctypes.c_int(0)
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return 0
        return count.value
    except (OSError, AttributeError):
        return 0


if cuda_device_count() > 0:
    config.available_features.add("cuda-device")

# lit can only end a test that hangs where Python has psutil. The limit is for
# all suites of this run, the unit tests too: to lit, a GoogleTest shard is one
# test, and on two cores half of what an executable has. The slowest, of whole
# models on the CPU device, takes minutes, and several times that under
# sanitizers.
if lit.util.killProcessAndChildrenIsSupported()[0]:
    limit = 1200 if config.ssmc_sanitize else 900
    lit_config.maxIndividualTestTime = lit_config.maxIndividualTestTime or limit
