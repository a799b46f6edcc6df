#pragma once
// Which runs lie below a folder.

#include <string>
#include <vector>

namespace tern::cli {

struct FoundRuns {
  std::vector<std::string> names;  // paths below the folder, "a", "sweep/b", sorted
  bool is_all = true;              // otherwise there are too many folders to look into
};

/// Looks into folders of folders, five deep, but not into runs, hidden folders or links; a link to
/// a run in the folder itself counts. At most 2000 runs, in at most 20 000 folders. Folders that
/// cannot be read have none.
FoundRuns find_runs(const std::string& folder);

}  // namespace tern::cli
