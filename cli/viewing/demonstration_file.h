#pragma once
// Episodes that somebody played, in the documents of `tern rollout --json`, one a line.

#include <cstddef>
#include <string>

#include "core/files/json.h"
#include "envs/env.h"
#include "envs/env_entry.h"
#include "render/episode.h"

namespace tern::cli {

/// The episode as `tern rollout ENV --json` prints one (without "state", "player" and
/// "player_rewards"), with what it begins with for --actions: {"env", "params", "rng", "level",
/// "actions", "return", "reset_obs", "steps"}. Its beginning must have been kept.
Json demonstration_json(const Episode& episode, const ParamValues& params);

/// A file that episodes of one env are added to.
class DemonstrationFile {
 public:
  /// A file that exists is added to. Throws Error if it holds something else than episodes of this
  /// env; Error::failure if there is no such folder.
  DemonstrationFile(std::string path, const EnvSpec& spec, ParamValues params);

  /// Appends the episode; it is in the file when this returns. Throws Error::failure if that is not
  /// possible; the file is then as it was.
  void add(const Episode& episode);

  /// Added so far.
  std::size_t episodes() const { return episodes_; }
  std::size_t steps() const { return steps_; }

 private:
  std::string path_;
  ParamValues params_;
  std::size_t episodes_ = 0, steps_ = 0;
};

}  // namespace tern::cli
