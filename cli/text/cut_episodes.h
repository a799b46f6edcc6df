#pragma once
// The text that commands print about episodes that were cut for want of a time limit.

#include <cstdint>
#include <string>

#include "envs/episode_limit.h"

namespace tern::cli {

/// "; 3 of 20 were cut after 100000 steps (CliffWalking-v1 has no time limit)"; "" if none was.
inline std::string cut_text(std::int64_t cut, std::size_t episodes, const std::string& env,
                            int steps = kLongestEpisode) {
  if (cut == 0) return "";
  const std::string which =
      episodes == 1 ? "it was" : std::to_string(cut) + " of " + std::to_string(episodes) + " were";
  return "; " + which + " cut after " + std::to_string(steps) + " steps (" + env +
         " has no time limit)";
}

}  // namespace tern::cli
