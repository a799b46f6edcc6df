#include "envs/plugin_host/trusted_plugins.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "core/error.h"
#include "core/files/file_io.h"
#include "envs/plugin_host/plugin_host.h"

namespace tern {
namespace {

constexpr std::size_t kDigits = 64, kMostLine = 8192;

/// Whether a line of the file fulfils `is_meant(checksum, path)`.
bool any_line(const std::function<bool(const std::string&, const std::string&)>& is_meant) {
  const std::string name = trusted_plugins_file();
  if (name.empty() || !is_file(name)) return false;
  std::ifstream file(name, std::ios::binary);
  std::string line;
  while (std::getline(file, line)) {
    if (line.size() < kDigits || line.size() > kMostLine) continue;
    const bool has_path = line.size() > kDigits + 2 && line.compare(kDigits, 2, "  ") == 0;
    if (is_meant(line.substr(0, kDigits), has_path ? line.substr(kDigits + 2) : "")) return true;
  }
  return false;
}

/// Nobody but the user and root can have written it; "gym:ID" is of the packages that he installed.
bool is_own_file(const std::string& path) {
  if (is_gym_name(path)) return true;
  struct stat facts = {};
  return stat(path.c_str(), &facts) == 0 && (facts.st_uid == geteuid() || facts.st_uid == 0) &&
         (facts.st_mode & S_IWOTH) == 0;
}

}  // namespace

std::string trusted_plugins_file() {
  const char* const data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data == '/') return std::string(data) + "/tern/trusted_plugins";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return "";
  return std::string(home) + "/.local/share/tern/trusted_plugins";
}

bool is_trusted_plugin(const std::string& path, const std::string& checksum) {
  const bool is_own = is_own_file(path);
  return any_line([&](const std::string& known, const std::string& place) {
    return known == checksum || (is_own && place == path);
  });
}

void trust_plugin(const std::string& path, const std::string& checksum) {
  const bool stands_there = any_line([&](const std::string& known, const std::string& place) {
    return known == checksum && place == path;
  });
  if (stands_there) return;
  const std::string name = trusted_plugins_file();
  if (name.empty())
    throw Error::failure("there is no home folder to keep trusted plugins in (HOME)");
  make_folders(std::filesystem::path(name).parent_path().string());
  // One write, so that two processes do not mix their lines.
  const bool is_line =
      path.find('\n') == std::string::npos && path.size() < kMostLine - kDigits - 2;
  AppendFile(name).write(checksum + (is_line ? "  " + path : "") + "\n");
}

}  // namespace tern
