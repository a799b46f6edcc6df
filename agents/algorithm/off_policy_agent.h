#pragma once
// The loop of agents that learn from a replay buffer: act, step, store, learn. Each agent says how
// it acts and learns. Std only.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/algorithm/agent.h"
#include "agents/algorithm/episode_states.h"
#include "agents/algorithm/finite_check.h"
#include "agents/algorithm/off_policy_steps.h"
#include "agents/algorithm/update_window.h"
#include "agents/config/off_policy_config.h"
#include "agents/kernels/optimizer.h"
#include "agents/policy/critic_memory.h"
#include "agents/policy/policy_network.h"
#include "core/rng.h"
#include "core/threads/worker_pool.h"
#include "replay/hindsight_sampler.h"

namespace tern {

/// Envs [begin, end), what is acted with in them, and by which of the threads that act.
struct Actor {
  std::size_t index = 0, begin = 0, end = 0;
  PolicyNetwork* net = nullptr;

  std::size_t envs() const { return end - begin; }
};

/// With one actor acting, stepping and learning take turns. With more (run.actors), each acts in
/// envs of its own while another thread learns, all at once:
///
///   round i: actors act with the policy that round i - 1 ended with; the learner takes the
///            gradient steps that the env steps of round i - 1 make due, from what was stored
///            before round i. When both are done the steps are stored and the actors get the
///            learner's policy.
///
/// So results depend on whether there are several actors, not on chance nor on how many, and as
/// many gradient steps are taken as with one.
class OffPolicyAgent : public Agent {
 public:
  void check_begin() final { add_demonstrations(); }
  void train(VecEnv& envs, TrainContext& context) final;
  std::int64_t step() const final { return step_; }
  std::int64_t iteration_steps() const final { return static_cast<std::int64_t>(num_envs_); }
  void restart_episodes(VecEnv& envs, const std::vector<std::size_t>& which) final;
  std::int64_t replay_bytes() const final { return experience_.bytes(); }
  void save_replay(ByteSink& out) const final { experience_.replay.save(out); }
  void load_replay(ByteSource& in) final { experience_.replay.load(in); }

  // Instead of train(), for a program that steps its one env itself
  // (agents/run/online_learner.h, which checks rows and order): show_first() at the beginning
  // of each episode, then act_once() and take() for each step of it. Step by step the same as
  // train() with one env, to the bit.

  void prepare_stepwise(std::int64_t total_steps);
  /// mask: [M], of all choices.
  void show_first(ConstObsRow obs, ConstMaskRow mask);
  /// What to do, in the env's units; valid until the next call.
  ActionRow act_once();
  void take(const StepResult& result, ConstObsRow obs, ConstMaskRow mask, EpisodeWindow& episodes);
  /// Takes the gradient steps that are due, `most` of them at most. Returns how many.
  std::int64_t learn_due(std::int64_t most);
  std::vector<Metric> stepwise_metrics(const EpisodeWindow& episodes) const {
    return metrics_of(episodes);
  }

 protected:
  /// reported: what updates_ is told of each update, "critic_loss".
  OffPolicyAgent(const OffPolicyConfig& config, const Schedule& learning_rate, const EnvSpec& spec,
                 std::size_t num_envs, std::vector<std::string> reported);

  /// What is acted with, and whose observation moments the steps update.
  virtual PolicyNetwork& acting_net() = 0;
  /// What else remembers the episodes, behind the network that acts; null: nothing.
  virtual Network* critic_with_memory() { return nullptr; }
  /// Threads that learn, and threads that act: room for what each of those needs.
  virtual void use_threads(std::size_t learning, std::size_t acting) = 0;
  /// Fills the rows of experience_.actions() that are the actor's. Several act at once.
  virtual void act(const Actor& actor) = 0;
  /// Stores a step of all envs.
  virtual void add(ReplayBuffer& replay, const ObsRows& obs, const MaskRows& masks,
                   const ActionRows& actions, const StepBatch& result) {
    replay.add(obs, masks, actions, result, /*first=*/0, states_.before());
  }
  /// Told what became of it.
  virtual void see(const StepBatch&) {}
  /// One gradient step of all that learns, on a sample of its own.
  virtual void update() = 0;
  /// Told that the updates are done which are due after env steps went from `before` to `now`.
  virtual void end_updates(std::int64_t /*before*/, std::int64_t /*now*/) {}
  /// The agent's own numbers, beside those of episodes, updates and the replay buffer.
  virtual void report(std::vector<Metric>& /*metrics*/) const {}
  /// All that a loss is computed from, for whoever looks into a NaN, in the order in which one
  /// thing is made of the others.
  virtual std::vector<NamedArray> arrays() const = 0;

  /// Whether actions are drawn evenly still.
  bool is_warming_up() const { return step_ < config_.learning_starts; }
  /// What the actor's network makes of what its envs show, and with memory showed before: [envs,
  /// output_columns]. With memory it has to be called in each step.
  Rows<float> infer(const Actor& actor);
  /// The Box actions of the actor's envs, [envs * A], in the policy's units.
  Row<float> actions_of(const Actor& actor) const;
  /// Fills them from the envs' streams, evenly within the bounds. What is shown is remembered.
  void draw_evenly(const Actor& actor, std::vector<Rng>& rngs);
  /// Throws NonFiniteError, before an env is handed it, if one of the actor's values is no number.
  void check_acting(const Actor& actor, const char* name, Row<const float> values) const;

  /// The value, if it is finite; else throws NonFiniteError with arrays().
  double check(const char* name, double value) const {
    return checked_finite(name, value, step_, [&] { return arrays(); });
  }
  /// A step along the network's gradient. Returns its norm before it was scaled down to max_norm,
  /// which is checked under that name.
  double step_along(const char* name, Optimizer& optimizer, Network& network, double max_norm);

  /// Env::relabel, of an env of the agent's own while it trains.
  HindsightSampler::Reward relabelling() const {
    return [this](const GoalView& achieved, const GoalView& desired) {
      return relabelling_env_->relabel(achieved, desired);
    };
  }

  EnvSpec spec_;
  std::size_t num_envs_;
  OffPolicySteps experience_;
  UpdateWindow updates_;
  double learning_rate_ = 0;                 // of the newest update
  std::int64_t step_ = 0, total_steps_ = 0;  // environment steps
  bool has_started_ = false;
  EpisodeStates states_;  // what the policy remembers

 private:
  void take_turns(VecEnv& envs, TrainContext& context);
  void go_on_together(VecEnv& envs, TrainContext& context);
  void use_actors(std::size_t count);
  void begin(VecEnv& envs);
  void add_demonstrations();
  void store(TrainContext& context);
  void learn(std::int64_t before, std::int64_t now);
  void remember_as_critic();
  std::vector<Metric> metrics_of(const EpisodeWindow& episodes) const;
  /// What the actor's envs show now.
  ObsRows obs_of(const Actor& actor) const;

  OffPolicyConfig config_;
  std::unique_ptr<Env> relabelling_env_;  // with hindsight only
  Schedule schedule_;  // of learning rates
  std::vector<std::unique_ptr<PolicyNetwork>> copies_;  // one for each actor, if there are several
  std::vector<Actor> actors_;
  CriticMemory critic_memory_;
  std::vector<float> acting_rows_, acting_outputs_;  // of the network that acts: [N, ..] each
  bool is_within_episode_ = false,
       shows_new_ = false;     // stepwise; the latter: not in the moments yet
  double episode_return_ = 0;  // stepwise, of the one that is under way
  std::int32_t episode_length_ = 0;
  std::int64_t learned_step_ = 0, learned_of_step_ = 0;  // updates of which step are done
  std::unique_ptr<WorkerPool> threads_;  // the learner's and the actors'; null: one for all
};

}  // namespace tern
