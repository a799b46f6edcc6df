#include "cli/serve/find_runs.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include "cli/serve/run_files.h"
#include "core/error.h"
#include "core/files/file_io.h"

namespace tern::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 5;
constexpr std::size_t kMostRuns = 2000, kMostFolders = 20'000;

class Search {
 public:
  explicit Search(std::string folder) : folder_(std::move(folder)) {}

  FoundRuns all() {
    search("", 1);
    std::sort(found_.names.begin(), found_.names.end());
    return found_;
  }

 private:
  void search(const std::string& below, int depth) {
    std::vector<std::string> inner;
    for (const std::string& name : names_in(folder_ + "/" + below)) {
      if (name[0] == '.') continue;
      const std::string path = below + name;
      std::error_code error;
      const fs::file_status status = fs::symlink_status(folder_ + "/" + path, error);
      const bool is_link = fs::is_symlink(status);
      if (!fs::is_directory(status) && !(is_link && depth == 1)) continue;
      if (found_.names.size() >= kMostRuns || ++num_folders_ > kMostFolders) {
        found_.is_all = false;
        return;
      }
      if (holds_run(folder_ + "/" + path)) {
        found_.names.push_back(path);
      } else if (!is_link) {
        inner.push_back(path + "/");
      }
    }
    if (depth == kDepth) return;
    for (const std::string& path : inner) search(path, depth + 1);
  }
  static std::vector<std::string> names_in(const std::string& folder) {
    try {
      return list_folder(folder);
    } catch (const Error&) {
      return {};  // it went in between, or nobody may read it
    }
  }

  std::string folder_;
  FoundRuns found_;
  std::size_t num_folders_ = 0;
};

}  // namespace

FoundRuns find_runs(const std::string& folder) {
  return Search(folder).all();
}

}  // namespace tern::cli
