#pragma once
// Envs that run in child processes, so that no fault of theirs is one of this process. The same
// bits as without: the children run the same loop over ranges of the envs.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/rng_state.h"
#include "envs/env_entry.h"

namespace tern {

/// The episode in which an env ended its process: enough to repeat it.
struct EndedEpisode {
  bool is_whole = false;  // false: its beginning is not known (before a resume), or it was too long
  tern_rng reset_rng = {};  // the env's stream before the reset
  std::uint64_t level = 0;
  std::size_t env = 0;                // its number among those that are stepped together
  std::vector<std::uint8_t> actions;  // rows of 4-byte values, the last one the fatal one
};

/// An env ended the process it ran in, or did not come back.
class EnvEnded : public Error {
 public:
  EnvEnded(const std::string& message, EndedEpisode episode)
      : Error(message, ExitCode::kFailure), episode_(std::move(episode)) {}
  const EndedEpisode& episode() const { return episode_; }

 private:
  EndedEpisode episode_;
};

/// The child processes for the envs of one entry: one, or one for each thread that steps envs, 16
/// at most. Started when they are needed and replaced once they have ended.
class EnvProcesses;
std::shared_ptr<EnvProcesses> make_env_processes(const EnvEntry& entry);

/// limit: of one call. Throw Error for bad parameters, and as EnvProcess does.
std::unique_ptr<Env> make_isolated_env(const std::shared_ptr<EnvProcesses>& processes,
                                       const ParamValues& values, std::chrono::milliseconds limit);
std::unique_ptr<EnvGroup> make_isolated_group(const std::shared_ptr<EnvProcesses>& processes,
                                              const ParamValues& values, std::size_t count,
                                              std::chrono::milliseconds limit);

}  // namespace tern
