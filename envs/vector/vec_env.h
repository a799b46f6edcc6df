#pragma once
// N envs stepped together: time limits, same-step auto-reset, masks, levels, exact state.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/state_io.h"
#include "envs/batch_views.h"
#include "envs/env_entry.h"
#include "envs/vector/env_group.h"

namespace tern {

class RewardShaping;
class WorkerPool;

struct VecEnvOptions {
  std::size_t num_envs = 1;
  std::size_t threads = 1;   // workers that step fixed ranges; results never depend on it
  std::size_t steppers = 1;  // threads of the caller that will use step_range() at once
  std::uint64_t seed = 0;
  std::string stream = "env";     // name of the random streams; evaluation uses another
  std::uint64_t first_index = 0;  // env i draws from the streams of index first_index + i
  std::uint64_t level_begin = 0;  // train or test levels
  std::uint64_t level_end = 0;    // one past the last; 0: all from level_begin on
  bool watch_steps = false;       // what an env must not do is an Error or a remark (step_watch.h)
  bool time_limit = true;         // apply EnvSpec::max_episode_steps
  std::optional<tern_rng> start = std::nullopt;  // state of env 0's stream instead of its seed's
};

/// An env that does not go on from what was saved of it, and why.
struct RefusedState {
  std::size_t env = 0;
  std::string reason;  // "load() returned false"
};

/// N envs of one kind. All memory for results is the caller's. Not thread-safe itself.
///
/// Env i draws from its own streams (seed, stream, i) only, so results depend neither on `threads`
/// nor on the other envs. Auto-reset is same-step, always: when an episode ends, `final_*` and
/// `episode_*` rows describe its end and `obs`, `mask` are already the first of the next episode.
/// Where the parameters name wrappers (envs/wrappers/wrap.h), these are around the envs; rewards
/// come out scaled, clipped or with noise, episode returns are sums of the envs' own rewards.
class VecEnv {
 public:
  /// Throws Error for bad parameters or options.
  VecEnv(const EnvEntry& entry, const ParamValues& params, const VecEnvOptions& options);
  ~VecEnv();
  VecEnv(const VecEnv&) = delete;
  VecEnv& operator=(const VecEnv&) = delete;

  std::size_t num_envs() const { return episodes_.size(); }
  /// With the parameters that were given.
  const EnvSpec& spec() const { return spec_; }
  const VecEnvOptions& options() const { return options_; }
  /// One more env like its own, for questions that are of no episode, such as Env::relabel.
  std::unique_ptr<Env> make_another() const { return make_env_(); }

  /// Starts an episode everywhere. obs: [N, ...], mask: [N, M].
  void reset(const ObsRows& obs, const MaskRows& mask);
  /// Steps every env once. Throws Error for a discrete action outside the space, a Box action that
  /// is not finite, or before the first reset; of several the lowest range's. Which other envs have
  /// stepped is then open, so only reset() or load() go on from there.
  void step(const ActionRows& actions, const StepBatch& batch);
  /// The same for envs [begin, end) only, on the caller's thread. Threads that each keep to a range
  /// of their own may step at once, for any number of steps; `step` and all else wait for them.
  void step_range(std::size_t begin, std::size_t end, const ActionRows& actions,
                  const StepBatch& batch);

  /// Everything the future depends on. Envs that cannot be saved are stored as the random state
  /// at their last reset and the actions since, and are replayed on a fresh env by load().
  void save(StateWriter& out) const;
  /// Throws Error if the state is of another env or another number of envs, or damaged; only
  /// reset() or another load() are of use then. Envs that env() returned may be replaced.
  void load(StateReader& in);
  /// The same for envs whose code was changed since. Those that do not go on from what was saved of
  /// them are returned; the caller has to restart() them. Their random streams are as saved.
  std::vector<RefusedState> load_into_changed(StateReader& in);
  /// Starts an episode in env i alone. obs, mask: as those of reset(), of which row i is written.
  void restart(std::size_t i, const ObsRows& obs, const MaskRows& mask);

  /// Env i, to draw it or to set its documented state.
  Env& env(std::size_t i) { return envs_->env(i); }
  const RunningEpisode& episode(std::size_t i) const { return episodes_[i]; }

 private:
  void check_rows(const ObsRows& obs, const MaskRows& mask) const;
  void check_step(const ActionRows& actions, const StepBatch& batch) const;
  /// What was saved of an env itself.
  struct SavedEnv {
    tern_rng reset_rng = {};
    std::vector<std::uint8_t> bytes;  // of save(), or the actions since the reset
  };
  /// Reads the episode of env i and what was saved of the env.
  SavedEnv read_episode(StateReader& in, std::size_t i, bool has_log);
  /// Throws Error unless the rules allow an episode like that of env i.
  void check_episode(std::size_t i) const;
  /// Brings env i to where it was saved. Throws whatever the env throws.
  void load_env(std::size_t i, const SavedEnv& saved, bool has_log);
  /// The number of envs and whether there are logs; throws Error for a state of other envs.
  bool read_kind(StateReader& in, bool may_differ) const;
  void load_players(StateReader& in, RunningEpisode& episode) const;
  /// Brings a fresh env i to where the actions end.
  void replay(std::size_t i, const SavedEnv& saved);

  EnvSpec spec_;
  VecEnvOptions options_;
  std::function<std::unique_ptr<Env>()> make_env_;
  EpisodeRules rules_;
  std::unique_ptr<EnvGroup> envs_;
  std::vector<RunningEpisode> episodes_;
  std::unique_ptr<RewardShaping> shaping_;  // null: rewards are the envs' own
  std::unique_ptr<WorkerPool> pool_;        // null: one thread
};

}  // namespace tern
