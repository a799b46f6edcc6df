#pragma once
// Rollouts of on-policy agents: T steps of N envs, with the log-probabilities and values of the
// policy that acted.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/algorithm/recurrent_states.h"
#include "agents/algorithm/train_context.h"
#include "agents/policy/actor_critic_policy.h"
#include "agents/policy/distributions/likelihood.h"
#include "core/rng.h"
#include "core/threads/task_pool.h"
#include "envs/vector/vec_env.h"
#include "replay/rollout_buffer.h"

namespace tern {

/// Numbers of samples: those that a gradient step is taken on, or a chunk of them.
using Minibatch = Row<const std::int32_t>;

/// One entry or row for each of the K = T N samples k = t N + n. Observations, actions and masks are
/// in the rollout itself. "Old" is of the policy that acted.
struct OnPolicySamples {
  std::vector<float> features;      // [K, F] encoded observations, each with its state
  std::vector<float> old_log_prob;  // [K], log pi_old(a_t | s_t)
  std::vector<float> old_values;    // [K], V_old(s_t)
  std::vector<float> next_values;   // [K], V_old(s'_t)
  std::vector<float> rewards;       // [K], as the algorithm sees them
  std::vector<std::uint8_t> ended;  // [K], terminated or truncated
  std::vector<float> advantages;    // [K], of the algorithm
  std::vector<float> returns;       // [K], of the algorithm: what the critic is fitted to

  std::size_t count() const { return rewards.size(); }
};

/// Acts, steps and stores. The policy is the algorithm's, which trains it in place between rollouts.
class OnPolicyRollout {
 public:
  /// Actions are drawn from streams named `stream`, one for each env.
  OnPolicyRollout(const EnvSpec& spec, ActorCriticPolicy& policy, std::size_t steps,
                  std::size_t num_envs, std::uint64_t seed, const std::string& stream);

  /// Threads to act on; null: this one. The network must have the same pool.
  void use_threads(TaskPool* pool);
  /// The first observations. Later rollouts go on where the last one ended.
  void reset(VecEnv& envs) { envs.reset(buffer.obs(0), buffer.mask(0)); }
  /// Another episode in env i, before the next rollout.
  void restart(VecEnv& envs, std::size_t i) {
    envs.restart(i, buffer.obs(0), buffer.mask(0));
    states.forget(i);
  }
  /// T steps of all envs: samples a_t ~ pi_old(. | s_t), keeps log-probabilities and V(s_t), fills
  /// rewards and ended. Throws NonFiniteError for a log-probability, value or reward that is no
  /// number. step: environment steps done so far, for that report.
  void collect(VecEnv& envs, TrainContext& context, std::int64_t step);
  /// Fills next_values. A time limit does not end the env: where an episode was truncated, s'_t is
  /// the observation that it was cut at, with the state that it was cut in. Throws NonFiniteError as
  /// collect.
  void value_next_states(std::int64_t step);
  /// The next rollout starts where this one ended.
  void carry_over() { buffer.carry_over(); }

  /// Rows of samples as the network learns from them, and what was done in them.
  SequenceInputs inputs(const Minibatch& batch) const;
  LikelihoodRows::Taken taken(const Minibatch& batch);
  /// All that is known of some samples, for whoever looks into a NaN, in the order in which one thing
  /// is made of the others.
  std::vector<NamedArray> arrays_of(const Minibatch& batch);

  /// What to act on next, and what with.
  void save(StateWriter& out) const;
  void load(StateReader& in);

  RolloutBuffer buffer;
  RecurrentStates states;  // empty unless the network is recurrent
  OnPolicySamples samples;
  std::string deviation_source;  // whom to blame for a deviation of actions that is not finite

 private:
  /// What one thread acts in.
  struct Scratch {
    LikelihoodRows likelihood;
    std::vector<float> outputs, entropy;
  };

  void act(std::size_t t, std::size_t begin, std::size_t end, std::size_t thread,
           std::int64_t step);
  ActionRows env_actions(std::size_t t);
  void take_rewards(std::int64_t step);
  Row<const float> values_of(const ObsRows& obs, const float* remembered);
  void check_next_value(std::size_t i, std::int64_t step) const;
  std::vector<NamedArray> rows_read(const char* name, const std::vector<float>& rows,
                                    const Minibatch& which) const;
  std::vector<NamedArray> experience_of(const Minibatch& batch);
  std::vector<NamedArray> arrays_of_acting(std::size_t first, std::size_t count,
                                           const std::vector<float>& outputs);
  NamedArray standard_deviation() const;

  EnvSpec spec_;
  ActorCriticPolicy& policy_;
  std::size_t num_envs_;
  TaskPool* pool_ = nullptr;
  std::vector<Rng> action_rngs_;    // one for each env
  std::vector<Scratch> scratch_;    // one for each thread
  std::vector<float> env_actions_;  // [K, A], in the env's units, Box only
  std::vector<float> value_features_, values_;  // of values_of, [N, F] and [N]
};

}  // namespace tern
