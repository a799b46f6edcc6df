#include "cli/process/own_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <vector>

#include "core/error.h"

namespace tern::cli {
namespace {

/// Of the library that this code is in.
std::string own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr)
    return "";
  return std::filesystem::path(info.dli_fname).parent_path().string();
}

std::vector<std::string> library_folders() {
  const std::filesystem::path bin = std::filesystem::path(executable_path()).parent_path();
  return {(bin / ".." / TERN_LIBDIR).lexically_normal().string(),  // installed
          (bin / ".." / "lib").lexically_normal().string(),        // build tree
          own_folder()};                                           // of a program that links it
}

}  // namespace

std::string executable_path() {
  std::vector<char> buffer(PATH_MAX);
  const ssize_t size = readlink("/proc/self/exe", buffer.data(), buffer.size());
  return size <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::string own_library_path(const std::string& file) {
  for (const std::string& folder : library_folders()) {
    if (folder.empty()) continue;
    const std::string path = folder + "/" + file;
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return "";
}

void* load_own_library(const std::string& file, const std::string& why) {
  const std::string path = own_library_path(file);
  if (path.empty()) {
    throw Error::failure("this command " + why + ", and " + file + " was not built (looked in " +
                         library_folders()[1] +
                         "). Run the command as './tern ...' in Tern's folder, "
                         "which builds what it needs, or build all with cmake");
  }
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error::failure("cannot load " + path + ": " + dlerror() + ". Build Tern again");
  }
  return library;
}

void* function_of_own_library(void* library, const std::string& file, const char* name) {
  void* const function = dlsym(library, name);
  if (function == nullptr) {
    throw Error::failure(file + " is not Tern's: it lacks " + name + ". Build Tern again");
  }
  return function;
}

}  // namespace tern::cli
