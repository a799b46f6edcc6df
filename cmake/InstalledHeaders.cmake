# cmake -DSOURCE=.. -DOUT=.. -P InstalledHeaders.cmake: our headers as programs get them, in OUT. There
# they include each other by paths relative to themselves: so they can be included as "tern/envs/env.h" and,
# by plugins, as "envs/env.h", and a program's own core/error.h is never taken for ours. Files that are
# as they were keep their time.

cmake_minimum_required(VERSION 3.25)
file(GLOB_RECURSE headers RELATIVE ${SOURCE} ${SOURCE}/core/*.h ${SOURCE}/envs/*.h ${SOURCE}/replay/*.h
     ${SOURCE}/render/*.h ${SOURCE}/agents/*.h)
list(APPEND headers cli/program.h c_api/tern_c.h)
file(GLOB_RECURSE kept RELATIVE ${OUT} ${OUT}/*.h)
foreach(header ${kept})
  if(NOT header IN_LIST headers)
    file(REMOVE ${OUT}/${header})
  endif()
endforeach()
foreach(header ${headers})
  get_filename_component(folder ${header} DIRECTORY)
  string(REGEX REPLACE "[^/]+" ".." up ${folder})
  file(READ ${SOURCE}/${header} text)
  string(REGEX REPLACE "(#[ \t]*include[ \t]+\")((core|envs|replay|render|agents|cli|c_api)/)" "\\1${up}/\\2" text
         "${text}")
  set(was "")
  if(EXISTS ${OUT}/${header})
    file(READ ${OUT}/${header} was)
  endif()
  if(NOT was STREQUAL text)
    file(WRITE ${OUT}/${header} "${text}")
  endif()
endforeach()
if(STAMP)
  file(TOUCH ${STAMP})
endif()
