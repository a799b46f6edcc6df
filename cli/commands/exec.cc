// tern exec: runs a program in the environment that networks run in.

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "cli/process/compute_path.h"
#include "cli/text/command.h"

namespace tern::cli {
namespace {

ExitCode run_exec(const Args& args) {
  prepare_compute();
  std::vector<char*> words;
  std::vector<std::string> copies = args.words;
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  execvp(words[0], words.data());
  throw Error::failure("cannot run '" + args.words[0] + "': " + std::strerror(errno));
}

}  // namespace

Command make_exec_command() {
  Command command;
  command.name = "exec";
  command.synopses = {"tern exec -- PROGRAM [WORD ...]"};
  command.summary = "run a program with the BLAS core and threads that tern would choose";
  command.help =
      "For programs of your own that load policies, and for Tern's tests: sets OPENBLAS_CORETYPE\n"
      "(unless you have), OPENBLAS_NUM_THREADS and OMP_NUM_THREADS as 'tern train' does, then "
      "becomes\n"
      "the program. OpenBLAS reads them when it is loaded, so a program cannot set them for "
      "itself.\n"
      "\n"
      "Examples\n"
      "  tern exec -- ./my_robot runs/ppo_CartPole-v1-s0\n"
      "  tern exec -- ctest --test-dir build\n";
  command.least_words = 1;
  command.most_words = 1000;
  command.run = run_exec;
  return command;
}

}  // namespace tern::cli
