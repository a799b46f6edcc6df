#include "cli/bench/bench_kernels.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

#include "cli/process/compute_path.h"
#include "cli/process/own_library.h"

namespace tern::cli {
namespace {

/// network_bench beside this executable; "" if it is not there.
std::string benchmark_program() {
  std::string path = executable_path();
  path.replace(path.rfind('/') + 1, std::string::npos, "network_bench");
  return access(path.c_str(), X_OK) == 0 ? path : "";
}

}  // namespace

ExitCode bench_kernels(const Args& args) {
  std::string program = benchmark_program();
  if (program.empty()) {
    throw Error::failure(
        "the kernel benchmarks are not beside this tern; they are built with the tests where Google "
        "Benchmark is installed ('./tern test', or cmake --build build --target network_bench)");
  }
  prepare_compute();
  // Medians of interleaved repetitions: what is left of a noisy machine.
  std::string words[] = {program, "--benchmark_repetitions=7",
                         "--benchmark_enable_random_interleaving=true",
                         "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.05",
                         args.has("--json") ? "--benchmark_format=json"
                                            : "--benchmark_format=console"};
  char* argv[std::size(words) + 1] = {};
  for (std::size_t i = 0; i < std::size(words); ++i) argv[i] = words[i].data();
  execv(program.c_str(), argv);
  throw Error::failure("cannot run '" + program + "': " + std::strerror(errno));
}

}  // namespace tern::cli
