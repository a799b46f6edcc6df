#pragma once
// Steps of N envs that go into a replay buffer, one at a time: where off-policy agents get their data
// from. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/algorithm/episode_window.h"
#include "core/state_io.h"
#include "envs/action_units.h"
#include "envs/vector/vec_env.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Steps and stores; what to do is the algorithm's to say. The buffer keeps actions in the policy's
/// units, as critics read them; envs are handed their own.
class OffPolicySteps {
 public:
  OffPolicySteps(const EnvSpec& spec, const ReplaySchema& schema);

  /// The first observations.
  void reset(VecEnv& envs) { envs.reset(now().obs, now().mask); }
  /// Another episode in env i: the one that the buffer holds the beginning of was cut.
  void restart(VecEnv& envs, std::size_t i) {
    replay.cut_episode(i);
    envs.restart(i, now().obs, now().mask);
  }
  /// What to act on: [N] observations and masks.
  const StepBatch& now() const { return slots_[slot_].batch; }
  /// What to do, to be filled before a step: [N, A], Box actions in the policy's units.
  const ActionRows& actions() const { return slots_[slot_].actions; }
  /// One step of all envs.
  void step(VecEnv& envs);
  /// Of envs [begin, end): threads may step ranges of their own at once.
  void step_range(VecEnv& envs, std::size_t begin, std::size_t end);
  /// What a step of envs that somebody else steps is handed, and where what came of it is written.
  ActionRows handed_actions() { return env_actions(0, actions().count()); }
  const StepBatch& next() const { return slots_[1 - slot_].batch; }
  /// Stores what all envs have stepped by add(replay, obs, masks, actions, result): (s, a, r, s') with s'
  /// what an episode ended with, where it did, and a time limit not taken for an end. Returns what came
  /// of it.
  template <class Add>
  const StepBatch& store(EpisodeWindow& episodes, const Add& add) {
    const StepBuffers &from = slots_[slot_], &to = slots_[1 - slot_];
    episodes.add(to.batch);
    add(replay, from.batch.obs, from.batch.mask, from.actions, to.batch);
    slot_ = 1 - slot_;
    return to.batch;
  }

  /// Bytes that the full buffer takes.
  std::int64_t bytes() const {
    return static_cast<std::int64_t>(replay.capacity() * transition_bytes(spec_, replay.schema()));
  }
  /// What to act on next; the buffer is saved for itself.
  void save(StateWriter& out) const;
  void load(StateReader& in);

  ReplayBuffer replay;

 private:
  /// What envs [begin, end) are handed.
  ActionRows env_actions(std::size_t begin, std::size_t end);

  StepBuffers slots_[2];  // a step reads one and writes the other
  std::size_t slot_ = 0;  // the one to act on
  EnvSpec spec_;
  ActionUnits units_;
  std::vector<float> env_actions_;  // [N, A], Box only
};

}  // namespace tern
