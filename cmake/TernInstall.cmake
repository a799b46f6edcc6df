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
foreach(optional tern_replay tern_render tern_agent_configs tern_kernels tern_agents tern_reference tern_cli tern_viewing)
  if(TARGET ${optional})
    list(APPEND targets ${optional})
  endif()
endforeach()
set_target_properties(tern_plugin PROPERTIES EXPORT_NAME plugin)
set_target_properties(tern_embedding PROPERTIES EXPORT_NAME tern)
foreach(target tern_core tern_envs tern_replay tern_render tern_agent_configs tern_kernels
        tern_agents tern_reference tern_cli tern_viewing)
  if(TARGET ${target})
    string(REPLACE "tern_" "" short_name ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${short_name})
  endif()
endforeach()
if(TARGET tern_agents)  # api.h speaks of configurations and policies, which core and envs define
  target_link_libraries(tern_agents INTERFACE tern_embedding)
endif()

install(TARGETS ${targets} EXPORT TernTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT TernTargets NAMESPACE Tern:: DESTINATION ${package_dir})
export(EXPORT TernTargets NAMESPACE Tern:: FILE ${build_package_dir}/TernTargets.cmake)

configure_package_config_file(cmake/TernConfig.cmake.in ${build_package_dir}/TernConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${build_package_dir}/TernConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
foreach(file TernPlugin.cmake plugin.map)
  configure_file(cmake/${file} ${build_package_dir}/${file} COPYONLY)
endforeach()
install(FILES ${build_package_dir}/TernConfig.cmake ${build_package_dir}/TernConfigVersion.cmake
              cmake/TernPlugin.cmake cmake/plugin.map
        DESTINATION ${package_dir})

# Headers as in the checkout, under include/tern.
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/tern)
install(DIRECTORY core DESTINATION ${headers} FILES_MATCHING PATTERN "*.h")
foreach(folder envs replay render agents)
  install(DIRECTORY ${folder} DESTINATION ${headers} FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES cli/program.h DESTINATION ${headers}/cli)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
