# Flags for every target of this project: warnings are errors, assertions on
# request, sanitizers on request.

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Werror)
if(SSMC_ASSERTIONS)
  # Ours only: the LLVM and MLIR libraries are linked as packaged.
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
  string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
endif()
if(SSMC_SANITIZE)
  add_compile_options(-fsanitize=${SSMC_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all -fno-sanitize=vptr,function)
  add_link_options(-fsanitize=${SSMC_SANITIZE})
endif()
