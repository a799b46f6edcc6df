#pragma once
// Which files of a run's folder may be read for somebody else: a folder may come from anybody, and
// its files may be links to what is nobody's business.

#include <string>

namespace tern::cli {

/// Looks at what a follower reads of a run: config.yaml, run.json, metrics.jsonl and the files of
/// its checkpoints. Throws Error::failure naming the first one that is a link out of the run's
/// folder, no regular file (a pipe would be waited for), or larger than such a file ever is.
void check_run_files(const std::string& run);

}  // namespace tern::cli
