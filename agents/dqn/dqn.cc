// DQN, top to bottom: act, step, store; sample, target, loss, update; target network; report.
// Equation numbers are those of the methods section of Mnih et al. 2015; what stands in quotes is
// from its algorithm 1. docs/algorithms/dqn.md has the details by number.

#include "agents/dqn/dqn.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "agents/dqn/dqn_policy.h"
#include "agents/dqn/update_window.h"
#include "replay/batch.h"
#include "replay/replay_buffer.h"

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

double mean_of(const at::Tensor& values) {
  const float* data = values.data_ptr<float>();
  const std::int64_t size = values.numel();
  return std::accumulate(data, data + size, 0.0) / static_cast<double>(size);
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
        policy_(config, spec, Rng(seed, "dqn initial parameters")),
        target_network_(policy_.network->clone()),
        adam_(policy_.network->parameters().numel(), config.adam_epsilon),
        replay_(spec, static_cast<std::size_t>(config.buffer_size)),
        batch_(spec, static_cast<std::size_t>(config.batch_size)),
        slots_{{spec.obs, spec.action, spec.metrics.size(), num_envs},
               {spec.obs, spec.action, spec.metrics.size(), num_envs}} {
    const auto envs = static_cast<std::int64_t>(num_envs);
    // DQN detail 9: each env explores with a stream of its own.
    for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, "dqn actions", i);
    const auto features = static_cast<std::int64_t>(policy_.encoder.size());
    acting_features_ = at::empty({envs, features});
    features_ = at::empty({config.batch_size, features});
    next_features_ = at::empty({config.batch_size, features});
  }

  // ---- The loop -------------------------------------------------------------------------------

  void train(VecEnv& envs, TrainContext& context) override {
    if (!has_started_) {
      envs.reset(now().obs, now().mask);
      policy_.encoder.update(now().obs);
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
        policy_.encoder.update(now().obs);
      }
      policy_.trained_steps = step_;
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
    slot_ = 1 - slot_;
  }

  /// "With probability epsilon select a random action, otherwise argmax_a Q(s, a; theta)". Each env
  /// explores with its own stream; one draw decides, another picks.
  void act(StepBuffers& from, double epsilon) {
    std::size_t greedy = 0;
    for (std::size_t i = 0; i < num_envs_; ++i) {
      const bool explores = action_rngs_[i].chance(epsilon);
      from.actions[i].discrete() =
          explores ? random_action(from.batch.mask[i], action_rngs_[i]) : kGreedy;
      greedy += explores ? 0 : 1;
    }
    if (greedy == 0) return;
    // All rows, so that the batch size never depends on who explores.
    policy_.encoder.encode(from.batch.obs, acting_features_.data_ptr<float>());
    const at::Tensor q = policy_.network->infer(acting_features_);
    const std::size_t num_actions = spec_.action.mask_size();
    for (std::size_t i = 0; i < num_envs_; ++i) {
      if (from.actions[i].discrete() != kGreedy) continue;
      from.actions[i].discrete() =
          greedy_action({q.data_ptr<float>() + i * num_actions, num_actions}, from.batch.mask[i]);
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
      equations_.update_target(target_network_->parameters(), policy_.network->parameters(),
                               config_.tau);
    }
  }

  void gradient_step(double learning_rate) {
    Network& network = *policy_.network;
    replay_.sample(sampling_rng_, batch_.rows());  // (s, a, r, s') ~ U(D)
    policy_.encoder.encode(batch_.rows().obs, features_.data_ptr<float>());
    policy_.encoder.encode(batch_.rows().next_obs, next_features_.data_ptr<float>());

    // y = r + gamma max_a' Q(s', a'; theta^-). DQN detail 4: over allowed actions only.
    const at::Tensor next_q = target_network_->infer(next_features_);
    const at::Tensor targets = config_.double_q  // DQN detail 5
                                   ? equations_.double_target(batch_.reward, batch_.terminated,
                                                              network.infer(next_features_), next_q,
                                                              batch_.next_mask, config_.gamma)
                                   : equations_.target(batch_.reward, batch_.terminated, next_q,
                                                       batch_.next_mask, config_.gamma);

    // The tape covers the loss only: it starts at the network's outputs and ends in their gradient.
    const at::Tensor q = network.forward(features_).set_requires_grad(true);
    const at::Tensor actions = batch_.actions.squeeze(1).to(at::kLong);
    const at::Tensor loss =  // Eq. 2; DQN detail 6
        equations_.loss(q, actions, targets, config_.huber_threshold);
    UpdateStatistics statistics;
    statistics.loss = check_finite("loss", loss.item<double>(), targets);
    statistics.mean_q = mean_of(q);
    loss.backward();
    network.zero_gradients();
    network.backward(q.grad());  // Eq. 3
    statistics.gradient_norm = check_finite(
        "gradient_norm", clip_gradient_norm(network.gradients(), config_.max_grad_norm), targets);
    adam_.step(network.parameters(), network.gradients(), learning_rate);
    updates_.add(statistics);
  }

  double check_finite(const char* name, double value, const at::Tensor& targets) const {
    if (std::isfinite(value)) return value;
    std::vector<NamedArray> kept;
    const auto keep = [&](const char* array, const at::Tensor& tensor) {
      const at::Tensor floats = tensor.to(at::kFloat).contiguous();
      const float* data = floats.data_ptr<float>();
      kept.push_back({array, floats.sizes().vec(), {data, data + floats.numel()}});
    };
    keep("features", features_);
    keep("actions", batch_.actions);
    keep("rewards", batch_.reward);
    keep("terminated", batch_.terminated);
    keep("next_features", next_features_);
    keep("next_masks", batch_.next_mask);
    keep("targets", targets);
    throw NonFiniteError(name, value, step_, std::move(kept));
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
  std::unique_ptr<Policy> snapshot() const override { return std::make_unique<DqnPolicy>(policy_); }

  AgentState save() const override {
    StateWriter policy, optimizer, training, replay;
    policy_.save(policy);
    adam_.save(optimizer);
    const at::Tensor& target = target_network_->parameters();
    optimizer.write(
        Row<const float>(target.data_ptr<float>(), static_cast<std::size_t>(target.numel())));
    training.write(step_, has_started_, sampling_rng_);
    for (const Rng& rng : action_rngs_) training.write(rng);
    updates_.save(training);
    training.append(now().obs.data(), num_envs_ * now().obs.row_bytes());
    training.append(now().mask.data(), num_envs_ * now().mask.row_size());
    replay_.save(replay);
    return {policy.take(), optimizer.take(), training.take(), replay.take()};
  }

  std::int64_t replay_bytes() const override {
    return static_cast<std::int64_t>(replay_.capacity() * ReplayBuffer::transition_bytes(spec_));
  }

  void load(const AgentState& state) override {
    StateReader policy{Row<const std::uint8_t>(state.policy)};
    policy_.load(policy);
    StateReader optimizer{Row<const std::uint8_t>(state.optimizer)};
    adam_.load(optimizer);
    at::Tensor& target = target_network_->parameters();
    optimizer.read(Row<float>(target.data_ptr<float>(), static_cast<std::size_t>(target.numel())));
    StateReader training{Row<const std::uint8_t>(state.training)};
    training.read(step_, has_started_, sampling_rng_);
    for (Rng& rng : action_rngs_) training.read(rng);
    updates_.load(training);
    training.take(now().obs.data(), num_envs_ * now().obs.row_bytes());
    training.take(now().mask.data(), num_envs_ * now().mask.row_size());
    StateReader replay{Row<const std::uint8_t>(state.replay)};
    replay_.load(replay);
  }

 private:
  static constexpr std::int32_t kGreedy = -1;  // an action still to be chosen

  /// The observations to act on next.
  const StepBatch& now() const { return slots_[slot_].batch; }

  DqnConfig config_;
  DqnEquations equations_;
  EnvSpec spec_;
  std::size_t num_envs_;
  Rng sampling_rng_;
  std::vector<Rng> action_rngs_;             // one for each env
  DqnPolicy policy_;                         // Q(., .; theta)
  std::unique_ptr<Network> target_network_;  // theta^-
  Adam adam_;
  ReplayBuffer replay_;  // D
  Batch batch_;
  StepBuffers slots_[2];                 // a step reads one and writes the other
  std::size_t slot_ = 0;                 // the one to act on
  at::Tensor acting_features_;           // [N, F]
  at::Tensor features_, next_features_;  // [B, F]
  UpdateWindow updates_;
  std::int64_t step_ = 0;
  bool has_started_ = false;
};

}  // namespace

std::unique_ptr<Agent> make_dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const DqnEquations& equations) {
  return std::make_unique<Dqn>(config, spec, num_envs, seed, equations);
}

std::unique_ptr<Policy> load_dqn_policy(const DqnConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state) {
  auto policy = std::make_unique<DqnPolicy>(config, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  return policy;
}

}  // namespace tern
