# tern_add_plugin(NAME SOURCES...): the shared library lib<NAME>.so, a plugin of Tern. One of its
# sources holds the line TERN_EXPORT_ENVS(...) or, in C, the function tern_plugin_entry. Links
# nothing of Tern's; the env's file may use any C++ standard from 17 on.

function(tern_add_plugin name)
  if(NOT ARGN)
    message(FATAL_ERROR "tern_add_plugin(${name}): no source files were named")
  endif()
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Tern::plugin)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  target_link_options(${name} PRIVATE LINKER:--version-script=${map})
  set_target_properties(${name} PROPERTIES PREFIX lib SUFFIX .so LINK_DEPENDS ${map})
endfunction()
