// PPO, top to bottom: act, step, store; advantages; minibatches, loss, update; statistics; report.
// Equation numbers are those of Schulman et al. 2017. docs/algorithms/ppo.md has the details by
// number.

#include "agents/ppo/ppo.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index_select.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "agents/nn/adam.h"
#include "agents/ppo/ppo_policy.h"
#include "agents/reward_normalizer.h"
#include "replay/rollout_buffer.h"

namespace tern {
namespace {

/// A whole rollout as one row a sample, k = t N + n.
struct Samples {
  at::Tensor features;      // [K, F] encoded observations
  at::Tensor actions;       // [K, A] int32 or float32, as sampled
  at::Tensor masks;         // [K, M] uint8; undefined for Box
  at::Tensor old_log_prob;  // [K]
  at::Tensor old_values;    // [K]
  at::Tensor advantages;    // [K]
  at::Tensor returns;       // [K]

  Samples at(const at::Tensor& rows) const {
    const auto select = [&](const at::Tensor& all) {
      return all.defined() ? all.index_select(0, rows) : all;
    };
    return {select(features),     select(actions),    select(masks),  select(old_log_prob),
            select(old_values),   select(advantages), select(returns)};
  }
};

/// Means over the gradient steps of an iteration.
struct UpdateStatistics {
  double policy_loss = 0, value_loss = 0, entropy = 0, gradient_norm = 0, clipped = 0;
  double kl = 0;  // of the last gradient step
  int gradient_steps = 0;
  bool stopped_early = false;
};

class Ppo final : public Agent {
 public:
  Ppo(const PpoConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const PpoEquations& equations)
      : config_(config), equations_(equations), spec_(spec), num_envs_(num_envs),
        num_samples_(num_envs * static_cast<std::size_t>(config.rollout_steps)),
        minibatch_rng_(seed, "ppo minibatches"),
        policy_(config, spec, Rng(seed, "ppo initial parameters")),
        adam_(policy_.network->parameters().numel(), config.adam_epsilon),
        reward_normalizer_(num_envs, config.gamma),
        rollout_(spec, static_cast<std::size_t>(config.rollout_steps), num_envs),
        world_actions_(num_envs * spec.action.size() * 4), order_(num_samples_) {
    if (num_samples_ % static_cast<std::size_t>(config.minibatch_size) != 0) {
      throw Error("agent.minibatch_size " + std::to_string(config.minibatch_size) +
                  " does not divide num_envs * rollout_steps = " + std::to_string(num_samples_));
    }
    for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, "ppo actions", i);
    std::iota(order_.begin(), order_.end(), 0);
    allocate_samples();
  }

  // ---- The loop -------------------------------------------------------------------------------

  void train(VecEnv& envs, TrainContext& context) override {
    if (!has_started_) {
      envs.reset(rollout_.obs(0), rollout_.mask(0));
      has_started_ = true;
    }
    bool goes_on = true;
    while (goes_on && step_ + static_cast<std::int64_t>(num_samples_) <= context.total_steps()) {
      // PPO detail 9: schedules are read before the rollout, so the first update has their start.
      const double learning_rate = config_.learning_rate.at(step_, context.total_steps());
      const double clip_range = config_.clip_range.at(step_, context.total_steps());
      collect_rollout(envs, context);
      UpdateStatistics statistics;
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
        estimate_advantages();
        statistics = update(learning_rate, clip_range);
        update_normalizers();
      }
      rollout_.carry_over();
      step_ += static_cast<std::int64_t>(num_samples_);
      policy_.trained_steps = step_;
      goes_on = context.end_iteration(*this, [&] {
        return report(statistics, learning_rate, clip_range, context.episodes);
      });
    }
  }

  // ---- 1. Act, step, store --------------------------------------------------------------------

  void collect_rollout(VecEnv& envs, TrainContext& context) {
    for (std::size_t t = 0; t < rollout_.steps(); ++t) {
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kInference);
        act(t);
      }
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kEnv);
        envs.step(ActionRows(world_actions_.data(), spec_.action, num_envs_), rollout_.batch(t));
      }
      context.episodes.add(rollout_.batch(t));
    }
  }

  /// Samples a_t ~ pi_old(. | s_t) and keeps its log-probability and V(s_t).
  void act(std::size_t t) {
    const auto first = static_cast<std::int64_t>(t * num_envs_);
    const at::Tensor features =
        samples_.features.narrow(0, first, static_cast<std::int64_t>(num_envs_));
    policy_.encoder.encode(rollout_.obs(t), features.data_ptr<float>());
    const at::Tensor outputs = policy_.network->infer(features);
    const std::size_t columns = policy_.distribution.num_outputs();
    const ActionRows world_actions(world_actions_.data(), spec_.action, num_envs_);
    const ActionRows actions = rollout_.actions(t);
    Samples acted_on;
    acted_on.features = features;
    float* old_log_prob = samples_.old_log_prob.data_ptr<float>() + first;
    float* old_values = samples_.old_values.data_ptr<float>() + first;
    for (std::size_t i = 0; i < num_envs_; ++i) {
      const float* row = outputs.data_ptr<float>() + i * (columns + 1);
      old_log_prob[i] = policy_.distribution.sample({row, columns}, policy_.log_std_row(),
                                                    rollout_.mask(t)[i], action_rngs_[i], actions[i]);
      old_values[i] = row[columns];
      // Before a world is handed what is no action.
      check_finite("log_prob", old_log_prob[i], acted_on);
      check_finite("value", old_values[i], acted_on);
    }
    // PPO detail 3: the world gets the action clipped to its bounds, the buffer keeps the sample,
    // whose probability is known.
    std::memcpy(world_actions.data(), actions.data(), world_actions_.size());
    for (std::size_t i = 0; i < num_envs_; ++i) clip_to_space(spec_.action, world_actions[i]);
  }

  // ---- 2. Advantages --------------------------------------------------------------------------

  /// Eq. 11-12 (generalised advantages) and the critic's targets R_t = A_t + V(s_t).
  void estimate_advantages() {
    const auto steps = static_cast<std::int64_t>(rollout_.steps());
    const auto num_envs = static_cast<std::int64_t>(num_envs_);
    const std::size_t samples = num_samples_;
    for (std::size_t k = 0; k < samples; ++k) {
      ended_[k] = rollout_.terminated()[k] | rollout_.truncated()[k];
      rewards_[k] = config_.normalize_reward ? reward_normalizer_(rollout_.rewards()[k])
                                             : rollout_.rewards()[k];
    }
    const at::Tensor next_values = values_of_next_states().view({steps, num_envs});
    const auto grid = [&](auto* data, at::ScalarType type) {
      return at::from_blob(data, {steps, num_envs}, at::TensorOptions().dtype(type));
    };
    const at::Tensor advantages = equations_.advantages(
        grid(rewards_.data(), at::kFloat), samples_.old_values.view({steps, num_envs}),
        next_values, grid(rollout_.terminated().data(), at::kByte),
        grid(ended_.data(), at::kByte), config_.gamma, config_.gae_lambda);
    samples_.advantages = advantages.reshape({-1});
    samples_.returns = samples_.advantages + samples_.old_values;
  }

  /// V(s'_t) for every sample: the next slot's value, but where an episode was cut it is that of
  /// the observation it was cut at. PPO detail 4: a time limit does not end the world.
  at::Tensor values_of_next_states() {
    const at::Tensor next_values = at::empty({static_cast<std::int64_t>(num_samples_)});
    float* v_next = next_values.data_ptr<float>();
    const float* v = samples_.old_values.data_ptr<float>();
    std::copy(v + num_envs_, v + num_samples_, v_next);
    const at::Tensor last = values_of(rollout_.obs(rollout_.steps()));
    std::copy_n(last.data_ptr<float>(), num_envs_, v_next + num_samples_ - num_envs_);
    for (std::size_t t = 0; t < rollout_.steps(); ++t) {
      bool any_truncated = false;
      for (std::size_t i = 0; i < num_envs_; ++i) {
        any_truncated = any_truncated || rollout_.truncated()[t * num_envs_ + i];
      }
      if (!any_truncated) continue;
      // All rows of the step, so that the batch size never depends on the data; the rows of envs
      // that were not truncated are not used.
      const at::Tensor values = values_of(rollout_.final_obs(t));
      for (std::size_t i = 0; i < num_envs_; ++i) {
        const std::size_t k = t * num_envs_ + i;
        if (rollout_.truncated()[k]) v_next[k] = values.data_ptr<float>()[i];
      }
    }
    return next_values;
  }

  at::Tensor values_of(const ObsRows& obs) {
    const at::Tensor features = at::empty({static_cast<std::int64_t>(obs.count()),
                                           static_cast<std::int64_t>(policy_.encoder.size())});
    policy_.encoder.encode(obs, features.data_ptr<float>());
    return policy_.value_column(policy_.network->infer(features)).contiguous();
  }

  // ---- 3. Minibatches, loss, update -----------------------------------------------------------

  UpdateStatistics update(double learning_rate, double clip_range) {
    UpdateStatistics sum;
    for (int epoch = 0; epoch < config_.epochs && !sum.stopped_early; ++epoch) {
      // PPO detail 10: an epoch is a fresh permutation, every sample in exactly one minibatch.
      minibatch_rng_.shuffle(Row<std::int64_t>(order_));
      for (std::size_t k = 0; k < num_samples_ && !sum.stopped_early;
           k += static_cast<std::size_t>(config_.minibatch_size)) {
        const at::Tensor rows = at::from_blob(
            order_.data() + k, {config_.minibatch_size}, at::TensorOptions().dtype(at::kLong));
        gradient_step(samples_.at(rows), learning_rate, clip_range, sum);
      }
    }
    return sum;
  }

  void gradient_step(const Samples& batch, double learning_rate, double clip_range,
                     UpdateStatistics& sum) {
    Network& network = *policy_.network;
    // The tape covers the loss only: it starts at the network's outputs and ends in their gradient.
    const at::Tensor outputs = network.forward(batch.features).set_requires_grad(true);
    at::Tensor log_std = policy_.log_std();
    if (log_std.defined()) log_std = log_std.detach().clone().set_requires_grad(true);

    const ActionLikelihood likelihood = policy_.distribution.likelihood(
        policy_.policy_columns(outputs), log_std, batch.actions, batch.masks);
    // PPO detail 5: advantages are scaled in each minibatch, not over the rollout.
    const at::Tensor advantages = config_.normalize_advantage
                                      ? normalized_advantages(batch.advantages)
                                      : batch.advantages;
    const at::Tensor policy_loss = equations_.policy_loss(
        likelihood.log_prob, batch.old_log_prob, advantages, clip_range);  // Eq. 7
    // PPO detail 11: the critic's term is value_coef times the squared error, without a factor 1/2.
    const at::Tensor critic_loss = equations_.critic_loss(
        policy_.value_column(outputs), batch.old_values, batch.returns, config_.value_clip_range);
    const at::Tensor entropy = likelihood.entropy.mean();
    const at::Tensor loss = policy_loss + config_.value_coef * critic_loss -
                            config_.entropy_coef * entropy;  // Eq. 9, negated

    // PPO detail 6: the early stop looks before it steps; an infinite KL is one more reason to.
    sum.kl = approximate_kl(likelihood.log_prob, batch.old_log_prob);
    if (config_.target_kl > 0 && sum.kl > 1.5 * config_.target_kl) {
      sum.stopped_early = true;
      return;
    }
    check_finite("kl", sum.kl, batch);
    sum.policy_loss += check_finite("policy_loss", policy_loss.item<double>(), batch);
    sum.value_loss += check_finite("value_loss", critic_loss.item<double>(), batch);
    sum.entropy += check_finite("entropy", entropy.item<double>(), batch);
    sum.clipped += clip_fraction(likelihood.log_prob, batch.old_log_prob, clip_range);

    loss.backward();
    network.zero_gradients();
    network.backward(outputs.grad());
    if (log_std.defined()) {
      const ParameterInfo& info = network.find("log_std");
      network.gradients().narrow(0, info.offset, info.size).copy_(log_std.grad());
    }
    // PPO detail 7: one norm over all parameters, actor and critic together.
    sum.gradient_norm += check_finite(
        "gradient_norm", clip_gradient_norm(network.gradients(), config_.max_grad_norm), batch);
    adam_.step(network.parameters(), network.gradients(), learning_rate);
    ++sum.gradient_steps;
  }

  /// The value, or NonFiniteError: it keeps the batch and names the first array of it that is not
  /// finite, else `name`, which was computed from them.
  double check_finite(const char* name, double value, const Samples& batch) const {
    if (std::isfinite(value)) return value;
    std::string culprit = name;
    std::vector<NamedArray> kept;
    const auto keep = [&](const char* array, const at::Tensor& tensor) {
      if (!tensor.defined()) return;
      const at::Tensor floats = tensor.to(at::kFloat).contiguous();
      const float* data = floats.data_ptr<float>();
      kept.push_back({array, floats.sizes().vec(), {data, data + floats.numel()}});
      const auto& values = kept.back().values;
      const auto wrong = std::find_if(values.begin(), values.end(),
                                      [](float each) { return !std::isfinite(each); });
      if (wrong != values.end() && culprit == name) {
        culprit = array;
        value = *wrong;
      }
    };
    keep("features", batch.features);
    keep("actions", batch.actions);
    keep("masks", batch.masks);
    keep("old_log_prob", batch.old_log_prob);
    keep("old_values", batch.old_values);
    keep("advantages", batch.advantages);
    keep("returns", batch.returns);
    throw NonFiniteError(culprit, value, step_, std::move(kept));
  }

  // ---- 4. Statistics --------------------------------------------------------------------------

  /// PPO detail 8: moments move only here, between the last minibatch of a rollout and the first act
  /// of the next, so that pi_old and pi read the same features.
  void update_normalizers() {
    policy_.encoder.update(rollout_.all_obs());
    if (config_.normalize_reward) {
      reward_normalizer_.update(Row<const float>(rollout_.rewards()), Row<const std::uint8_t>(ended_));
    }
  }

  std::vector<Metric> report(const UpdateStatistics& sum, double learning_rate, double clip_range,
                             const EpisodeWindow& episodes) const {
    std::vector<Metric> metrics;
    episodes.report(spec_, metrics);
    const double n = std::max(1, sum.gradient_steps);
    const double loss = sum.policy_loss / n + config_.value_coef * sum.value_loss / n -
                        config_.entropy_coef * sum.entropy / n;
    metrics.insert(
        metrics.end(),
        {{"train/loss", loss},
         {"train/policy_loss", sum.policy_loss / n},
         {"train/value_loss", sum.value_loss / n},
         {"train/entropy", sum.entropy / n},
         {"train/approx_kl", sum.kl},
         {"train/clip_fraction", sum.clipped / n},
         {"train/explained_variance", explained_variance(samples_.old_values, samples_.returns)},
         {"train/gradient_norm", sum.gradient_norm / n},
         {"train/gradient_steps", static_cast<double>(sum.gradient_steps)},
         {"train/learning_rate", learning_rate},
         {"train/clip_range", clip_range}});
    const Row<const float> log_std = policy_.log_std_row();
    double sum_of_std = 0;
    for (const float value : log_std) sum_of_std += std::exp(static_cast<double>(value));
    if (!log_std.empty()) {
      metrics.push_back({"train/std", sum_of_std / static_cast<double>(log_std.size())});
    }
    return metrics;
  }

  // ---- State ----------------------------------------------------------------------------------

  std::int64_t step() const override { return step_; }
  std::unique_ptr<Policy> snapshot() const override { return std::make_unique<PpoPolicy>(policy_); }

  AgentState save() const override {
    StateWriter policy, optimizer, training;
    policy_.save(policy);
    adam_.save(optimizer);
    reward_normalizer_.save(optimizer);
    training.write(step_, has_started_, minibatch_rng_, order_);
    for (const Rng& rng : action_rngs_) training.write(rng);
    const ObsRows obs = rollout_.obs(0);
    const MaskRows masks = rollout_.mask(0);
    training.append(obs.data(), obs.count() * obs.row_bytes());
    training.append(masks.data(), masks.count() * masks.row_size());
    return {policy.take(), optimizer.take(), training.take(), {}};
  }

  void load(const AgentState& state) override {
    StateReader policy{Row<const std::uint8_t>(state.policy)};
    policy_.load(policy);
    StateReader optimizer{Row<const std::uint8_t>(state.optimizer)};
    adam_.load(optimizer);
    reward_normalizer_.load(optimizer);
    StateReader training{Row<const std::uint8_t>(state.training)};
    training.read(step_, has_started_, minibatch_rng_, Row<std::int64_t>(order_));
    for (Rng& rng : action_rngs_) training.read(rng);
    const ObsRows obs = rollout_.obs(0);
    const MaskRows masks = rollout_.mask(0);
    training.take(obs.data(), obs.count() * obs.row_bytes());
    training.take(masks.data(), masks.count() * masks.row_size());
    if (policy.remaining() + optimizer.remaining() + training.remaining() > 0) {
      throw Error::failure("saved PPO state is longer than this configuration's");
    }
  }

 private:
  void allocate_samples() {
    const auto k = static_cast<std::int64_t>(num_samples_);
    samples_.features = at::empty({k, static_cast<std::int64_t>(policy_.encoder.size())});
    samples_.old_log_prob = at::empty({k});
    samples_.old_values = at::empty({k});
    const ActionRows actions = rollout_.all_actions();
    samples_.actions = at::from_blob(
        actions.data(), {k, static_cast<std::int64_t>(actions.row_size())},
        at::TensorOptions().dtype(spec_.action.is_box() ? at::kFloat : at::kInt));
    if (!spec_.action.is_box()) {
      const MaskRows masks = rollout_.all_masks();
      samples_.masks =
          at::from_blob(masks.data(), {k, static_cast<std::int64_t>(masks.row_size())},
                        at::TensorOptions().dtype(at::kByte));
    }
    ended_.resize(num_samples_);
    rewards_.resize(num_samples_);
  }

  PpoConfig config_;
  PpoEquations equations_;
  EnvSpec spec_;
  std::size_t num_envs_, num_samples_;  // num_samples_ = K = T N
  Rng minibatch_rng_;
  std::vector<Rng> action_rngs_;  // one for each env
  PpoPolicy policy_;
  Adam adam_;
  RewardNormalizer reward_normalizer_;
  mutable RolloutBuffer rollout_;  // its views are all mutable; save() only reads through them
  Samples samples_;
  std::vector<std::uint8_t> world_actions_;  // [N, A], clipped
  std::vector<std::uint8_t> ended_;          // [K]
  std::vector<float> rewards_;               // [K], normalised if asked for
  std::vector<std::int64_t> order_;          // a permutation of 0..K-1
  std::int64_t step_ = 0;
  bool has_started_ = false;
};

}  // namespace

std::unique_ptr<Agent> make_ppo(const PpoConfig& config, const EnvSpec& spec,
                                std::size_t num_envs, std::uint64_t seed,
                                const PpoEquations& equations) {
  return std::make_unique<Ppo>(config, spec, num_envs, seed, equations);
}

std::unique_ptr<Policy> load_ppo_policy(const PpoConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state) {
  auto policy = std::make_unique<PpoPolicy>(config, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  return policy;
}

}  // namespace tern
