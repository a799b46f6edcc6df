#pragma once
// The text that commands print about episodes that were cut for want of a time limit.

#include <cstdint>
#include <string>

#include "envs/episode_limit.h"

namespace tern::cli {

/// "; 3 of 20 were cut after 100000 steps (CliffWalking-v1 has no time limit)"; "" if none was.
/// asked: the steps that a user wanted at most; 0: nothing was said of them.
inline std::string cut_text(std::int64_t cut, std::size_t episodes, const std::string& env,
                            int asked = 0) {
  if (cut == 0) return "";
  const std::string which =
      episodes == 1 ? "it was" : std::to_string(cut) + " of " + std::to_string(episodes) + " were";
  if (asked > 0) return "; " + which + " cut after " + std::to_string(asked) + " steps (--steps)";
  return "; " + which + " cut after " + std::to_string(kLongestEpisode) + " steps (" + env +
         " has no time limit)";
}

}  // namespace tern::cli
