# Build tools: ccache and a fast linker where present, warnings, sanitizers.

# Sloppiness: without it ccache takes no file that is compiled with a precompiled header. Depend:
# what is not in the cache is compiled without being preprocessed first.
find_program(TERN_CCACHE ccache)
if(TERN_CCACHE)
  set(TERN_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1 ${TERN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TERN_LAUNCHER})
  set(CMAKE_C_COMPILER_LAUNCHER ${TERN_LAUNCHER})
endif()
option(TERN_PRECOMPILED_HEADERS "Parse the headers that many files need once" ON)
if(NOT TERN_PRECOMPILED_HEADERS)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

find_program(TERN_MOLD mold)
if(TERN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(TERN_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")
if(TERN_SANITIZE)
  add_compile_options(-fsanitize=${TERN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TERN_SANITIZE})
endif()

find_package(Threads REQUIRED)

# tern_library(NAME SHARED|STATIC SOURCES...): one of our libraries, with our warnings.
function(tern_library name kind)
  add_library(${name} ${kind} ${ARGN})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/tern>)
  # -Wrestrict sees ghosts in "literal" + std::string with GCC 12 (its bug 105651).
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wshadow
                                         $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endfunction()
