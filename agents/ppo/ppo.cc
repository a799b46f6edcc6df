// PPO, top to bottom: advantages, minibatches, update, statistics, report. The objective, sample by
// sample, is in ppo_loss.h; the loop around it is in agents/algorithm/on_policy_agent.h and acting
// in on_policy_rollout.h beside it. Equation numbers are those of Schulman et al. 2017.
// docs/algorithms/ppo.md has the details by number.

#include "agents/ppo/ppo.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/on_policy_agent.h"
#include "agents/algorithm/update_window.h"
#include "agents/policy/reward_normalizer.h"
#include "agents/ppo/ppo_policy_options.h"

namespace tern {
namespace {

class Ppo final : public OnPolicyAgent {
 public:
  Ppo(const PpoConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const PpoEquations& equations)
      : OnPolicyAgent(ppo_policy_options(config, spec), spec, config, num_envs, seed,
                      equations.network),
        config_(config),
        equations_(equations),
        num_envs_(num_envs),
        minibatch_rng_(seed, "ppo minibatches"),
        reward_normalizer_(num_envs, config.gamma),
        order_(num_samples()),
        ratio_(static_cast<std::size_t>(config.minibatch_size)),
        updates_({"loss", "policy_loss", "value_loss", "entropy", "clip_fraction", "gradient_norm"},
                 static_cast<std::size_t>(config.epochs) * num_samples() /
                     static_cast<std::size_t>(config.minibatch_size)) {
    check_minibatch(config, num_envs);
    std::iota(order_.begin(), order_.end(), 0);
  }

  // ---- The rollout is there -------------------------------------------------------------------

  // PPO detail 3: what is stored is the sample, whose probability is known, not what the env was
  // handed.
  void learn(std::int64_t total_steps) override {
    // PPO detail 9: schedules stand where the rollout began, so the first update has their start.
    learning_rate_ = config_.learning_rate.at(step_, total_steps);
    clip_range_ = config_.clip_range.at(step_, total_steps);
    estimate_advantages();
    update();
    update_normalizers();
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
    equations_.advantages(
        {samples.rewards, samples.old_values, samples.next_values, rollout_.buffer.terminated(),
         samples.ended, num_envs_, config_.gamma, config_.gae_lambda},
        samples.advantages);
    for (std::size_t k = 0; k < num_samples(); ++k) {
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
      for (std::size_t k = 0; k < num_samples(); k += size) {
        if (!gradient_step(Minibatch(order_).subrow(k, size))) return;
      }
    }
  }

  /// Eq. 9, negated: L = mean( L_clip + value_coef L_value - entropy_coef H ). False, and no step,
  /// where the policy has moved too far.
  bool gradient_step(const Minibatch& batch) {
    // PPO detail 5: advantages are scaled in each minibatch, not over the rollout.
    const Moments advantages =
        config_.normalize_advantage
            ? moments_of(Row<const float>(rollout_.samples.advantages), batch)
            : Moments();
    std::fill(std::begin(terms_), std::end(terms_), PpoTerms());
    compute_gradient(batch, config_.entropy_coef, [&](const OnPolicyChunk& chunk) {
      terms_[chunk.number] = equations_.loss(
          {chunk, rollout_.samples, advantages, clip_range_, config_.value_clip_range,
           config_.value_coef, Row<float>(ratio_).subrow(chunk.begin, chunk.index.size())});
    });
    PpoTerms mean;
    for (const PpoTerms& sums : terms_) mean.add(sums, batch.size());
    // PPO detail 6: the early stop looks before it steps; an infinite KL is one more reason to.
    kl_ = mean.kl;
    if (config_.target_kl > 0 && mean.kl > 1.5 * config_.target_kl) return false;
    checked("kl", mean.kl, batch);
    checked("policy_loss", mean.policy_loss, batch);
    checked("value_loss", mean.value_loss, batch);
    checked("entropy", mean.entropy, batch);
    // PPO detail 7: one norm over all parameters, actor and critic together.
    const double norm = optimizer_step(learning_rate_, config_.max_grad_norm);
    checked("gradient_norm", norm, batch);
    const double loss = mean.policy_loss + config_.value_coef * mean.value_loss -
                        config_.entropy_coef * mean.entropy;
    updates_.add({loss, mean.policy_loss, mean.value_loss, mean.entropy, mean.clipped, norm});
    return true;
  }

  // ---- 3. Statistics --------------------------------------------------------------------------

  /// PPO detail 8: moments move only here, between the last minibatch of a rollout and the first
  /// act of the next, so that pi_old and pi read the same features.
  void update_normalizers() {
    policy_.net.encoder.update(rollout_.buffer.all_obs());
    if (config_.normalize_reward) {
      reward_normalizer_.update(Row<const float>(rollout_.buffer.rewards()),
                                Row<const std::uint8_t>(rollout_.samples.ended));
    }
  }

  void report(std::vector<Metric>& metrics) const override {
    updates_.report(metrics);
    metrics.insert(metrics.end(), {{"train/approx_kl", kl_},
                                   {"train/learning_rate", learning_rate_},
                                   {"train/clip_range", clip_range_}});
  }

  // ---- State ----------------------------------------------------------------------------------

  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "PPO", state);
    check_loaded();
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_, self.reward_normalizer_);
    state.training(self.step_, self.has_started_, self.minibatch_rng_,
                   SavedOrder{Row(self.order_.data(), self.order_.size())}, self.rollout_);
  }

 private:
  PpoConfig config_;
  PpoEquations equations_;
  std::size_t num_envs_;
  Rng minibatch_rng_;
  RewardNormalizer reward_normalizer_;
  std::vector<std::int32_t> order_;                     // a permutation of 0..K-1
  std::vector<float> ratio_;                            // of a minibatch
  PpoTerms terms_[kMaxChunks];                          // of its chunks
  UpdateWindow updates_;                                // of this iteration
  double learning_rate_ = 0, clip_range_ = 0, kl_ = 0;  // kl_: of the last minibatch
};

}  // namespace

std::unique_ptr<Agent> make_ppo(const PpoConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const PpoEquations& equations) {
  return std::make_unique<Ppo>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
