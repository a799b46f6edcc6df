#include "cli/serve/run_files.h"

#include <cstdint>
#include <filesystem>
#include <system_error>

#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "core/error.h"
#include "core/files/file_io.h"

namespace tern::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 30;  // bytes

/// Whether `inner`, both without links, lies in `outer`.
bool lies_in(const fs::path& inner, const fs::path& outer) {
  const fs::path way = inner.lexically_relative(outer);
  return !way.empty() && *way.begin() != "..";
}

void check_link(const std::string& run, const std::string& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return;
  const fs::path target = fs::weakly_canonical(path, error);
  if (!error && lies_in(target, fs::canonical(run, error)) && !error) return;
  throw Error::failure(path + " is a link that leads out of the run's folder: it is not shown");
}

}  // namespace

bool holds_run(const std::string& folder) {
  std::error_code error;
  return fs::exists(fs::symlink_status(RunPaths(folder).config, error));
}

void check_run_file(const std::string& run, const std::string& path) {
  check_link(run, path);
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return;
  if (!fs::is_regular_file(status)) throw Error::failure(path + " is no regular file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size <= kLargest) return;
  throw Error::failure(path +
                       " is too large to be shown: " + size_text(static_cast<std::int64_t>(size)));
}

void check_run_files(const std::string& run) {
  const RunPaths paths(run);
  check_run_file(run, paths.config);
  check_link(run, paths.checkpoints);
  for (const char* const name : {"/last", "/best"}) check_run_file(run, paths.checkpoints + name);
  for (const std::int64_t step : CheckpointStore(run).steps()) {
    const std::string folder = paths.checkpoints + "/step-" + std::to_string(step);
    check_link(run, folder);
    for (const char* const name : {"/manifest.json", "/manifest.sha256", "/policy.bin"}) {
      check_run_file(run, folder + name);
    }
  }
}

}  // namespace tern::cli
