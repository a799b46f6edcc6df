// DQN, top to bottom: act, step, store; sample, target, loss, update; target network; report.
// Equation numbers are those of the methods section of Mnih et al. 2015; what stands in quotes is
// from its algorithm 1. docs/algorithms/dqn.md has the details by number.

#include "agents/dqn/dqn.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/finite_check.h"
#include "agents/algorithm/update_window.h"
#include "agents/dqn/dqn_policy.h"
#include "agents/dqn/exploration.h"
#include "agents/nn/apply_gradient.h"
#include "agents/policy/distributions/epsilon_greedy.h"
#include "core/threads/task_pool.h"
#include "envs/saved_rows.h"
#include "replay/replay_batch.h"
#include "replay/replay_buffer.h"
#include "replay/uniform_sampler.h"

namespace tern {
namespace {

/// How many multiples of `every` lie in (before, now].
std::int64_t multiples_passed(std::int64_t before, std::int64_t now, std::int64_t every) {
  return now / every - before / every;
}

const DqnConfig& checked(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs) {
  if (spec.action.kind() != ActionSpace::Kind::kDiscrete) {
    throw Error("dqn needs Discrete actions, which " + spec.id + " does not have. Use ppo");
  }
  const auto envs = static_cast<std::int64_t>(num_envs);
  if (config.train_every % envs != 0 && envs % config.train_every != 0) {
    throw Error("agent.train_every " + std::to_string(config.train_every) + " and run.num_envs " +
                std::to_string(envs) + " do not fit; one must divide the other");
  }
  return config;
}

class Dqn final : public Agent {
 public:
  Dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const DqnEquations& equations)
      : config_(checked(config, spec, num_envs)),
        equations_(equations),
        spec_(spec),
        num_envs_(num_envs),
        sampling_rng_(seed, "dqn samples"),
        exploration_(seed, num_envs, config.epsilon_duration),
        policy_(dqn_policy_options(config, spec), spec, Rng(seed, "dqn initial parameters")),
        target_network_(policy_.net.network->clone()),
        optimizer_(policy_.net.network->parameter_row().size(),
                   {config.optimizer, config.adam_epsilon, config.weight_decay}),
        replay_(spec, replay_schema(off_policy(config), num_envs)),
        batch_(spec, static_cast<std::size_t>(config.batch_size)),
        slots_{{spec.obs, spec.action, spec.metrics.size(), num_envs},
               {spec.obs, spec.action, spec.metrics.size(), num_envs}} {
    const std::size_t features = policy_.net.encoder.size(), actions = spec.action.mask_size();
    const auto batch_size = static_cast<std::size_t>(config.batch_size);
    acting_features_.resize(num_envs * features);
    acting_q_.resize(num_envs * actions);
    for (auto* each : {&features_, &next_features_}) each->resize(batch_size * features);
    for (auto* each : {&next_q_, &next_q_online_}) each->resize(batch_size * actions);
    targets_.resize(batch_size);
  }

  // ---- The loop -------------------------------------------------------------------------------

  void train(VecEnv& envs, TrainContext& context) override {
    use_threads(envs.options().threads);
    if (!has_started_) {
      envs.reset(now().obs, now().mask);
      policy_.net.encoder.update(now().obs);
      has_started_ = true;
    }
    double epsilon = 0, learning_rate = 0;
    const std::function<std::vector<Metric>()> metrics = [&] {
      return report(epsilon, learning_rate, context.episodes);
    };
    const auto steps_at_once = static_cast<std::int64_t>(num_envs_);
    bool goes_on = true;
    while (goes_on && step_ + steps_at_once <= context.total_steps()) {
      epsilon = epsilon_at(step_, context.total_steps());
      act_step_store(envs, context, epsilon);
      step_ += steps_at_once;
      learning_rate = config_.learning_rate.at(step_, context.total_steps());
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
        learn(learning_rate);
        // DQN detail 8: moments move only here, after the last gradient step of an iteration and
        // before the next act, on the observations that the next act reads.
        policy_.net.encoder.update(now().obs);
      }
      policy_.net.trained_steps = step_;
      goes_on = context.end_iteration(*this, metrics);
    }
  }

  // ---- 1. Act, step, store --------------------------------------------------------------------

  /// DQN detail 2: all actions are random until learning starts.
  double epsilon_at(std::int64_t step, std::int64_t total_steps) const {
    if (step < config_.learning_starts) return 1;
    const std::int64_t steps = config_.epsilon_steps > 0
                                   ? config_.epsilon_steps
                                   : std::max<std::int64_t>(1, total_steps / 10);
    return Schedule{config_.epsilon_start, config_.epsilon_end, steps}.at(step, total_steps);
  }

  void act_step_store(VecEnv& envs, TrainContext& context, double epsilon) {
    StepBuffers& from = slots_[slot_];
    StepBuffers& to = slots_[1 - slot_];
    {
      const PhaseClock::Scope scope(context.clock, PhaseClock::kInference);
      act(from, epsilon);
    }
    {
      const PhaseClock::Scope scope(context.clock, PhaseClock::kEnv);
      envs.step(from.actions, to.batch);
    }
    context.episodes.add(to.batch);
    // "Store transition (s, a, r, s') in D". DQN detail 3: s' is what the episode ended with, and a
    // time limit is no termination.
    equations_.store(replay_, from.batch.obs, from.batch.mask, from.actions, to.batch);
    for (std::size_t i = 0; i < num_envs_; ++i) {
      if (to.batch.terminated[i] || to.batch.truncated[i]) exploration_.end_episode(i);
    }
    slot_ = 1 - slot_;
  }

  /// "With probability epsilon select a random action, otherwise argmax_a Q(s, a; theta)".
  /// DQN detail 11: a random action may be kept up for some steps.
  void act(StepBuffers& from, double epsilon) {
    std::size_t greedy = 0;
    for (std::size_t i = 0; i < num_envs_; ++i) {
      const auto explored = exploration_.choose(i, epsilon, from.batch.mask[i]);
      from.actions[i].discrete() = explored.value_or(kGreedy);
      greedy += explored ? 0 : 1;
    }
    if (greedy == 0) return;
    // All rows, so that the batch size never depends on who explores.
    policy_.net.encoder.encode(from.batch.obs, acting_features_.data());
    policy_.net.network->infer({acting_features_.data(), num_envs_}, acting_q_.data());
    const std::size_t num_actions = spec_.action.mask_size();
    for (std::size_t i = 0; i < num_envs_; ++i) {
      if (from.actions[i].discrete() != kGreedy) continue;
      from.actions[i].discrete() =
          greedy_action({acting_q_.data() + i * num_actions, num_actions}, from.batch.mask[i]);
    }
  }

  // ---- 2. Sample, target, loss, update --------------------------------------------------------

  /// What is due after the newest env steps. With more envs than train_every, several times.
  void learn(double learning_rate) {
    const std::int64_t before = step_ - static_cast<std::int64_t>(num_envs_);
    if (step_ >= config_.learning_starts) {
      const std::int64_t steps =
          multiples_passed(before, step_, config_.train_every) * config_.updates_per_train;
      for (std::int64_t k = 0; k < steps; ++k) gradient_step(learning_rate);
    }
    // DQN detail 7: the target network follows env steps, not gradient steps.
    if (multiples_passed(before, step_, config_.target_update_every) > 0) {  // "every C steps"
      equations_.update_target(target_network_->parameter_row(), policy_.net.network->parameter_row(),
                               config_.tau);
    }
  }

  void gradient_step(double learning_rate) {
    Network& network = *policy_.net.network;
    const ReplayRows& batch = batch_.rows();
    const std::size_t size = batch.reward.size(), num_actions = spec_.action.mask_size();
    sampler_.sample(replay_, sampling_rng_, batch);  // (s, a, r, s') ~ U(D)
    policy_.net.encoder.encode(batch.obs, features_.data());
    policy_.net.encoder.encode(batch.next_obs, next_features_.data());

    // y = r + gamma max_a' Q(s', a'; theta^-). DQN detail 4: over allowed actions only.
    target_network_->infer({next_features_.data(), size}, next_q_.data());
    TargetRows rows = {batch.reward,          batch.terminated,       next_q_.data(),
                       next_q_online_.data(), batch.next_mask.data(), num_actions,
                       config_.gamma};
    if (config_.double_q) {  // DQN detail 5
      network.infer({next_features_.data(), size}, next_q_online_.data());
      equations_.double_target(rows, targets_);
    } else {
      equations_.target(rows, targets_);
    }

    network.zero_gradients();
    network.accumulate_gradient(
        {features_.data(), size}, [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          chunk_loss(chunk, q[0], gradient[0]);  // Eq. 2 and 3
        });
    double loss = 0, sum_of_q = 0;
    for (std::size_t i = 0; i < kMaxChunks; ++i) {  // in the order of the rows
      loss += chunk_losses_[i] / static_cast<double>(size);
      sum_of_q += chunk_sums_of_q_[i];
    }
    check_finite("loss", loss);
    const double norm = check_finite(
        "gradient_norm", apply_gradient(optimizer_, network.parameter_row(), network.gradient_row(),
                                        learning_rate, config_.max_grad_norm));
    updates_.add({loss, sum_of_q / static_cast<double>(size * num_actions), norm});
  }

  Row<const std::int32_t> actions() const {
    return {reinterpret_cast<const std::int32_t*>(batch_.rows().actions.data()), targets_.size()};
  }

  /// DQN detail 6: the mean of Huber's loss over the batch, here for some of its rows.
  void chunk_loss(const Chunk& chunk, Rows<const float> q, Rows<float> gradient) {
    const std::size_t num_actions = spec_.action.mask_size(), rows = chunk.rows();
    chunk_losses_[chunk.index] = equations_.loss(
        num_actions, q, actions().subrow(chunk.begin, rows),
        Row<const float>(targets_).subrow(chunk.begin, rows), config_.huber_threshold, gradient);
    const auto share = static_cast<float>(1.0 / static_cast<double>(targets_.size()));
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t a = 0; a < num_actions; ++a) {
        sum += q.data[r * q.stride + a];
        gradient.data[r * gradient.stride + a] *= share;
      }
    }
    chunk_sums_of_q_[chunk.index] = sum;
  }

  double check_finite(const char* name, double value) const {
    return checked_finite(name, value, step_, [&] {
      const ReplayRows& batch = batch_.rows();
      const std::size_t size = batch.reward.size(), features = policy_.net.row_size();
      return std::vector<NamedArray>{
          named_matrix("features", features_.data(), size, features).from(shown_by(spec_.id)),
          named_matrix("actions", actions().data(), size, 1),
          named_vector("rewards", Row<const float>(batch.reward)).from(paid_by(spec_.id)),
          named_vector("terminated", Row<const std::uint8_t>(batch.terminated)),
          named_matrix("next_features", next_features_.data(), size, features)
              .from(shown_by(spec_.id)),
          named_matrix("next_masks", batch.next_mask.data(), size, batch.next_mask.row_size()),
          named_vector("targets", Row<const float>(targets_))};
    });
  }

  // ---- 3. Report ------------------------------------------------------------------------------

  std::vector<Metric> report(double epsilon, double learning_rate,
                             const EpisodeWindow& episodes) const {
    std::vector<Metric> metrics;
    episodes.report(spec_, metrics);
    updates_.report(metrics);
    metrics.insert(metrics.end(), {{"train/epsilon", epsilon},
                                   {"train/learning_rate", learning_rate},
                                   {"train/replay_size", static_cast<double>(replay_.size())}});
    return metrics;
  }

  // ---- State ----------------------------------------------------------------------------------

  std::int64_t step() const override { return step_; }
  std::unique_ptr<Policy> snapshot() const override { return std::make_unique<QPolicy>(policy_); }

  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "DQN", state);
    exploration_.check_loaded(spec_.action.mask_size());
    if (has_started_) check_saved_masks(spec_.action, now().mask);
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_, self.target_network_->parameter_row());
    state.training(self.step_, self.has_started_, self.sampling_rng_, self.exploration_,
                   self.updates_, NextRows{self.now().obs, self.now().mask});
  }

  std::int64_t iteration_steps() const override { return static_cast<std::int64_t>(num_envs_); }

  std::int64_t replay_bytes() const override {
    return static_cast<std::int64_t>(replay_.capacity() * transition_bytes(spec_, replay_.schema()));
  }
  void save_replay(ByteSink& out) const override { replay_.save(out); }
  void load_replay(ByteSource& in) override { replay_.load(in); }

 private:
  static constexpr std::int32_t kGreedy = -1;  // an action still to be chosen

  void use_threads(std::size_t threads) {
    pool_ = threads > 1 ? std::make_unique<TaskPool>(threads) : nullptr;
    policy_.net.network->use_threads(pool_.get());
    target_network_->use_threads(pool_.get());
  }

  /// The observations to act on next.
  const StepBatch& now() const { return slots_[slot_].batch; }

  DqnConfig config_;
  DqnEquations equations_;
  EnvSpec spec_;
  std::size_t num_envs_;
  Rng sampling_rng_;
  Exploration exploration_;
  QPolicy policy_;                         // Q(., .; theta)
  std::unique_ptr<Network> target_network_;  // theta^-
  Optimizer optimizer_;
  ReplayBuffer replay_;  // D
  UniformSampler sampler_;
  ReplayBatch batch_;
  StepBuffers slots_[2];                 // a step reads one and writes the other
  std::size_t slot_ = 0;                 // the one to act on
  std::vector<float> acting_features_, acting_q_;  // [N, F] and [N, M]
  std::vector<float> features_, next_features_;    // [B, F]
  std::vector<float> next_q_, next_q_online_;      // [B, M]
  std::vector<float> targets_;                     // [B]
  double chunk_losses_[kMaxChunks] = {}, chunk_sums_of_q_[kMaxChunks] = {};
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  UpdateWindow updates_{{"loss", "mean_q", "gradient_norm"}};
  std::int64_t step_ = 0;
  bool has_started_ = false;
};

}  // namespace

std::unique_ptr<Agent> make_dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const DqnEquations& equations) {
  return std::make_unique<Dqn>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
