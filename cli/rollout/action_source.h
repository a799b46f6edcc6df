#pragma once
// The actions of `tern rollout`: random, fixed, or read from a file.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/policy.h"
#include "core/rng.h"
#include "core/views.h"
#include "envs/env.h"

namespace tern::cli {

/// How an episode began that was kept when an env ended its process.
struct EpisodeStart {
  tern_rng rng = {};  // the env's stream before the reset
  std::uint64_t level = 0;
};

class ActionSource {
 public:
  virtual ~ActionSource() = default;
  /// Writes the next action; false: there are no more.
  virtual bool next(ObsRow obs, MaskRow mask, MutableActionRow action) = 0;
  /// The next action is the first of an episode.
  virtual void begin_episode() {}
  /// Of the episode that the actions belong to, where that is known.
  virtual std::optional<EpisodeStart> start() const { return std::nullopt; }
  /// What the last action was based on, where it is kept; else null.
  virtual const Inspection* inspection() const { return nullptr; }
};

/// Uniform over the allowed choices; Box: uniform in the bounds, standard normal where there are
/// none.
std::unique_ptr<ActionSource> random_actions(const EnvSpec& spec, std::uint64_t seed);

/// Choice 0, or the first that is allowed; Box: 0, or the bound nearest to it.
std::unique_ptr<ActionSource> zero_actions(const EnvSpec& spec);

/// The actions of a JSON file, "-" for standard input: an array of choices, of numbers (Box with
/// one component), or of arrays of them; or an object {"rng": [4 texts], "level": .., "actions":
/// [..]} that training kept. A file of `tern play -o` has one object a line: "demo.tern:3" is the
/// third, "demo.tern" the first. They are handed over as they stand, out of bounds too. Throws
/// Error naming the file and the action that is none.
std::unique_ptr<ActionSource> actions_from_file(const EnvSpec& spec, const std::string& path);

struct TrainedActionsOptions {
  std::uint64_t seed = 0;  // of what is drawn, where stochastic
  bool stochastic = false;
  bool keeps_inspections = false;  // another pass through the networks for each action
};

/// A trained policy. Throws Error for an unknown run, and for one whose observations or actions are
/// not those of this env.
std::unique_ptr<ActionSource> trained_actions(const EnvSpec& spec, const std::string& run,
                                              const TrainedActionsOptions& options);

}  // namespace tern::cli
