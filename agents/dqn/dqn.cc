// DQN, top to bottom: act, store; sample, target, loss, update; target network; report.
// Equation numbers are those of the methods section of Mnih et al. 2015; what stands in quotes is
// from its algorithm 1. docs/algorithms/dqn.md has the details by number.

#include "agents/dqn/dqn.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/off_policy_agent.h"
#include "agents/algorithm/replay_draws.h"
#include "agents/dqn/dqn_policy_options.h"
#include "agents/dqn/exploration.h"
#include "agents/policy/distributions/epsilon_greedy.h"
#include "core/threads/task_pool.h"
#include "envs/saved_rows.h"
#include "replay/replay_batch.h"

namespace tern {
namespace {

/// How many multiples of `every` lie in (before, now].
std::int64_t multiples_passed(std::int64_t before, std::int64_t now, std::int64_t every) {
  return now / every - before / every;
}

const DqnConfig& checked(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs) {
  if (spec.action.kind() != ActionSpace::Kind::kDiscrete) {
    throw Error("dqn needs Discrete actions, which " + spec.id + " does not have");
  }
  const auto envs = static_cast<std::int64_t>(num_envs);
  if (config.replay.train_every % envs != 0 && envs % config.replay.train_every != 0) {
    throw Error("agent.train_every " + std::to_string(config.replay.train_every) + " and run.num_envs " +
                std::to_string(envs) + " do not fit; one must divide the other");
  }
  return config;
}

class Dqn final : public OffPolicyAgent {
 public:
  Dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const DqnEquations& equations)
      : OffPolicyAgent(checked(config, spec, num_envs).replay, config.learning_rate, spec,
                       num_envs, {"loss", "mean_q", "gradient_norm"}),
        config_(config),
        equations_(equations),
        exploration_(seed, num_envs, config.epsilon_duration),
        policy_(dqn_policy_options(config, spec), spec, Rng(seed, "dqn initial parameters")),
        target_network_(policy_.net.network->clone()),
        optimizer_(policy_.net.network->parameter_row().size(),
                   {config.optimizer, config.adam_epsilon, config.weight_decay}),
        draws_(config.replay, experience_.replay, seed, "dqn samples"),
        batch_(spec, static_cast<std::size_t>(config.replay.batch_size)) {
    const std::size_t features = policy_.net.encoder.size(), actions = spec.action.mask_size();
    const auto batch_size = static_cast<std::size_t>(config.replay.batch_size);
    for (auto* each : {&features_, &next_features_}) each->resize(batch_size * features);
    for (auto* each : {&next_q_, &next_q_online_}) each->resize(batch_size * actions);
    if (policy_.head.is_dueling()) {
      next_outputs_.resize(batch_size * policy_.net.output_columns());
      for (auto* each : {&q_, &q_gradient_}) each->resize(batch_size * actions);
    }
    for (auto* each : {&targets_, &td_errors_}) each->resize(batch_size);
  }

  // ---- 1. Act, store --------------------------------------------------------------------------

  /// DQN detail 8: its moments move only after the last gradient step of an iteration and before
  /// the next act, on the observations that the next act reads.
  PolicyNetwork& acting_net() override { return policy_.net; }

  /// DQN detail 2: all actions are random until learning starts.
  double epsilon_at(std::int64_t step) const {
    if (step < config_.replay.learning_starts) return 1;
    const std::int64_t steps = config_.epsilon_steps > 0
                                   ? config_.epsilon_steps
                                   : std::max<std::int64_t>(1, total_steps_ / 10);
    return Schedule{config_.epsilon_start, config_.epsilon_end, steps}.at(step, total_steps_);
  }

  /// "With probability epsilon select a random action, otherwise argmax_a Q(s, a; theta)".
  /// DQN detail 11: a random action may be kept up for some steps.
  void act(const Actor& actor) override {
    const StepBatch& now = experience_.now();
    const ActionRows& actions = experience_.actions();
    const double epsilon = epsilon_at(step_);
    std::size_t greedy = 0;
    for (std::size_t i = actor.begin; i < actor.end; ++i) {
      const auto explored = exploration_.choose(i, epsilon, now.mask[i]);
      actions[i].discrete() = explored.value_or(kGreedy);
      greedy += explored ? 0 : 1;
    }
    if (greedy == 0) return;
    // All of the actor's rows, so that the batch size never depends on who explores.
    const Rows<float> q = infer(actor);
    policy_.head.to_q(q, actor.envs());
    for (std::size_t i = actor.begin; i < actor.end; ++i) {
      if (actions[i].discrete() != kGreedy) continue;
      actions[i].discrete() = greedy_action(
          {q.data + (i - actor.begin) * q.stride, spec_.action.mask_size()}, now.mask[i]);
    }
  }

  /// "Store transition (s, a, r, s') in D". DQN detail 3: s' is what the episode ended with, and a
  /// time limit is no termination.
  void add(ReplayBuffer& replay, const ObsRows& obs, const MaskRows& masks,
           const ActionRows& actions, const StepBatch& result) override {
    equations_.store(replay, obs, masks, actions, result);
  }
  void see(const StepBatch& step) override {
    for (std::size_t i = 0; i < num_envs_; ++i) {
      if (step.terminated[i] || step.truncated[i]) exploration_.end_episode(i);
    }
  }

  // ---- 2. Sample, target, loss, update --------------------------------------------------------

  /// DQN detail 7: the target network follows env steps, not gradient steps.
  void end_updates(std::int64_t before, std::int64_t now) override {
    if (multiples_passed(before, now, config_.target_update_every) > 0) {  // "every C steps"
      equations_.update_target(target_network_->parameter_row(),
                               policy_.net.network->parameter_row(), config_.tau);
    }
  }

  void update() override {
    Network& network = *policy_.net.network;
    const ReplayRows& batch = batch_.rows();
    const std::size_t size = batch.reward.size(), num_actions = spec_.action.mask_size();
    // (s, a, r, s') ~ U(D). DQN detail 13: or by priority. DQN detail 14: r of several steps.
    draws_.sample(experience_.replay, step_, total_steps_, batch);
    policy_.net.encoder.encode(batch.obs, features_.data());
    policy_.net.encoder.encode(batch.next_obs, next_features_.data());

    // y = r + gamma max_a' Q(s', a'; theta^-). DQN detail 4: over allowed actions only.
    infer_next_q(*target_network_, next_q_);
    TargetRows rows = {batch.reward,   batch.discount,        batch.terminated,
                       next_q_.data(), next_q_online_.data(), batch.next_mask.data(),
                       num_actions};
    if (config_.double_q) {  // DQN detail 5
      infer_next_q(network, next_q_online_);
      equations_.double_target(rows, targets_);
    } else {
      equations_.target(rows, targets_);
    }

    network.zero_gradients();
    network.accumulate_gradient({features_.data(), size},
                                [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
                                  chunk_loss(chunk, outputs, gradient);  // Eq. 2 and 3
                                });
    double loss = 0, sum_of_q = 0;
    for (std::size_t i = 0; i < kMaxChunks; ++i) {  // in the order of the rows
      loss += chunk_losses_[i] / static_cast<double>(size);
      sum_of_q += chunk_sums_of_q_[i];
    }
    check("loss", loss);
    const double norm = step_along("gradient_norm", optimizer_, network, config_.max_grad_norm);
    draws_.update(batch, td_errors_);
    updates_.add({loss, sum_of_q / static_cast<double>(size * num_actions), norm});
  }

  /// Q(s', .) of the batch, [B, M].
  void infer_next_q(Network& network, std::vector<float>& q) {
    const BatchInputs inputs = {next_features_.data(), targets_.size()};
    if (!policy_.head.is_dueling()) return network.infer(inputs, q.data());
    const std::size_t columns = policy_.net.output_columns(), actions = spec_.action.mask_size();
    network.infer(inputs, next_outputs_.data());
    policy_.head.to_q({next_outputs_.data(), columns}, targets_.size());
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      std::copy_n(next_outputs_.data() + i * columns, actions, q.data() + i * actions);
    }
  }

  Row<const std::int32_t> actions() const {
    return {reinterpret_cast<const std::int32_t*>(batch_.rows().actions.data()), targets_.size()};
  }

  /// DQN detail 6: the mean of Huber's loss over the batch, each row times its importance weight,
  /// here for some of its rows.
  /// DQN detail 15: by way of Q, where the network gives something else.
  void chunk_loss(const Chunk& chunk, HeadRows outputs, HeadRows output_gradient) {
    const QHead& head = policy_.head;
    if (!head.is_dueling()) return chunk_loss(chunk, outputs[0], output_gradient[0]);
    const std::size_t actions = spec_.action.mask_size(), first = chunk.begin * actions;
    const Rows<float> q = {q_.data() + first, actions};
    const Rows<float> gradient = {q_gradient_.data() + first, actions};
    head.to_q(outputs, chunk.rows(), q);
    chunk_loss(chunk, q, gradient);
    head.to_output_gradient(gradient, chunk.rows(), output_gradient);
  }
  void chunk_loss(const Chunk& chunk, Rows<const float> q, Rows<float> gradient) {
    const std::size_t num_actions = spec_.action.mask_size(), rows = chunk.rows();
    chunk_losses_[chunk.index] = equations_.loss(
        {num_actions, q, actions().subrow(chunk.begin, rows),
         Row<const float>(targets_).subrow(chunk.begin, rows),
         Row<const float>(batch_.rows().weight).subrow(chunk.begin, rows), config_.huber_threshold},
        Row<float>(td_errors_).subrow(chunk.begin, rows), gradient);
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

  std::vector<NamedArray> arrays() const override {
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
  }

  // ---- 3. Report ------------------------------------------------------------------------------

  void report(std::vector<Metric>& metrics) const override {
    metrics.push_back({"train/epsilon", epsilon_at(step_ - iteration_steps())});
  }

  // ---- State ----------------------------------------------------------------------------------

  std::unique_ptr<Policy> snapshot() const override { return std::make_unique<QPolicy>(policy_); }

  void reset_targets() override { target_network_->copy_state(*policy_.net.network); }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "DQN", state);
    exploration_.check_loaded(spec_.action.mask_size());
    if (has_started_) check_saved_masks(spec_.action, experience_.now().mask);
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_, self.target_network_->parameter_row());
    state.training(self.step_, self.has_started_, self.draws_, self.exploration_,
                   self.updates_, self.experience_);
  }

 private:
  static constexpr std::int32_t kGreedy = -1;  // an action still to be chosen

  void use_threads(std::size_t learning, std::size_t) override {
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    policy_.net.network->use_threads(pool_.get());
    target_network_->use_threads(pool_.get());
  }

  DqnConfig config_;
  DqnEquations equations_;
  Exploration exploration_;
  QPolicy policy_;                           // Q(., .; theta)
  std::unique_ptr<Network> target_network_;  // theta^-
  Optimizer optimizer_;
  ReplayDraws draws_;
  ReplayBatch batch_;
  std::vector<float> features_, next_features_;  // [B, F]
  std::vector<float> next_q_, next_q_online_;    // [B, M]
  std::vector<float> next_outputs_;              // [B, columns], dueling only
  std::vector<float> q_, q_gradient_;            // [B, M], dueling only
  std::vector<float> targets_, td_errors_;       // [B]
  double chunk_losses_[kMaxChunks] = {}, chunk_sums_of_q_[kMaxChunks] = {};
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
};

}  // namespace

std::unique_ptr<Agent> make_dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const DqnEquations& equations) {
  return std::make_unique<Dqn>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
