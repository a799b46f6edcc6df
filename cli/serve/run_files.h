#pragma once
// Which files of a run's folder may be read for somebody else: a folder may come from anybody, and
// its files may be links to what is nobody's business.

#include <string>

namespace tern::cli {

/// Whether a folder is a run, or would be if its config.yaml were a file.
bool holds_run(const std::string& folder);

/// Throws Error::failure naming the file if it is a link out of the run's folder, no regular file
/// (a pipe would be waited for), or larger than such a file ever is. One that does not exist is
/// fine.
void check_run_file(const std::string& run, const std::string& path);

/// The same of what a run cannot be shown without: config.yaml and the files of its checkpoints.
void check_run_files(const std::string& run);

}  // namespace tern::cli
