# Build tools: ccache and a fast linker where present, warnings, sanitizers.

find_program(TERN_CCACHE ccache)
if(TERN_CCACHE)
  # Files that read a precompiled header are kept too.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                                  ${TERN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${TERN_CCACHE})
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

# Headers that most files of a room read take longer to parse than most files of ours. A build that
# shares ccache with other folders does better without; a build without sees to it that each file
# includes what it needs.
option(TERN_PRECOMPILE "Precompile the headers that most files read" OFF)
set(TERN_PRECOMPILED_HEADERS <algorithm> <array> <cmath> <cstddef> <cstdint> <cstring> <functional>
                             <memory> <optional> <string> <string_view> <utility> <vector>)

# tern_precompile(NAME HEADERS...): so many more, <name> or from the top of the checkout.
# tern_precompile(NAME REUSE_FROM OTHER): those of a target that is compiled in the same way.
function(tern_precompile name)
  if(NOT TERN_PRECOMPILE)
    return()
  endif()
  if(ARGV1 STREQUAL "REUSE_FROM")
    target_precompile_headers(${name} ${ARGN})
  else()
    list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ REGEX "^[^<]")
    target_precompile_headers(${name} PRIVATE ${TERN_PRECOMPILED_HEADERS} ${ARGN})
  endif()
  if(TERN_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -fpch-preprocess)  # ccache asks for it
  endif()
  # GCC 12 forgets that what is precompiled is the system's, and warns of the ghosts in there too.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
endfunction()

# tern_unite(NAME FILES...): where headers are precompiled, 24 files are compiled as one, and what their
# templates come to once for all of them. Their anonymous namespaces are one then: an environment's file
# is a namespace of its own. Files with options of their own stay alone.
function(tern_unite name)
  if(NOT TERN_PRECOMPILE)
    return()
  endif()
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # Warnings that are about one file, and take a neighbour's names for a header's.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> -Wno-shadow)
  set(count 0)
  foreach(file ${ARGN})
    math(EXPR part "${count} / 24")
    math(EXPR count "${count} + 1")
    set_property(SOURCE ${file} PROPERTY UNITY_GROUP part_${part})
  endforeach()
endfunction()

# tern_optimize(LEVEL FILES...): files of rooms whose work is inner loops (-O3), or of rooms that read
# words and print answers (-O1), where optimising only makes the first build longer.
function(tern_optimize level)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:${level}>)
endfunction()

# tern_library(NAME SHARED|STATIC SOURCES...): one of our libraries, with our warnings.
function(tern_library name kind)
  add_library(${name} ${kind} ${ARGN})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/tern>)
  # -Wrestrict sees ghosts in "literal" + std::string with GCC 12 (its bug 105651).
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wshadow
                                         $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  # -O3 costs a quarter more compile time, -O1 saves a quarter: see tern_optimize.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O2>)
  set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endfunction()
