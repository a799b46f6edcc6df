// PPO, top to bottom: rollout, advantages, minibatches, update, statistics, report. The objective,
// sample by sample, is in ppo_loss.h; acting is in agents/algorithm/on_policy_rollout.h. Equation
// numbers are those of Schulman et al. 2017. docs/algorithms/ppo.md has the details by number.

#include "agents/ppo/ppo.h"

#include <functional>
#include <numeric>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/finite_check.h"
#include "agents/algorithm/on_policy_rollout.h"
#include "agents/algorithm/update_window.h"
#include "agents/kernels/optimizer.h"
#include "agents/nn/apply_gradient.h"
#include "agents/policy/reward_normalizer.h"
#include "agents/ppo/ppo_policy.h"
#include "core/number_text.h"
#include "envs/saved_rows.h"

namespace tern {
namespace {

/// What the loss of one chunk of a minibatch is computed in, and what it comes to.
struct ChunkScratch {
  explicit ChunkScratch(const ActionSpace& space) : likelihood(space) {}
  void resize(std::size_t rows, std::size_t gaussian_components) {
    for (auto* each : {&log_prob, &entropy, &ratio, &log_prob_gradient}) each->resize(rows);
    log_std_gradient.assign(gaussian_components, 0.0);
  }

  LikelihoodRows likelihood;
  std::vector<float> log_prob, entropy, ratio, log_prob_gradient;  // [rows]
  std::vector<double> log_std_gradient;                            // [A], starts at 0
  PpoTerms terms;
};

class Ppo final : public Agent {
 public:
  Ppo(const PpoConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const PpoEquations& equations)
      : config_(config), equations_(equations), spec_(spec), num_envs_(num_envs),
        num_samples_(num_envs * static_cast<std::size_t>(config.rollout_steps)),
        minibatch_rng_(seed, "ppo minibatches"),
        policy_(ppo_policy_options(config, spec), spec, Rng(seed, "ppo initial parameters"),
                equations.network),
        optimizer_(network().parameter_row().size(),
                   {config.optimizer, config.adam_epsilon, config.weight_decay}),
        reward_normalizer_(num_envs, config.gamma),
        rollout_(spec, policy_, static_cast<std::size_t>(config.rollout_steps), num_envs, seed,
                 "ppo actions"),
        chunks_(kMaxChunks, ChunkScratch(spec.action)), order_(num_samples_),
        updates_({"loss", "policy_loss", "value_loss", "entropy", "clip_fraction", "gradient_norm"},
                 static_cast<std::size_t>(config.epochs) * num_samples_ /
                     static_cast<std::size_t>(config.minibatch_size)) {
    check_minibatch(config, num_envs);
    std::iota(order_.begin(), order_.end(), 0);
    if (config.entropy_coef > 0) {
      rollout_.deviation_source =
          "The entropy bonus drives the deviation of actions up; lower entropy_coef (" +
          format_number(config.entropy_coef) + ")";
    }
  }

  // ---- The loop -------------------------------------------------------------------------------

  void train(VecEnv& envs, TrainContext& context) override {
    use_threads(envs.options().threads);
    if (!has_started_) {
      rollout_.reset(envs);
      has_started_ = true;
    }
    const std::function<std::vector<Metric>()> metrics = [&] { return report(context.episodes); };
    bool goes_on = true;
    while (goes_on && step_ + static_cast<std::int64_t>(num_samples_) <= context.total_steps()) {
      // PPO detail 9: schedules are read before the rollout, so the first update has their start.
      learning_rate_ = config_.learning_rate.at(step_, context.total_steps());
      clip_range_ = config_.clip_range.at(step_, context.total_steps());
      // Act, step, store. PPO detail 3: what is stored is the sample, whose probability is known, not
      // what the env was handed.
      rollout_.collect(envs, context, step_);
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
        estimate_advantages();
        update();
        update_normalizers();
      }
      rollout_.carry_over();
      step_ += static_cast<std::int64_t>(num_samples_);
      policy_.net.trained_steps = step_;
      goes_on = context.end_iteration(*this, metrics);
    }
  }

  // ---- 1. Advantages --------------------------------------------------------------------------

  /// Eq. 11-12 (generalised advantages) and the critic's targets R_t = A_t + V(s_t).
  void estimate_advantages() {
    OnPolicySamples& samples = rollout_.samples;
    if (config_.normalize_reward) {
      for (float& reward : samples.rewards) reward = reward_normalizer_(reward);
      policy_.reward_unit = reward_normalizer_.unit();
    }
    rollout_.value_next_states(step_);  // PPO detail 4: a time limit does not end the env
    equations_.advantages({samples.rewards, samples.old_values, samples.next_values,
                           rollout_.buffer.terminated(), samples.ended, num_envs_, config_.gamma,
                           config_.gae_lambda},
                          samples.advantages);
    for (std::size_t k = 0; k < num_samples_; ++k) {
      samples.returns[k] = samples.advantages[k] + samples.old_values[k];
    }
  }

  // ---- 2. Minibatches, loss, update -----------------------------------------------------------

  void update() {
    updates_.clear();
    const auto size = static_cast<std::size_t>(config_.minibatch_size);
    for (int epoch = 0; epoch < config_.epochs; ++epoch) {
      // PPO detail 10: an epoch is a fresh permutation, every sample in exactly one minibatch.
      rollout_.states.shuffle(minibatch_rng_, order_);
      for (std::size_t k = 0; k < num_samples_; k += size) {
        if (!gradient_step(Minibatch(order_).subrow(k, size))) return;
      }
    }
  }

  /// False, and no step, where the policy has moved too far.
  bool gradient_step(const Minibatch& batch) {
    // PPO detail 5: advantages are scaled in each minibatch, not over the rollout.
    const Moments advantages = config_.normalize_advantage
                                   ? moments_of(Row<const float>(rollout_.samples.advantages), batch)
                                   : Moments();
    network().zero_gradients();
    network().accumulate_sequence_gradient(
        rollout_.inputs(batch), [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          chunk_loss(chunk, batch, advantages, outputs, gradient);
        });
    PpoTerms mean;
    for (const ChunkScratch& chunk : chunks_) mean.add(chunk.terms, batch.size());
    // PPO detail 6: the early stop looks before it steps; an infinite KL is one more reason to.
    kl_ = mean.kl;
    if (config_.target_kl > 0 && mean.kl > 1.5 * config_.target_kl) return false;
    const auto check = [&](const char* name, double value) {
      checked_finite(name, value, step_, [&] { return rollout_.arrays_of(batch); });
    };
    check("kl", mean.kl);
    check("policy_loss", mean.policy_loss);
    check("value_loss", mean.value_loss);
    check("entropy", mean.entropy);
    add_log_std_gradient();
    // PPO detail 7: one norm over all parameters, actor and critic together.
    const double norm = apply_gradient(optimizer_, network().parameter_row(),
                                       network().gradient_row(), learning_rate_,
                                       config_.max_grad_norm);
    check("gradient_norm", norm);
    const double loss = mean.policy_loss + config_.value_coef * mean.value_loss -
                        config_.entropy_coef * mean.entropy;  // Eq. 9, negated
    updates_.add({loss, mean.policy_loss, mean.value_loss, mean.entropy, mean.clipped, norm});
    return true;
  }

  /// Eq. 9, negated, for some rows of a minibatch, and its gradient at the network's outputs:
  ///   L = mean( L_clip + value_coef L_value - entropy_coef H )
  void chunk_loss(const Chunk& chunk, const Minibatch& batch, const Moments& advantages,
                  HeadRows outputs, HeadRows gradient) {
    const Minibatch rows = batch.subrow(chunk.begin, chunk.rows());
    const double share = 1.0 / batch.size();
    ChunkScratch& scratch = chunks_[chunk.index];
    scratch.resize(rows.size(), policy_.log_std().size());
    scratch.likelihood.forward(
        rows.size(), outputs[0], policy_.log_std(),
        rollout_.taken(rows), scratch.log_prob.data(), scratch.entropy.data());
    scratch.terms = equations_.loss({rollout_.samples, rows, advantages, clip_range_,
                                     config_.value_clip_range, config_.value_coef, share,
                                     scratch.log_prob, outputs[1], scratch.ratio,
                                     scratch.log_prob_gradient, gradient[1]});
    scratch.terms.entropy = std::accumulate(scratch.entropy.begin(), scratch.entropy.end(), 0.0);
    scratch.likelihood.backward(scratch.log_prob_gradient.data(),
                                static_cast<float>(-share * config_.entropy_coef), gradient[0],
                                scratch.log_std_gradient.data());
  }

  /// The deviations of a Gaussian are parameters that no layer of the network has.
  void add_log_std_gradient() {
    const Row<float> gradient = policy_.log_std_gradient();
    for (std::size_t j = 0; j < gradient.size(); ++j) {
      double sum = 0;
      for (const ChunkScratch& chunk : chunks_) {
        if (!chunk.log_std_gradient.empty()) sum += chunk.log_std_gradient[j];
      }
      gradient[j] = static_cast<float>(sum);
    }
  }

  // ---- 3. Statistics --------------------------------------------------------------------------

  /// PPO detail 8: moments move only here, between the last minibatch of a rollout and the first act
  /// of the next, so that pi_old and pi read the same features.
  void update_normalizers() {
    policy_.net.encoder.update(rollout_.buffer.all_obs());
    if (config_.normalize_reward) {
      reward_normalizer_.update(Row<const float>(rollout_.buffer.rewards()),
                                Row<const std::uint8_t>(rollout_.samples.ended));
    }
  }

  std::vector<Metric> report(const EpisodeWindow& episodes) const {
    std::vector<Metric> metrics;
    episodes.report(spec_, metrics);
    updates_.report(metrics);
    metrics.insert(metrics.end(),
                   {{"train/approx_kl", kl_},
                    {"train/explained_variance",
                     explained_variance_closed_form(rollout_.samples.old_values,
                                                     rollout_.samples.returns)},
                    {"train/learning_rate", learning_rate_},
                    {"train/clip_range", clip_range_}});
    if (spec_.action.is_box()) metrics.push_back({"train/std", policy_.mean_std()});
    return metrics;
  }

  // ---- State ----------------------------------------------------------------------------------

  std::int64_t step() const override { return step_; }
  std::int64_t iteration_steps() const override { return static_cast<std::int64_t>(num_samples_); }
  std::unique_ptr<Policy> snapshot() const override {
    return std::make_unique<ActorCriticPolicy>(policy_);
  }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "PPO", state);
    if (has_started_) check_saved_masks(spec_.action, rollout_.buffer.mask(0));
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_, self.reward_normalizer_);
    state.training(self.step_, self.has_started_, self.minibatch_rng_,
                   SavedOrder{Row(self.order_.data(), self.order_.size())}, self.rollout_);
  }

 private:
  void use_threads(std::size_t threads) {
    pool_ = threads > 1 ? std::make_unique<TaskPool>(threads) : nullptr;
    network().use_threads(pool_.get());
    rollout_.use_threads(pool_.get());
  }

  Network& network() { return *policy_.net.network; }

  PpoConfig config_;
  PpoEquations equations_;
  EnvSpec spec_;
  std::size_t num_envs_, num_samples_;  // num_samples_ = K = T N
  Rng minibatch_rng_;
  ActorCriticPolicy policy_;
  Optimizer optimizer_;
  RewardNormalizer reward_normalizer_;
  OnPolicyRollout rollout_;
  std::unique_ptr<TaskPool> pool_;             // null: one thread
  std::vector<ChunkScratch> chunks_;           // one for each chunk of a minibatch
  std::vector<std::int32_t> order_;            // a permutation of 0..K-1
  UpdateWindow updates_;                       // of this iteration
  double learning_rate_ = 0, clip_range_ = 0, kl_ = 0;  // kl_: of the last minibatch
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
