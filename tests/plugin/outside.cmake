# Projects outside the tree, built against an installed copy of this build and run as a user would.
# Proof: worked example. cmake -DSTEP=.. -DBUILD=.. -DSOURCE=.. -DWORK=.. -DFLAGS=.. -P outside.cmake
# Every command must succeed; what it prints is shown when it does not.

function(run)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "IN;SAYS" "COMMAND")
  if(NOT arg_IN)
    set(arg_IN ${WORK})
  endif()
  execute_process(COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${arg_IN} RESULT_VARIABLE status
                  OUTPUT_VARIABLE said ERROR_VARIABLE said)
  list(JOIN arg_COMMAND " " words)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${words}\nended with ${status}:\n${said}")
  endif()
  if(arg_SAYS AND NOT said MATCHES "${arg_SAYS}")
    message(FATAL_ERROR "${words}\nshould say '${arg_SAYS}', but said:\n${said}")
  endif()
endfunction()

# build_project(SOURCE BUILD WORDS...): as the READMEs say. No CMAKE_PREFIX_PATH but by WORDS.
function(build_project source build)
  file(REMOVE_RECURSE ${WORK}/${build})
  run(COMMAND ${CMAKE_COMMAND} -S ${source} -B ${build} "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Werror"
              ${ARGN})
  run(COMMAND ${CMAKE_COMMAND} --build ${build})
endfunction()

# shown_file(PAGE NAME FILE): the block of code that follows "<!-- file: NAME -->" in a page.
function(shown_file page name file)
  file(READ ${page} text)
  set(mark "<!-- file: ${name} -->\n```")
  string(FIND "${text}" "${mark}" begin)
  if(begin EQUAL -1)
    message(FATAL_ERROR "${page} shows no ${name}")
  endif()
  string(SUBSTRING "${text}" ${begin} -1 text)
  string(LENGTH "${mark}" skipped)
  string(SUBSTRING "${text}" ${skipped} -1 text)
  string(FIND "${text}" "\n" line_end)
  string(FIND "${text}" "\n```" end)
  math(EXPR length "${end} - ${line_end}")
  string(SUBSTRING "${text}" ${line_end} ${length} text)
  file(WRITE ${file} "${text}\n")
endfunction()

set(prefix ${WORK}/install)
set(ENV{XDG_DATA_HOME} ${WORK}/data)  # where trusted plugins are noted
set(tern ${prefix}/bin/tern)

if(STEP STREQUAL "install")
  file(REMOVE_RECURSE ${WORK})
  file(MAKE_DIRECTORY ${WORK})
  run(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
  run(COMMAND ${tern} --version SAYS "^tern [0-9]")

elseif(STEP STREQUAL "new-env")
  file(REMOVE_RECURSE ${WORK}/lamp-walk)
  run(COMMAND ${tern} new-env lamp-walk SAYS "check-env lamp-walk/build/liblamp_walk.so")
  build_project(lamp-walk lamp-walk/build)  # finds the Tern that wrote it
  file(STRINGS ${WORK}/lamp-walk/build/CMakeCache.txt found REGEX "^Tern_DIR")
  if(NOT found MATCHES "${prefix}/")
    message(FATAL_ERROR "built against another Tern: ${found}")
  endif()
  set(library lamp-walk/build/liblamp_walk.so)
  run(COMMAND ${tern} check-env ${library} SAYS "all [0-9]+ rules hold")
  run(COMMAND ${tern} check-env ./liblamp_walk.so speed=0.3 IN ${WORK}/lamp-walk/build SAYS "rules hold")
  run(COMMAND ${tern} describe ${library} SAYS "lamp ahead")
  run(COMMAND ${tern} rollout ${library} --episodes 3 --json SAYS "LampWalk-v0")

elseif(STEP STREQUAL "new-env-from-build")
  file(REMOVE_RECURSE ${WORK}/NightWalk)
  run(COMMAND ${BUILD}/bin/tern new-env NightWalk)
  build_project(NightWalk NightWalk/build)
  run(COMMAND ${BUILD}/bin/tern check-env NightWalk/build/libnight_walk.so SAYS "rules hold")

elseif(STEP STREQUAL "new-env-in-c")
  file(REMOVE_RECURSE ${WORK}/day_walk)
  run(COMMAND ${tern} new-env day_walk --lang c SAYS "day_walk.c, CMakeLists.txt")
  build_project(day_walk day_walk/build "-DCMAKE_C_FLAGS=${FLAGS} -Wall -Wextra -Werror -std=c99 -pedantic")
  run(COMMAND ${tern} check-env day_walk/build/libday_walk.so SAYS "all [0-9]+ rules hold")

elseif(STEP STREQUAL "new-env-in-rust")  # needs nothing of Tern's but this program
  file(REMOVE_RECURSE ${WORK}/dusk_walk)
  run(COMMAND ${tern} new-env dusk_walk --lang rust SAYS "src/lib.rs, Cargo.toml")
  run(COMMAND ${CMAKE_COMMAND} -E env "RUSTFLAGS=-D warnings" cargo build --release --offline
              --manifest-path dusk_walk/Cargo.toml --target-dir dusk_walk/build)
  set(library dusk_walk/build/release/libdusk_walk.so)
  run(COMMAND ${tern} check-env ${library} SAYS "all [0-9]+ rules hold")
  run(COMMAND ${tern} check-env ${library} speed=0.3 SAYS "all [0-9]+ rules hold")
  # Rust never drops a static: what the library's tables point to is lost when it is unloaded, once.
  set(ENV{ASAN_OPTIONS} "detect_leaks=0")
  run(COMMAND ${tern} rollout ${library} --episodes 3 --json SAYS "DuskWalk-v0")
  execute_process(COMMAND ${tern} check-env ${library} speed=3 WORKING_DIRECTORY ${WORK}
                  RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
  if(NOT status EQUAL 2 OR NOT said MATCHES "env.speed: 3 is out of range; expected .0.01, 1.")
    message(FATAL_ERROR "speed=3 ended with ${status}: ${said}")
  endif()

elseif(STEP STREQUAL "new-env-in-python")  # nothing is built
  file(REMOVE_RECURSE ${WORK}/fog_walk)
  run(COMMAND ${tern} new-env fog_walk --lang python SAYS "fog_walk.py and README.md")
  run(COMMAND ${tern} check-env fog_walk/fog_walk.py SAYS "all [0-9]+ rules hold")
  run(COMMAND ${tern} check-env fog_walk/fog_walk.py speed=0.3 SAYS "all [0-9]+ rules hold")
  run(COMMAND ${tern} rollout fog_walk/fog_walk.py --episodes 3 --json SAYS "FogWalk-v0")
  shown_file(${SOURCE}/docs/plugins.md battery.py ${WORK}/battery/battery.py)
  run(COMMAND ${tern} check-env battery/battery.py SAYS "rules hold")

elseif(STEP STREQUAL "plugin-env")
  build_project(${SOURCE}/examples/plugin_env plugin_env -DCMAKE_PREFIX_PATH=${prefix})
  run(COMMAND ${tern} check-env plugin_env/libthermostat.so SAYS "rules hold")
  run(COMMAND ${tern} check-env plugin_env/libthermostat.so price=0.5 max_steps=20 SAYS "rules hold")

elseif(STEP STREQUAL "c-plugin")  # a project that knows no C++
  file(COPY ${SOURCE}/tests/plugin/envs/tiny_env.c DESTINATION ${WORK}/line)
  file(WRITE ${WORK}/line/CMakeLists.txt "cmake_minimum_required(VERSION 3.20)
project(line LANGUAGES C)
find_package(Tern REQUIRED)
tern_add_plugin(line tiny_env.c)
")
  build_project(line line/build -DCMAKE_PREFIX_PATH=${prefix} "-DCMAKE_C_FLAGS=${FLAGS}")
  run(COMMAND ${tern} check-env line/build/libline.so length=7 SAYS "rules hold")

elseif(STEP STREQUAL "docs")  # what docs/plugins.md shows, as it shows it
  set(docs ${WORK}/docs)
  file(REMOVE_RECURSE ${docs})
  foreach(name pig.cc embed.cc line.c)
    shown_file(${SOURCE}/docs/plugins.md ${name} ${docs}/${name})
  endforeach()
  separate_arguments(flags UNIX_COMMAND "${FLAGS} -Wall -Wextra -Werror")
  set(flags ${flags} -O2 -ffp-contract=off -shared -fPIC -I ${prefix}/include/tern)
  run(IN ${docs} COMMAND c++ -std=c++17 -fvisibility=hidden ${flags} pig.cc -o libpig.so)
  run(IN ${docs} COMMAND cc -std=c99 ${flags} line.c -o libline.so)
  run(IN ${docs} COMMAND ${tern} check-env ./libpig.so SAYS "rules hold")
  run(IN ${docs} COMMAND ${tern} check-env ./libpig.so:Pig-v0 --steps 2000 SAYS "rules hold")
  run(IN ${docs} COMMAND ${tern} check-env ./libline.so SAYS "rules hold")
  file(WRITE ${docs}/CMakeLists.txt "cmake_minimum_required(VERSION 3.20)
project(docs LANGUAGES C CXX)
find_package(Tern REQUIRED)
tern_add_plugin(pig pig.cc)
tern_add_plugin(line line.c)
add_executable(embed embed.cc)
target_link_libraries(embed PRIVATE Tern::tern)
")
  build_project(docs docs/build -DCMAKE_PREFIX_PATH=${prefix})
  run(COMMAND ${tern} check-env docs/build/libpig.so SAYS "rules hold")
  run(COMMAND ${tern} check-env docs/build/libline.so SAYS "rules hold")
  run(COMMAND docs/build/embed SAYS "^400 of 400")

elseif(STEP STREQUAL "train-plugin")  # after new-env
  file(REMOVE_RECURSE ${WORK}/run)
  run(COMMAND ${tern} train ppo lamp-walk/build/liblamp_walk.so total_steps=30000 --seed 1 --out run --json)
  execute_process(COMMAND ${tern} eval run --json WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE said
                  COMMAND_ERROR_IS_FATAL ANY)
  string(JSON mean GET "${said}" mean)
  if(mean LESS 0.8)  # a random policy: -0.2; the best: about 0.88
    message(FATAL_ERROR "PPO reached ${mean} on the env of tern new-env; expected 0.8")
  endif()

elseif(STEP STREQUAL "use-policy")  # after train-plugin
  build_project(${SOURCE}/examples/use_policy use_policy -DCMAKE_PREFIX_PATH=${prefix})
  run(COMMAND use_policy/use_policy run SAYS "ppo on LampWalk-v0.*return [0-9.]+ in")
  set(library lamp-walk/build/liblamp_walk.so)
  file(RENAME ${WORK}/${library} ${WORK}/moved.so)  # its policy is loaded all the same
  execute_process(COMMAND use_policy/use_policy run WORKING_DIRECTORY ${WORK} RESULT_VARIABLE status
                  OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
  file(COPY_FILE ${WORK}/moved.so ${WORK}/${library})
  if(NOT status EQUAL 2 OR NOT said MATCHES "ppo on LampWalk-v0" OR NOT complaint MATCHES "no such file")
    message(FATAL_ERROR "without its plugin use_policy ended with ${status}: ${said}${complaint}")
  endif()
  run(COMMAND use_policy/use_policy run ./moved.so SAYS "return [0-9.]+ in")
  foreach(env Pendulum-v1 Acrobot-v1)
    file(REMOVE_RECURSE ${WORK}/other_run)
    run(COMMAND ${tern} train ppo ${env} total_steps=2048 eval_episodes=1 final_eval_episodes=0
                --out other_run --json)
    run(COMMAND use_policy/use_policy other_run SAYS "ppo on ${env}.*return -?[0-9.]+ in")
  endforeach()

elseif(STEP STREQUAL "c-host")
  build_project(${SOURCE}/examples/c_host c_host -DCMAKE_PREFIX_PATH=${prefix}
                "-DCMAKE_C_FLAGS=${FLAGS} -Wall -Wextra -Werror -pedantic")
  run(COMMAND c_host/host CartPole-v1 SAYS "CartPole-v1: [0-9]+ episodes, mean return 9")
  run(COMMAND c_host/host Pong-v1 SAYS "Pong-v1: [0-9]+ episodes")
  if(PYTHON AND NOT FLAGS)
    run(COMMAND ${PYTHON} ${SOURCE}/examples/c_host/host.py ${prefix}/lib/libtern_c.so CartPole-v1
        SAYS "CartPole-v1: [0-9]+ episodes, mean return 9")
  endif()
  execute_process(COMMAND c_host/host CartPol-v1 WORKING_DIRECTORY ${WORK} RESULT_VARIABLE status
                  ERROR_VARIABLE said)
  if(NOT status EQUAL 2 OR NOT said MATCHES "Did you mean 'CartPole-v1'")
    message(FATAL_ERROR "host CartPol-v1 ended with ${status}: ${said}")
  endif()

elseif(STEP STREQUAL "c-host-policy")  # after train-plugin
  build_project(${SOURCE}/examples/c_host c_host_policy -DCMAKE_PREFIX_PATH=${prefix})
  run(COMMAND c_host_policy/host lamp-walk/build/liblamp_walk.so run SAYS "LampWalk-v0: [0-9]+ episodes, mean return 0")

elseif(STEP STREQUAL "own-names")  # a program whose files are called like ours
  set(own ${WORK}/own_names)
  file(REMOVE_RECURSE ${own})
  foreach(name core/error core/metrics/metrics core/params envs/env agents/api)
    file(WRITE ${own}/${name}.h "#pragma once\n#define OWN_HEADERS (__COUNTER__ + 1)\ninline int own() { return 7; }\n")
  endforeach()
  file(WRITE ${own}/main.cc "#include \"core/metrics/metrics.h\"
#include \"tern/agents/api.h\"
#include \"tern/envs/vector/vec_env.h\"
#include \"tern/render/png.h\"
#include \"tern/replay/replay_buffer.h\"
#include <iostream>
int main() { std::cout << own() << tern::tern_agents_api()->platform().device << tern::Metric{\"a\", 1}.name; }
")
  file(WRITE ${own}/CMakeLists.txt "cmake_minimum_required(VERSION 3.20)
project(own LANGUAGES CXX)
find_package(Tern 0.1 REQUIRED COMPONENTS agents envs replay render)
add_executable(own main.cc)
target_include_directories(own PRIVATE \${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(own PRIVATE Tern::agents Tern::envs Tern::replay Tern::render)
")
  build_project(own_names own_names/build -DCMAKE_PREFIX_PATH=${prefix})
  run(COMMAND own_names/build/own SAYS "^7cpu.*a")
  build_project(own_names own_names/build -DTern_DIR=${BUILD}/lib/cmake/Tern)
  run(COMMAND own_names/build/own SAYS "^7cpu.*a")

elseif(STEP STREQUAL "find-package")
  set(found ${WORK}/find_package)
  function(find_tern words says)  # "": it is found
    file(REMOVE_RECURSE ${found})
    file(WRITE ${found}/CMakeLists.txt "cmake_minimum_required(VERSION 3.20)
project(found LANGUAGES C)
find_package(Tern ${words})
")
    execute_process(COMMAND ${CMAKE_COMMAND} -S ${found} -B ${found}/build -DCMAKE_PREFIX_PATH=${prefix}
                    RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    if((says AND status EQUAL 0) OR NOT said MATCHES "${says}" OR (NOT says AND said))
      message(FATAL_ERROR "find_package(Tern ${words}) ended with ${status}: ${said}")
    endif()
  endfunction()
  find_tern("REQUIRED COMPONENTS plugin" "")
  find_tern("COMPONENTS plugin" "")
  find_tern("REQUIRED COMPONENTS agnets" "Tern has no component 'agnets'; there may be: plugin, tern, envs, replay")
  find_tern("7.0 REQUIRED" "version \"7.0\"")

elseif(STEP STREQUAL "pkg-config")
  set(ENV{PKG_CONFIG_PATH} ${prefix}/lib/pkgconfig)
  function(flags_of package result)
    execute_process(COMMAND pkg-config --cflags --libs ${package} OUTPUT_VARIABLE text
                    COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(text UNIX_COMMAND "${text} ${FLAGS}")
    set(${result} ${text} PARENT_SCOPE)
  endfunction()
  flags_of(tern-agents words)
  run(COMMAND c++ -std=c++20 -O1 ${SOURCE}/examples/caller_owned_loop/caller_owned_loop.cc ${words} -o own_loop)
  file(REMOVE_RECURSE ${WORK}/by_pkg_config)
  run(COMMAND ./own_loop by_pkg_config 600 SAYS "after 600 ticks")
  flags_of(tern-plugin words)
  run(COMMAND cc -std=c99 -shared -fPIC ${SOURCE}/tests/plugin/envs/tiny_env.c ${words} -o libtiny.so)
  run(COMMAND ${tern} check-env ./libtiny.so SAYS "rules hold")

elseif(STEP STREQUAL "headers")  # each compiles alone; those of a .cc of the same name do so in it
  file(GLOB_RECURSE headers RELATIVE ${prefix}/include/tern ${prefix}/include/tern/*.h)
  list(FILTER headers EXCLUDE REGEX "-inl\\.h$")  # parts of others
  set(all "")
  set(alone "")
  foreach(header ${headers})
    string(APPEND all "#include \"tern/${header}\"\n")
    string(REGEX REPLACE "\\.h$" ".cc" file ${header})
    if(NOT EXISTS ${SOURCE}/${file})
      string(APPEND alone "tern/${header}\n")
    endif()
  endforeach()
  file(WRITE ${WORK}/alone.txt "${alone}")
  file(WRITE ${WORK}/all_headers.cc "${all}")
  set(compile c++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror -DAT_PER_OPERATOR_HEADERS
      -isystem /usr/include/torch/csrc/api/include -I ${prefix}/include)
  run(COMMAND ${compile} all_headers.cc)
  run(COMMAND xargs -a alone.txt -P 2 -I @@ ${compile} -x c++ -include @@ /dev/null)

elseif(STEP STREQUAL "embed-training")
  build_project(${SOURCE}/examples/embed_training embed_training -DCMAKE_PREFIX_PATH=${prefix})
  file(REMOVE_RECURSE ${WORK}/corridor)
  run(COMMAND embed_training/embed_training corridor
      SAYS "corridor is good enough after [0-9]+ steps.*in the middle it goes right")

  execute_process(COMMAND ${tern} eval corridor WORKING_DIRECTORY ${WORK} RESULT_VARIABLE status
                  ERROR_VARIABLE said OUTPUT_QUIET)
  if(NOT status EQUAL 2 OR NOT said MATCHES "'Corridor-v0', which is no env of this program's")
    message(FATAL_ERROR "eval of a run on an env of another program ended with ${status}: ${said}")
  endif()

elseif(STEP STREQUAL "caller-owned-loop")
  build_project(${SOURCE}/examples/caller_owned_loop caller_owned_loop -DCMAKE_PREFIX_PATH=${prefix})
  file(REMOVE_RECURSE ${WORK}/cart)
  # From -1 m on, and back: at best about -0.07; standing still -1.
  run(COMMAND caller_owned_loop/caller_owned_loop cart SAYS "after 6000 ticks: -0.[0-4].*saved in cart")

elseif(STEP STREQUAL "custom-agent")
  build_project(${SOURCE}/examples/custom_agent custom_agent -DCMAKE_PREFIX_PATH=${prefix})
  run(COMMAND custom_agent/probe_test SAYS "every probe was solved, every sabotage was seen")
  set(program custom_agent/custom_agent)
  run(COMMAND ${program} list agents SAYS "reinforce")
  file(REMOVE_RECURSE ${WORK}/reinforce)
  run(COMMAND ${program} train reinforce CartPole-v1 total_steps=150000 --seed 1 --out reinforce --json)
  execute_process(COMMAND ${program} eval reinforce --json WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE said
                  COMMAND_ERROR_IS_FATAL ANY)
  string(JSON mean GET "${said}" mean)
  if(mean LESS 300)  # a random policy: 22; ten seeds: 386 to 500
    message(FATAL_ERROR "reinforce reached ${mean} on CartPole-v1; expected 300")
  endif()
  run(COMMAND ${program} verify-resume reinforce CartPole-v1 --cuts 1 --steps 6000 SAYS "equal: resuming")
  run(COMMAND ${program} record reinforce -o reinforce.png SAYS "wrote")

else()
  message(FATAL_ERROR "unknown step '${STEP}'")
endif()
