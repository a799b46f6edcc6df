#include "cli/process/agents_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "cli/process/compute_path.h"
#include "core/error.h"

namespace tern::cli {
namespace {

const char kLibrary[] = "libtern_agents.so";
const char kSettled[] = "TERN_COMPUTE_IS_SETTLED";  // in the environment: prepare_compute was in time

std::vector<std::string> library_folders() {
  const std::filesystem::path bin = std::filesystem::path(executable_path()).parent_path();
  return {(bin / ".." / TERN_LIBDIR).lexically_normal().string(),  // installed
          (bin / ".." / "lib").lexically_normal().string()};       // build tree
}

using Entry = AgentsApi* (*)();

/// The library's one function, where the program itself links it; else null.
Entry linked_entry() {
  return reinterpret_cast<Entry>(dlsym(RTLD_DEFAULT, "tern_agents_api"));
}

AgentsApi* load() {
  if (const Entry entry = linked_entry()) return entry();
  const std::string path = agents_library_path();
  if (path.empty()) {
    throw Error::failure(std::string("this command needs networks, and ") + kLibrary +
                         " was not built (looked in " + library_folders().back() +
                         "). Build it with './tern build' in Tern's folder, or with cmake "
                         "-DTERN_WITH_TORCH=ON where LibTorch is installed");
  }
  prepare_compute();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error::failure("cannot load " + path + ": " + dlerror() +
                         ". Build Tern again, or reinstall LibTorch");
  }
  const auto entry = reinterpret_cast<Entry>(dlsym(library, "tern_agents_api"));
  AgentsApi* api = entry == nullptr ? nullptr : entry();
  if (api == nullptr) {
    throw Error::failure(path +
                         " is not Tern's network library: it lacks tern_agents_api. "
                         "Build Tern again");
  }
  return api;
}

}  // namespace

void settle_compute_of_linked_agents(char** argv) {
  if (linked_entry() == nullptr || std::getenv(kSettled) != nullptr) return;
  prepare_compute();
  setenv(kSettled, "1", /*overwrite=*/1);
  execv(executable_path().c_str(), argv);  // where that fails, the BLAS chooses for itself
}

std::string executable_path() {
  std::vector<char> buffer(PATH_MAX);
  const ssize_t size = readlink("/proc/self/exe", buffer.data(), buffer.size());
  return size <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::string agents_library_path() {
  for (const std::string& folder : library_folders()) {
    const std::string path = folder + "/" + kLibrary;
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return "";
}

AgentsApi& agents_library() {
  static AgentsApi* const api = load();
  return *api;
}

}  // namespace tern::cli
