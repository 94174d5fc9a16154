# Finds MLIR and sets up what every compiler target shares: LLVM's flags, its
# include paths, one precompiled header, ssmc_add_library().

# The version file of the packages wants major.minor to be equal.
find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
# LLVMConfig.cmake sets this to the packages' own choice whatever -D says.
set(LLVM_ENABLE_ASSERTIONS ${SSMC_ASSERTIONS})
set(LLVM_RUNTIME_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/bin)
set(LLVM_LIBRARY_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/lib)
include(HandleLLVMOptions)
if(SSMC_SANITIZE)
  # A sanitized shared library finds the runtime in the program that loads it.
  string(REPLACE "-Wl,-z,defs" "" CMAKE_SHARED_LINKER_FLAGS "${CMAKE_SHARED_LINKER_FLAGS}")
endif()
# Where add_mlir_doc() puts the reference pages, under docs/.
set(MLIR_BINARY_DIR ${PROJECT_BINARY_DIR})
separate_arguments(llvm_definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
add_definitions(${llvm_definitions})
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})

# Most of a compiler TU's time is parsing MLIR's headers: parse them once.
set(ssmc_pch_source ${CMAKE_CURRENT_BINARY_DIR}/SSMCPrecompiled.cpp)
file(CONFIGURE OUTPUT ${ssmc_pch_source} CONTENT "" @ONLY)
add_library(SSMCPrecompiled OBJECT ${ssmc_pch_source})
llvm_update_compile_flags(SSMCPrecompiled)
target_precompile_headers(SSMCPrecompiled PRIVATE ${PROJECT_SOURCE_DIR}/lib/Precompiled.h)

# All of MLIR and LLVM, of which the linker takes what is used. From archives: a
# process that loads the packages' shared libraries needs 50 ms before its first
# line, most of it for relocations, and one that has its share of them in it 10.
# By their files: the packages' targets of archives name libLLVM.so, which would
# bring in a second copy of LLVM.
# Sanitized code is kept apart from the packages', in shared libraries: one
# copy of an inline function of LLVM's allocators would be taken for both, and
# poison memory that the other's code does not know to be.
add_library(ssmc_llvm INTERFACE)
if(SSMC_SANITIZE)
  target_link_libraries(ssmc_llvm INTERFACE MLIR LLVM)
else()
  file(GLOB ssmc_llvm_archives ${LLVM_LIBRARY_DIR}/libMLIR*.a
       ${LLVM_LIBRARY_DIR}/libLLVM*.a)
  list(FILTER ssmc_llvm_archives EXCLUDE REGEX "/libMLIR[A-Za-z]*Test")
  list(JOIN ssmc_llvm_archives "," ssmc_llvm_archives)
  find_package(ZLIB REQUIRED)
  find_library(SSMC_ZSTD zstd REQUIRED)
  target_link_libraries(ssmc_llvm INTERFACE
    $<LINK_GROUP:RESCAN,${ssmc_llvm_archives}> ZLIB::ZLIB ${SSMC_ZSTD}
    Threads::Threads ${CMAKE_DL_LIBS} m)
endif()

# What libraries and tools share.
function(ssmc_setup_target name)
  cmake_parse_arguments(ARG "NO_PCH" "" "DEPENDS;LINK" ${ARGN})
  llvm_update_compile_flags(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK} ssmc_llvm)
  if(NOT ARG_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM SSMCPrecompiled)
  endif()
endfunction()

# ssmc_add_library(NAME sources... [DEPENDS targets] [LINK libraries] [NO_PCH])
function(ssmc_add_library name)
  cmake_parse_arguments(ARG "NO_PCH" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  ssmc_setup_target(${name} ${ARGN})
endfunction()

# ssmc_add_tool(NAME sources... [DEPENDS targets] [LINK libraries] [NO_PCH])
function(ssmc_add_tool name)
  cmake_parse_arguments(ARG "NO_PCH" "" "DEPENDS;LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  # As the precompiled header is: clang refuses one made for a library (-fPIC)
  # in an executable (-fPIE).
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  ssmc_setup_target(${name} ${ARGN})
endfunction()
