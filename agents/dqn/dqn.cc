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
      : OffPolicyAgent(checked(config, spec, num_envs).replay, config.learning_rate, spec, num_envs,
                       {"loss", "mean_q", "gradient_norm"}),
        config_(config),
        equations_(equations),
        exploration_(seed, num_envs, config.epsilon_duration),
        policy_(dqn_policy_options(config, spec), spec, Rng(seed, "dqn initial parameters")),
        target_network_(policy_.net.network->clone()),
        optimizer_(policy_.net.network->parameter_row().size(),
                   {config.optimizer, config.adam_epsilon, config.weight_decay}),
        draws_(config.replay, spec, experience_.replay, relabelling(), seed, "dqn samples"),
        batch_(spec, static_cast<std::size_t>(config.replay.batch_size)) {
    const std::size_t features = policy_.net.encoder.size();
    const auto batch_size = static_cast<std::size_t>(config.replay.batch_size);
    for (auto* each : {&features_, &next_features_}) each->resize(batch_size * features);
    const std::size_t values = policy_.head.num_values();
    for (auto* each : {&next_values_, &next_values_online_}) each->resize(batch_size * values);
    if (!policy_.head.is_plain()) {
      next_outputs_.resize(batch_size * policy_.net.output_columns());
      for (auto* each : {&values_, &value_gradient_}) each->resize(batch_size * values);
    }
    targets_.resize(batch_size * policy_.head.quantiles());
    td_errors_.resize(batch_size);
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
    const std::size_t size = batch.reward.size();
    // (s, a, r, s') ~ U(D). DQN detail 13: or by priority. DQN detail 14: r of several steps.
    // DQN detail 17: or with a goal that was achieved.
    draws_.sample(experience_.replay, step_, total_steps_, batch);
    policy_.net.encoder.encode(batch.obs, features_.data());
    policy_.net.encoder.encode(batch.next_obs, next_features_.data());

    // y = r + gamma max_a' Q(s', a'; theta^-). DQN detail 4: over allowed actions only.
    infer_next_values(*target_network_, next_values_);
    if (config_.double_q) infer_next_values(network, next_values_online_);  // DQN detail 5
    set_targets();

    network.zero_gradients();
    network.accumulate_gradient({features_.data(), size},
                                [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
                                  chunk_loss(chunk, outputs, gradient);  // Eq. 2 and 3
                                });
    double loss = 0, sum_of_values = 0;
    for (std::size_t i = 0; i < kMaxChunks; ++i) {  // in the order of the rows
      loss += chunk_losses_[i] / static_cast<double>(size);
      sum_of_values += chunk_sums_of_values_[i];
    }
    check("loss", loss);
    const double norm = step_along("gradient_norm", optimizer_, network, config_.max_grad_norm);
    draws_.update(batch, td_errors_);
    updates_.add(
        {loss, sum_of_values / static_cast<double>(size * policy_.head.num_values()), norm});
  }

  /// Of each action in s', of the batch, [B, M] or, with quantiles, [B, M, N].
  void infer_next_values(Network& network, std::vector<float>& values) {
    const std::size_t size = td_errors_.size(), count = policy_.head.num_values();
    const BatchInputs inputs = {next_features_.data(), size};
    if (policy_.head.is_plain()) return network.infer(inputs, values.data());
    const std::size_t columns = policy_.net.output_columns();
    network.infer(inputs, next_outputs_.data());
    policy_.head.to_values({next_outputs_.data(), columns}, size);
    for (std::size_t i = 0; i < size; ++i) {
      std::copy_n(next_outputs_.data() + i * columns, count, values.data() + i * count);
    }
  }

  void set_targets() {
    const ReplayRows& batch = batch_.rows();
    const std::size_t num_actions = spec_.action.mask_size();
    if (learns_quantiles()) {  // DQN detail 16
      const std::vector<float>& choosing = config_.double_q ? next_values_online_ : next_values_;
      return equations_.quantile_target(
          {batch.reward, batch.discount, batch.terminated, next_values_.data(), choosing.data(),
           batch.next_mask.data(), num_actions, policy_.head.quantiles()},
          targets_);
    }
    const TargetRows rows = {batch.reward,
                             batch.discount,
                             batch.terminated,
                             next_values_.data(),
                             next_values_online_.data(),
                             batch.next_mask.data(),
                             num_actions};
    config_.double_q ? equations_.double_target(rows, targets_) : equations_.target(rows, targets_);
  }
  bool learns_quantiles() const { return config_.quantiles > 0; }

  Row<const std::int32_t> actions() const {
    return {reinterpret_cast<const std::int32_t*>(batch_.rows().actions.data()), td_errors_.size()};
  }

  /// DQN detail 6: the mean of Huber's loss over the batch, each row times its importance weight,
  /// here for some of its rows.
  /// DQN detail 15: by way of the values, where the network gives something else.
  void chunk_loss(const Chunk& chunk, HeadRows outputs, HeadRows output_gradient) {
    const QHead& head = policy_.head;
    if (head.is_plain()) return chunk_loss(chunk, outputs[0], output_gradient[0]);
    const std::size_t count = head.num_values(), first = chunk.begin * count;
    const Rows<float> values = {values_.data() + first, count};
    const Rows<float> gradient = {value_gradient_.data() + first, count};
    head.to_values(outputs, chunk.rows(), values);
    chunk_loss(chunk, values, gradient);
    head.to_output_gradient(gradient, chunk.rows(), output_gradient);
  }
  void chunk_loss(const Chunk& chunk, Rows<const float> values, Rows<float> gradient) {
    const std::size_t rows = chunk.rows(), count = policy_.head.num_values();
    chunk_losses_[chunk.index] = loss_of(chunk, values, gradient);
    const auto share = static_cast<float>(1.0 / static_cast<double>(td_errors_.size()));
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t i = 0; i < count; ++i) {
        sum += values.data[r * values.stride + i];
        gradient.data[r * gradient.stride + i] *= share;
      }
    }
    chunk_sums_of_values_[chunk.index] = sum;
  }
  double loss_of(const Chunk& chunk, Rows<const float> values, Rows<float> gradient) {
    const std::size_t rows = chunk.rows(), num_actions = spec_.action.mask_size();
    const std::size_t quantiles = policy_.head.quantiles();
    const Row<const std::int32_t> taken = actions().subrow(chunk.begin, rows);
    const Row<const float> targets =
        Row<const float>(targets_).subrow(chunk.begin * quantiles, rows * quantiles);
    const Row<const float> weights =
        Row<const float>(batch_.rows().weight).subrow(chunk.begin, rows);
    const Row<float> td_errors = Row<float>(td_errors_).subrow(chunk.begin, rows);
    const double threshold = config_.huber_threshold;
    if (!learns_quantiles()) {
      return equations_.loss({num_actions, values, taken, targets, weights, threshold}, td_errors,
                             gradient);
    }
    return equations_.quantile_loss(
        {num_actions, quantiles, values, taken, targets, weights, threshold}, td_errors, gradient);
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
        named_matrix("targets", targets_.data(), size, policy_.head.quantiles())};
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
  // [B, M], or [B, M, N] where N quantiles are learned of each action.
  std::vector<float> next_values_, next_values_online_;
  std::vector<float> next_outputs_;             // [B, columns], dueling only
  std::vector<float> values_, value_gradient_;  // as next_values_, dueling only
  std::vector<float> targets_;                  // [B] or [B, N]
  std::vector<float> td_errors_;                // [B]
  double chunk_losses_[kMaxChunks] = {}, chunk_sums_of_values_[kMaxChunks] = {};
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
};

}  // namespace

std::unique_ptr<Agent> make_dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const DqnEquations& equations) {
  return std::make_unique<Dqn>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
