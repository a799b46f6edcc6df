#pragma once
// One env under examination: driven by random actions, everything it says at hand and hashed.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/hash.h"
#include "envs/batch_views.h"
#include "envs/env.h"
#include "envs/guarded_row.h"

namespace tern {

/// Runs one env outside VecEnv, so that a rule can look at each thing it writes. All randomness
/// (the env's, the levels', the actions', when to reset early) follows from the seed.
class DrivenEnv {
 public:
  /// Before each call of the env, its observation and mask rows are filled with the byte `poison`
  /// and its reward terms, metrics, players' rewards and info values with NaN.
  DrivenEnv(std::unique_ptr<Env> env, std::uint64_t seed, std::uint8_t poison = 0xA5);
  DrivenEnv(const DrivenEnv&) = delete;
  DrivenEnv& operator=(const DrivenEnv&) = delete;

  /// The next thing that happens: a reset (first, after an episode's end, at the time limit, and
  /// now and then in the middle of an episode) or a step with a random allowed action. Box actions
  /// are now and then on the border of their range or beyond it.
  void advance();
  /// From here on as a new one of this seed, but in the same, used env.
  void restart(std::uint64_t seed);

  Env& env() { return *env_; }
  const EnvSpec& spec() const { return spec_; }
  // What the last advance() led to:
  bool was_reset() const { return was_reset_; }
  bool has_ended() const { return has_ended_; }  // the step ended the episode, or the limit did
  ObsRow obs() const { return obs_rows_[0]; }
  MaskRow mask() { return MaskRow(mask_.data(), mask_.size()); }
  ActionRow action() const { return action_rows_[0]; }
  const StepResult& result() const { return result_; }
  Row<const float> terms() const { return floats(terms_); }
  Row<const float> metrics() const { return floats(metrics_); }
  Row<const float> info() const { return floats(info_); }
  int mover() const { return mover_; }  // who took the step
  Row<const float> player_rewards() const { return floats(player_rewards_); }  // none of one player
  /// What was written outside its rows so far, or into the action: a sentence, or "".
  std::string damage() const;
  /// Of everything since the start or restart().
  std::uint64_t hash() const { return hash_.value(); }
  /// "reset 3" or "step 17 of episode 3, action 2": for messages.
  std::string where() const;

  void save(StateWriter& out) const;
  /// False if the env cannot be loaded. Hashing starts anew, as hash_anew() does.
  bool load(StateReader& in);
  void hash_anew() { hash_ = Hash64(); }

 private:
  void reset_env();
  void step_env();
  void choose_action();
  static Row<const float> floats(const GuardedRow& row) {
    return {reinterpret_cast<const float*>(row.data()), row.size() / sizeof(float)};
  }
  static FloatRow floats(GuardedRow& row) {
    return {reinterpret_cast<float*>(row.data()), row.size() / sizeof(float)};
  }

  std::unique_ptr<Env> env_;
  EnvSpec spec_;
  std::uint8_t poison_;
  Rng rng_, driver_rng_;
  GuardedRow obs_, mask_, action_;
  std::vector<std::uint8_t> chosen_;  // the action as the env got it
  ObsRows obs_rows_;
  ActionRows action_rows_;
  GuardedRow terms_, metrics_, player_rewards_, info_;
  int mover_ = 0;
  StepResult result_;
  Hash64 hash_;
  bool was_reset_ = false, has_ended_ = false, needs_reset_ = true;
  int episode_ = 0, length_ = 0;
};

/// "2" or "[0.5, -1]".
std::string action_text(ActionRow action);

}  // namespace tern
