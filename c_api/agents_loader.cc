#include "c_api/agents_loader.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/process/compute_path.h"
#include "core/error.h"

namespace tern::c_api {
namespace {

const char kLibrary[] = "libtern_agents.so";
const char kEntry[] = "tern_agents_api";

using Entry = AgentsApi* (*)();

/// Variables of the environment, as they were when it ends.
class KeptEnvironment {
 public:
  explicit KeptEnvironment(std::vector<std::string> names) {
    for (std::string& name : names) {
      const char* const value = std::getenv(name.c_str());
      variables_.push_back({std::move(name), value == nullptr ? std::optional<std::string>()
                                                              : std::optional<std::string>(value)});
    }
  }
  ~KeptEnvironment() {
    for (const auto& [name, value] : variables_) {
      if (value) {
        setenv(name.c_str(), value->c_str(), /*overwrite=*/1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }
  KeptEnvironment(const KeptEnvironment&) = delete;
  KeptEnvironment& operator=(const KeptEnvironment&) = delete;

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> variables_;
};

AgentsApi& load() {
  if (void* const linked = dlsym(RTLD_DEFAULT, kEntry)) return *reinterpret_cast<Entry>(linked)();
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&agents_library), &self) == 0) {
    throw Error::failure("cannot tell where libtern_c.so lies");
  }
  const std::string path =
      (std::filesystem::path(self.dli_fname).parent_path() / kLibrary).string();
  if (!std::filesystem::exists(path)) {
    throw Error::failure("policies need " + path +
                         ", which was not built: build Tern with LibTorch");
  }
  const KeptEnvironment kept(
      {"OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TERN_CHOSE_BLAS_CORE"});
  cli::prepare_compute();
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error::failure("cannot load " + path + ": " + dlerror());
  void* const entry = dlsym(library, kEntry);
  if (entry == nullptr) throw Error::failure(path + " is of another version of Tern");
  return *reinterpret_cast<Entry>(entry)();
}

}  // namespace

AgentsApi& agents_library() {
  static AgentsApi& api = load();
  return api;
}

}  // namespace tern::c_api
