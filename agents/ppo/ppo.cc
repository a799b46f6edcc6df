// PPO, top to bottom: act, step, store; advantages; minibatches, loss, update; statistics; report.
// Equation numbers are those of Schulman et al. 2017. docs/algorithms/ppo.md has the details by
// number.

#include "agents/ppo/ppo.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <utility>

#include "agents/kernels/optimizer.h"
#include "agents/nn/apply_gradient.h"
#include "agents/policy/reward_normalizer.h"
#include "agents/ppo/ppo_memory.h"
#include "agents/ppo/ppo_policy.h"
#include "agents/ppo/ppo_samples.h"
#include "core/number_text.h"
#include "core/threads/task_pool.h"
#include "replay/rollout_buffer.h"

namespace tern {
namespace {

class Ppo final : public Agent {
 public:
  Ppo(const PpoConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const PpoEquations& equations)
      : config_(config), equations_(equations), spec_(spec), num_envs_(num_envs),
        num_samples_(num_envs * static_cast<std::size_t>(config.rollout_steps)),
        minibatch_rng_(seed, "ppo minibatches"),
        policy_(config, spec, Rng(seed, "ppo initial parameters"), equations.network),
        optimizer_(policy_.network->parameter_row().size(),
                   {config.optimizer, config.adam_epsilon, config.weight_decay}),
        reward_normalizer_(num_envs, config.gamma),
        rollout_(spec, static_cast<std::size_t>(config.rollout_steps), num_envs),
        memory_(rollout_.steps(), num_envs, policy_.network->state_size()),
        chunk_terms_(kMaxChunks, ChunkLossTerms(spec.action)),
        value_features_(num_envs * policy_.row_size()), values_(num_envs),
        next_values_(num_samples_), rewards_(num_samples_), ended_(num_samples_),
        order_(num_samples_) {
    check_minibatch(config, num_samples_);
    for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, "ppo actions", i);
    std::iota(order_.begin(), order_.end(), 0);
    samples_.resize(num_samples_, policy_.encoder.size(), policy_.network->state_size());
    if (spec.action.is_box()) clipped_actions_.resize(num_samples_ * spec.action.size());
  }

  // ---- The loop -------------------------------------------------------------------------------

  void train(VecEnv& envs, TrainContext& context) override {
    use_threads(envs.options().threads);
    if (!has_started_) {
      envs.reset(rollout_.obs(0), rollout_.mask(0));
      has_started_ = true;
    }
    double learning_rate = 0, clip_range = 0;
    UpdateStatistics statistics;
    const std::function<std::vector<Metric>()> metrics = [&] {
      return report(statistics, learning_rate, clip_range, context.episodes);
    };
    bool goes_on = true;
    while (goes_on && step_ + static_cast<std::int64_t>(num_samples_) <= context.total_steps()) {
      // PPO detail 9: schedules are read before the rollout, so the first update has their start.
      learning_rate = config_.learning_rate.at(step_, context.total_steps());
      clip_range = config_.clip_range.at(step_, context.total_steps());
      collect_rollout(envs, context);
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
        estimate_advantages();
        statistics = update(learning_rate, clip_range);
        update_normalizers();
      }
      rollout_.carry_over();
      step_ += static_cast<std::int64_t>(num_samples_);
      policy_.trained_steps = step_;
      goes_on = context.end_iteration(*this, metrics);
    }
  }

  // ---- 1. Act, step, store --------------------------------------------------------------------

  /// Envs go in as many groups as there are threads, each from the first step to the last, so that
  /// threads meet once a rollout. Results do not depend on the groups.
  void collect_rollout(VecEnv& envs, TrainContext& context) {
    const auto collect = [&](std::size_t group, std::size_t thread) {
      const std::size_t begin = num_envs_ * group / acting_.size();
      const std::size_t end = num_envs_ * (group + 1) / acting_.size();
      PhaseClock unread;
      PhaseClock& clock = thread == 0 ? context.clock : unread;
      for (std::size_t t = 0; begin < end && t < rollout_.steps(); ++t) {
        {
          const PhaseClock::Scope scope(clock, PhaseClock::kInference);
          act(t, begin, end, thread);
        }
        {
          const PhaseClock::Scope scope(clock, PhaseClock::kEnv);
          envs.step_range(begin, end, env_actions(t), rollout_.batch(t));
        }
        memory_.end_step(t, begin, end, rollout_.terminated(), rollout_.truncated());
      }
    };
    if (pool_ != nullptr) {
      pool_->run(acting_.size(), collect);
    } else {
      collect(0, 0);
    }
    for (std::size_t t = 0; t < rollout_.steps(); ++t) context.episodes.add(rollout_.batch(t));
  }

  /// Samples a_t ~ pi_old(. | s_t) for envs [begin, end) and keeps log-probabilities and V(s_t).
  void act(std::size_t t, std::size_t begin, std::size_t end, std::size_t thread) {
    const std::size_t first = t * num_envs_ + begin, count = end - begin;
    const std::size_t columns = policy_.output_columns();
    ActingRows& rows = acting_[thread];
    float* features = samples_.features.data() + first * policy_.row_size();
    const ObsRows obs = rollout_.obs(t);
    policy_.encode(ObsRows(obs.data() + begin * obs.row_bytes(), spec_.obs, count),
                   memory_.now(begin), features);
    policy_.network->infer_on(thread, {features, count}, rows.outputs.data());
    const ActionRows actions = rollout_.actions(t);
    const MaskRows masks = rollout_.mask(t);
    for (std::size_t i = 0; i < count; ++i) {
      const Row<const float> row(rows.outputs.data() + i * columns, columns);
      samples_.old_values[first + i] = row[policy_.value_column()];
      memory_.take(first + i, row.data() + policy_.state_column());
      policy_.distribution.sample(row.subrow(0, policy_.value_column()), policy_.log_std(),
                                  masks[begin + i], action_rngs_[begin + i], actions[begin + i]);
    }
    // The same arithmetic as in the update, so that the first ratios are exactly 1.
    rows.likelihood.forward(
        count, {rows.outputs.data(), columns}, policy_.log_std(),
        {actions.data() + begin * actions.row_size() * 4,
         spec_.has_masks ? masks.data() + begin * masks.row_size() : nullptr},
        samples_.old_log_prob.data() + first, rows.entropy.data());
    for (std::size_t k = first; k < first + count; ++k) {  // before an env is handed what is no action
      for (const auto& [name, value] : {std::pair("log_prob", samples_.old_log_prob[k]),
                                        std::pair("value", samples_.old_values[k])}) {
        if (std::isfinite(value)) continue;
        throw NonFiniteError(name, value, step_, arrays_of_acting(t, begin, end, thread));
      }
    }
    // PPO detail 3: the env gets the action in its own units and clipped to its bounds, the buffer
    // keeps the sample, whose probability is known.
    if (!spec_.action.is_box()) return;
    const ActionRows clipped = env_actions(t);
    const std::size_t bytes = actions.row_size() * 4;
    std::memcpy(clipped.data() + begin * bytes, actions.data() + begin * bytes, count * bytes);
    for (std::size_t i = begin; i < end; ++i) policy_.distribution.units().to_env(clipped[i]);
  }

  /// What envs [begin, end) acted on at step t, and how they came to act as they did.
  std::vector<NamedArray> arrays_of_acting(std::size_t t, std::size_t begin, std::size_t end,
                                           std::size_t thread) {
    std::vector<std::int32_t> which(end - begin);
    std::iota(which.begin(), which.end(), static_cast<std::int32_t>(t * num_envs_ + begin));
    std::vector<NamedArray> arrays =
        rows_read("features", samples_.features.data(), samples_, spec_, which);
    const auto rows = static_cast<std::int64_t>(which.size());
    const std::size_t columns = policy_.output_columns();
    const std::vector<float>& outputs = acting_[thread].outputs;
    arrays.push_back({"outputs",
                      {rows, static_cast<std::int64_t>(columns)},
                      {outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(
                                                              which.size() * columns)}});
    if (!spec_.action.is_box()) return arrays;
    arrays.push_back(standard_deviation());
    const ActionRows actions = rollout_.actions(t);
    const auto* taken = reinterpret_cast<const float*>(actions.data());
    const std::size_t size = actions.row_size();
    arrays.push_back({"actions",
                      {rows, static_cast<std::int64_t>(size)},
                      {taken + begin * size, taken + end * size},
                      standard_deviation().source});
    return arrays;
  }

  /// Of a Gaussian policy. A bonus for entropy drives it up without end.
  NamedArray standard_deviation() const {
    NamedArray array;
    array.name = "standard_deviation";
    for (const float value : policy_.log_std()) array.values.push_back(std::exp(value));
    array.shape = {static_cast<std::int64_t>(array.values.size())};
    if (config_.entropy_coef > 0) {
      array.source = "The entropy bonus drives the deviation of actions up; lower entropy_coef (" +
                     format_number(config_.entropy_coef) + ")";
    }
    return array;
  }

  /// What the envs are handed at step t.
  ActionRows env_actions(std::size_t t) {
    if (!spec_.action.is_box()) return rollout_.actions(t);
    return ActionRows(clipped_actions_.data() + t * num_envs_ * spec_.action.size(), spec_.action,
                      num_envs_);
  }

  // ---- 2. Advantages --------------------------------------------------------------------------

  /// Eq. 11-12 (generalised advantages) and the critic's targets R_t = A_t + V(s_t).
  void estimate_advantages() {
    for (std::size_t k = 0; k < num_samples_; ++k) {
      check_reward(k);
      ended_[k] = rollout_.terminated()[k] | rollout_.truncated()[k];
      rewards_[k] = config_.normalize_reward ? reward_normalizer_(rollout_.rewards()[k])
                                             : rollout_.rewards()[k];
    }
    if (config_.normalize_reward) policy_.reward_unit = reward_normalizer_.unit();
    values_of_next_states();
    equations_.advantages({rewards_, samples_.old_values, next_values_, rollout_.terminated(),
                           ended_, num_envs_, config_.gamma, config_.gae_lambda},
                          samples_.advantages);
    for (std::size_t k = 0; k < num_samples_; ++k) {
      samples_.returns[k] = samples_.advantages[k] + samples_.old_values[k];
    }
  }

  /// A reward that is no number would spoil the advantages of all steps before it.
  void check_reward(std::size_t k) {
    const float reward = rollout_.rewards()[k];
    if (std::isfinite(reward)) return;
    const std::vector<std::int32_t> which = {static_cast<std::int32_t>(k)};
    throw NonFiniteError("rewards", reward, step_, experience_of(samples_, rollout_, spec_, which));
  }

  /// V(s'_t) for every sample: the next slot's value, but where an episode was cut it is that of
  /// the observation it was cut at. PPO detail 4: a time limit does not end the env.
  void values_of_next_states() {
    std::copy(samples_.old_values.begin() + static_cast<std::ptrdiff_t>(num_envs_),
              samples_.old_values.end(), next_values_.begin());
    const Row<const float> last =
        values_of(rollout_.obs(rollout_.steps()), memory_.after(rollout_.steps() - 1));
    for (std::size_t i = 0; i < num_envs_; ++i) check_next_value(i);
    std::copy(last.begin(), last.end(),
              next_values_.end() - static_cast<std::ptrdiff_t>(num_envs_));
    for (std::size_t t = 0; t < rollout_.steps(); ++t) {
      const Row<std::uint8_t> truncated = rollout_.truncated().subrow(t * num_envs_, num_envs_);
      if (std::find(truncated.begin(), truncated.end(), 1) == truncated.end()) continue;
      // All rows of the step; those of envs that were not truncated are not used.
      const Row<const float> values = values_of(rollout_.final_obs(t), memory_.after(t));
      for (std::size_t i = 0; i < num_envs_; ++i) {
        if (!truncated[i]) continue;
        check_next_value(i);
        next_values_[t * num_envs_ + i] = values[i];
      }
    }
  }

  /// Of values_of: the observation after the last step is not acted on before it is learned from.
  void check_next_value(std::size_t i) const {
    if (std::isfinite(values_[i])) return;
    const std::vector<std::int32_t> which = {static_cast<std::int32_t>(i)};
    throw NonFiniteError("next_value", values_[i], step_,
                         rows_read("next_features", value_features_.data(), samples_, spec_, which));
  }

  /// V(s) for each env, [N], that remembers `states`; valid until the next call.
  Row<const float> values_of(const ObsRows& obs, const float* states) {
    policy_.encode(obs, states, value_features_.data());
    std::vector<float>& outputs = acting_[0].outputs;
    policy_.network->infer({value_features_.data(), num_envs_}, outputs.data());
    for (std::size_t i = 0; i < num_envs_; ++i) {
      values_[i] = outputs[i * policy_.output_columns() + policy_.value_column()];
    }
    return values_;
  }

  // ---- 3. Minibatches, loss, update -----------------------------------------------------------

  UpdateStatistics update(double learning_rate, double clip_range) {
    UpdateStatistics sum;
    for (int epoch = 0; epoch < config_.epochs && !sum.stopped_early; ++epoch) {
      // PPO detail 10: an epoch is a fresh permutation, every sample in exactly one minibatch.
      memory_.shuffle(minibatch_rng_, order_);
      for (std::size_t k = 0; k < num_samples_ && !sum.stopped_early;
           k += static_cast<std::size_t>(config_.minibatch_size)) {
        const Row<const std::int32_t> all(order_);
        gradient_step(all.subrow(k, static_cast<std::size_t>(config_.minibatch_size)),
                      learning_rate, clip_range, sum);
      }
    }
    return sum;
  }

  void gradient_step(const Minibatch& batch, double learning_rate, double clip_range,
                     UpdateStatistics& sum) {
    Network& network = *policy_.network;
    // PPO detail 5: advantages are scaled in each minibatch, not over the rollout.
    const Moments scale = config_.normalize_advantage
                              ? moments_of(Row<const float>(samples_.advantages), batch)
                              : Moments();
    network.zero_gradients();
    network.accumulate_sequence_gradient(
        {{samples_.features.data(), batch.size(), batch.data()}, rollout_.steps(), memory_.begins()},
        [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          chunk_loss(batch.subrow(chunk.begin, chunk.rows()), scale, clip_range, 1.0 / batch.size(),
                     chunk_terms_[chunk.index], outputs, gradient);
        });
    double policy_loss = 0, critic_loss = 0, entropy = 0, kl = 0, clipped = 0;
    for (const ChunkLossTerms& terms : chunk_terms_) {  // in the order of the rows
      policy_loss += terms.policy_loss / batch.size();
      critic_loss += terms.value_loss / batch.size();
      entropy += terms.total_entropy / batch.size();
      kl += terms.shift.kl / batch.size();
      clipped += terms.shift.clipped / batch.size();
    }
    // PPO detail 6: the early stop looks before it steps; an infinite KL is one more reason to.
    sum.kl = kl;
    if (config_.target_kl > 0 && sum.kl > 1.5 * config_.target_kl) {
      sum.stopped_early = true;
      return;
    }
    check_finite("kl", sum.kl, batch);
    sum.policy_loss += check_finite("policy_loss", policy_loss, batch);
    sum.value_loss += check_finite("value_loss", critic_loss, batch);
    sum.entropy += check_finite("entropy", entropy, batch);
    sum.clipped += clipped;
    add_log_std_gradient();
    // PPO detail 7: one norm over all parameters, actor and critic together.
    const double norm = apply_gradient(optimizer_, network.parameter_row(), network.gradient_row(),
                                       learning_rate, config_.max_grad_norm);
    sum.gradient_norm += check_finite("gradient_norm", norm, batch);
    ++sum.gradient_steps;
  }

  /// Eq. 9, negated, for some rows of a minibatch, and its gradient at the network's outputs:
  ///   L = mean( L_clip + value_coef L_value - entropy_coef H ).
  /// share: 1 / size of the minibatch.
  void chunk_loss(const Minibatch& rows, const Moments& scale, double clip_range, double share,
                  ChunkLossTerms& terms, HeadRows outputs, HeadRows gradient) const {
    terms.resize(rows.size(), policy_.log_std().size());
    const Rows<float> value = outputs[1], value_gradient = gradient[1];
    const double deviation = scale.deviation + 1e-8;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto k = static_cast<std::size_t>(rows[r]);
      terms.old_log_prob[r] = samples_.old_log_prob[k];
      terms.advantages[r] =
          static_cast<float>((samples_.advantages[k] - scale.mean) / deviation);
      terms.values[r] = value.data[r * value.stride];
      terms.old_values[r] = samples_.old_values[k];
      terms.returns[r] = samples_.returns[k];
    }
    terms.likelihood.forward(rows.size(), outputs[0], policy_.log_std(),
                             {rollout_.all_actions().data(),
                              spec_.has_masks ? rollout_.all_masks().data() : nullptr, rows.data()},
                             terms.log_prob.data(), terms.entropy.data());
    terms.policy_loss = equations_.policy_loss(terms.log_prob, terms.old_log_prob, terms.advantages,
                                               clip_range, terms.log_prob_gradient);  // Eq. 7
    // PPO detail 11: the critic's term is value_coef times the squared error, without a factor 1/2.
    terms.value_loss = equations_.critic_loss(terms.values, terms.old_values, terms.returns,
                                              config_.value_clip_range, terms.value_gradient);
    terms.total_entropy = std::accumulate(terms.entropy.begin(), terms.entropy.end(), 0.0);
    terms.shift = policy_shift_closed_form(terms.log_prob, terms.old_log_prob, clip_range, terms.ratio);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      terms.log_prob_gradient[r] *= static_cast<float>(share);
      value_gradient.data[r * value_gradient.stride] =
          static_cast<float>(share * config_.value_coef) * terms.value_gradient[r];
    }
    terms.likelihood.backward(terms.log_prob_gradient.data(),
                              static_cast<float>(-share * config_.entropy_coef), gradient[0],
                              terms.log_std_gradient.data());
  }

  /// The deviations of a Gaussian are parameters that no layer of the network has.
  void add_log_std_gradient() {
    const Row<float> gradient = policy_.log_std_gradient();
    for (std::size_t j = 0; j < gradient.size(); ++j) {
      double sum = 0;
      for (const ChunkLossTerms& terms : chunk_terms_) {
        if (!terms.log_std_gradient.empty()) sum += terms.log_std_gradient[j];
      }
      gradient[j] = static_cast<float>(sum);
    }
  }

  /// The value, or NonFiniteError, which keeps the batch.
  double check_finite(const char* name, double value, const Minibatch& batch) const {
    if (std::isfinite(value)) return value;
    std::vector<NamedArray> arrays = arrays_of(samples_, rollout_, spec_, batch);
    if (spec_.action.is_box()) arrays.push_back(standard_deviation());
    throw NonFiniteError(name, value, step_, std::move(arrays));
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
         {"train/explained_variance", explained_variance_closed_form(samples_.old_values, samples_.returns)},
         {"train/gradient_norm", sum.gradient_norm / n},
         {"train/gradient_steps", static_cast<double>(sum.gradient_steps)},
         {"train/learning_rate", learning_rate},
         {"train/clip_range", clip_range}});
    if (spec_.action.is_box()) metrics.push_back({"train/std", policy_.mean_std()});
    return metrics;
  }

  // ---- State ----------------------------------------------------------------------------------

  std::int64_t step() const override { return step_; }
  std::unique_ptr<Policy> snapshot() const override { return std::make_unique<PpoPolicy>(policy_); }

  AgentState save() const override {
    StateWriter policy, optimizer, training;
    policy_.save(policy);
    optimizer_.save(optimizer);
    reward_normalizer_.save(optimizer);
    training.write(step_, has_started_, minibatch_rng_, order_);
    for (const Rng& rng : action_rngs_) training.write(rng);
    memory_.save(training);
    const ObsRows obs = rollout_.obs(0);
    const MaskRows masks = rollout_.mask(0);
    training.append(obs.data(), obs.count() * obs.row_bytes());
    training.append(masks.data(), masks.count() * masks.row_size());
    return {policy.take(), optimizer.take(), training.take()};
  }

  std::int64_t iteration_steps() const override {
    return static_cast<std::int64_t>(num_samples_);
  }

  void load(const AgentState& state) override {
    StateReader policy{Row<const std::uint8_t>(state.policy)};
    policy_.load(policy);
    StateReader optimizer{Row<const std::uint8_t>(state.optimizer)};
    optimizer_.load(optimizer);
    reward_normalizer_.load(optimizer);
    StateReader training{Row<const std::uint8_t>(state.training)};
    training.read(step_, has_started_, minibatch_rng_, Row<std::int32_t>(order_));
    for (Rng& rng : action_rngs_) training.read(rng);
    memory_.load(training);
    const ObsRows obs = rollout_.obs(0);
    const MaskRows masks = rollout_.mask(0);
    training.take(obs.data(), obs.count() * obs.row_bytes());
    training.take(masks.data(), masks.count() * masks.row_size());
    if (policy.remaining() + optimizer.remaining() + training.remaining() > 0) {
      throw Error::failure("saved PPO state is longer than this configuration's");
    }
  }

 private:
  void use_threads(std::size_t threads) {
    pool_ = threads > 1 ? std::make_unique<TaskPool>(threads) : nullptr;
    policy_.network->use_threads(pool_.get());
    acting_.assign(threads, ActingRows(spec_.action));
    for (ActingRows& rows : acting_) rows.resize(num_envs_, policy_.output_columns());
  }

  PpoConfig config_;
  PpoEquations equations_;
  EnvSpec spec_;
  std::size_t num_envs_, num_samples_;  // num_samples_ = K = T N
  Rng minibatch_rng_;
  std::vector<Rng> action_rngs_;  // one for each env
  PpoPolicy policy_;
  Optimizer optimizer_;
  RewardNormalizer reward_normalizer_;
  mutable RolloutBuffer rollout_;  // its views are all mutable; save() only reads through them
  Memory memory_;  // empty unless the network is recurrent
  Samples samples_;
  std::unique_ptr<TaskPool> pool_;           // null: one thread
  std::vector<ActingRows> acting_;           // one for each thread
  std::vector<ChunkLossTerms> chunk_terms_;  // one for each chunk of a minibatch
  std::vector<float> value_features_, values_;  // of values_of, [N, F] and [N]
  std::vector<float> next_values_;           // [K], V(s'_t)
  std::vector<float> rewards_;               // [K], normalised if asked for
  std::vector<float> clipped_actions_;       // [K, A], in the env's units, Box only
  std::vector<std::uint8_t> ended_;          // [K]
  std::vector<std::int32_t> order_;          // a permutation of 0..K-1
  std::int64_t step_ = 0;
  bool has_started_ = false;
};

}  // namespace

std::unique_ptr<Agent> make_ppo(const PpoConfig& config, const EnvSpec& spec,
                                std::size_t num_envs, std::uint64_t seed,
                                const PpoEquations& equations) {
  return std::make_unique<Ppo>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
