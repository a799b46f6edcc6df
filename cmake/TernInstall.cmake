# What `cmake --install` puts where, and find_package(Tern), from an installed copy as well as from
# a build folder.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tern)
# A build folder has the same layout, so that one hint serves both.
set(build_package_dir ${PROJECT_BINARY_DIR}/lib/cmake/Tern)

# What programs that embed Tern link.
add_library(tern_embedding INTERFACE)
target_link_libraries(tern_embedding INTERFACE tern_envs tern_core)
target_compile_features(tern_embedding INTERFACE cxx_std_20)

set(targets tern_plugin tern_core tern_envs tern_embedding)
foreach(optional tern_replay tern_render tern_agent_configs tern_kernels tern_agents tern_reference tern_cli tern_c)
  if(TARGET ${optional})
    list(APPEND targets ${optional})
  endif()
endforeach()
set_target_properties(tern_plugin PROPERTIES EXPORT_NAME plugin)
set_target_properties(tern_embedding PROPERTIES EXPORT_NAME tern)
foreach(target tern_core tern_envs tern_replay tern_render tern_agent_configs tern_kernels
        tern_agents tern_reference tern_cli tern_c)
  if(TARGET ${target})
    string(REPLACE "tern_" "" short_name ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${short_name})
  endif()
endforeach()
if(TARGET tern_agents)  # api.h speaks of configurations and policies, which core and envs define
  target_link_libraries(tern_agents INTERFACE tern_embedding)
endif()

install(TARGETS ${targets} EXPORT TernTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET tern_viewing)  # loaded by tern_cli; nobody links it
  install(TARGETS tern_viewing LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(EXPORT TernTargets NAMESPACE Tern:: DESTINATION ${package_dir})
export(EXPORT TernTargets NAMESPACE Tern:: FILE ${build_package_dir}/TernTargets.cmake)

set(TERN_INCLUDE_DIR include)
configure_package_config_file(cmake/TernConfig.cmake.in ${build_package_dir}/TernConfig.cmake
                              INSTALL_DESTINATION lib/cmake/Tern INSTALL_PREFIX ${PROJECT_BINARY_DIR}
                              PATH_VARS TERN_INCLUDE_DIR)
set(TERN_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
set(installed_config ${PROJECT_BINARY_DIR}/installed/TernConfig.cmake)
configure_package_config_file(cmake/TernConfig.cmake.in ${installed_config}
                              INSTALL_DESTINATION ${package_dir} PATH_VARS TERN_INCLUDE_DIR)
write_basic_package_version_file(${build_package_dir}/TernConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
foreach(file TernPlugin.cmake plugin.map)
  configure_file(cmake/${file} ${build_package_dir}/${file} COPYONLY)
endforeach()
install(FILES ${installed_config} ${build_package_dir}/TernConfigVersion.cmake
              cmake/TernPlugin.cmake cmake/plugin.map
        DESTINATION ${package_dir})

# Headers for programs, include/tern: also in a build folder, where each build of a library brings them
# up to date.
set(header_dir ${PROJECT_BINARY_DIR}/include/tern)
set(header_stamp ${PROJECT_BINARY_DIR}/include/tern.stamp)
file(GLOB_RECURSE headers CONFIGURE_DEPENDS core/*.h envs/*.h replay/*.h render/*.h agents/*.h)
list(APPEND headers ${PROJECT_SOURCE_DIR}/cli/program.h ${PROJECT_SOURCE_DIR}/c_api/tern_c.h)
set(header_script ${PROJECT_SOURCE_DIR}/cmake/InstalledHeaders.cmake)
add_custom_command(OUTPUT ${header_stamp}
                   COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUT=${header_dir}
                           -DSTAMP=${header_stamp} -P ${header_script}
                   DEPENDS ${headers} ${header_script}
                   COMMENT "Headers for programs" VERBATIM)
add_custom_target(tern_headers ALL DEPENDS ${header_stamp})
add_dependencies(tern_core tern_headers)
install(DIRECTORY ${header_dir} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# For build systems that ask pkg-config: tern-plugin, tern, tern-agents.
function(tern_pkg_config name description requires libraries flags)
  set(file ${PROJECT_BINARY_DIR}/lib/pkgconfig/${name}.pc)
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT "prefix=\${pcfiledir}/@pkg_config_up@
includedir=\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
libdir=\${prefix}/@CMAKE_INSTALL_LIBDIR@

Name: @name@
Description: @description@
Version: @PROJECT_VERSION@
Requires: @requires@
Cflags: -I\${includedir} -I\${includedir}/tern@flags@
Libs: @libraries@
")
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
string(REGEX REPLACE "[^/]+" ".." pkg_config_up ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
tern_pkg_config(tern-plugin "Environments for Tern, as plugins" "" ""
                " -ffp-contract=off -fvisibility=hidden")
set(linked "-L\${libdir} -Wl,-rpath,\${libdir}")
tern_pkg_config(tern "Environments of Tern" "" "${linked} -ltern_envs -ltern_core" "")
tern_pkg_config(tern-c "Tern for programs in C" "" "${linked} -ltern_c" "")
if(TARGET tern_agents)
  tern_pkg_config(tern-agents "Training and trained policies of Tern" tern
                  "${linked} -ltern_agents -ltern_agent_configs -ltern_replay" "")
endif()
# The Python package, which finds the library above it: PYTHONPATH=DIR/lib/python
install(DIRECTORY python/tern DESTINATION ${CMAKE_INSTALL_LIBDIR}/python FILES_MATCHING PATTERN "*.py")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
