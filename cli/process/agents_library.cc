#include "cli/process/agents_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/process/compute_path.h"
#include "cli/process/own_library.h"
#include "core/error.h"

namespace tern::cli {
namespace {

const char kLibrary[] = "libtern_agents.so";
const char kEntry[] = "tern_agents_api";
const char kSettled[] = "TERN_COMPUTE_IS_SETTLED";  // in the environment: prepare_compute was in time

using Entry = AgentsApi* (*)();

/// The library's one function, where the program itself links it; else null.
Entry linked_entry() {
  return reinterpret_cast<Entry>(dlsym(RTLD_DEFAULT, kEntry));
}

AgentsApi* load_agents() {
  if (const Entry entry = linked_entry()) return entry();
  const std::string path = agents_library_path();
  if (!path.empty()) prepare_compute();
  void* const library = load_own_library(kLibrary, "needs networks");
  AgentsApi* const api =
      reinterpret_cast<Entry>(function_of_own_library(library, kLibrary, kEntry))();
  if (api == nullptr) throw Error::failure(path + " gives no agents. Build Tern again");
  return api;
}

}  // namespace

void settle_compute_of_linked_agents(char** argv) {
  if (linked_entry() == nullptr || std::getenv(kSettled) != nullptr) return;
  prepare_compute();
  setenv(kSettled, "1", /*overwrite=*/1);
  execv(executable_path().c_str(), argv);  // where that fails, the BLAS chooses for itself
}

std::string agents_library_path() {
  return own_library_path(kLibrary);
}

AgentsApi& agents_library() {
  static AgentsApi* const api = load_agents();
  return *api;
}

}  // namespace tern::cli
