// A2C, top to bottom: advantages, one gradient step, report. The loop around it is in
// agents/algorithm/on_policy_agent.h and acting in on_policy_rollout.h beside it.
// docs/algorithms/a2c.md has the equations and the details by number.

#include "agents/a2c/a2c.h"

#include <numeric>
#include <vector>

#include "agents/a2c/a2c_policy_options.h"
#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/on_policy_agent.h"
#include "agents/algorithm/update_window.h"

namespace tern {
namespace {

class A2c final : public OnPolicyAgent {
 public:
  A2c(const A2cConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const A2cEquations& equations)
      : OnPolicyAgent(a2c_policy_options(config, spec), spec, config, num_envs, seed),
        config_(config),
        equations_(equations),
        num_envs_(num_envs),
        all_(num_samples()) {
    std::iota(all_.begin(), all_.end(), 0);
  }

  /// The rollout is there.
  void learn(std::int64_t total_steps) override {
    // A2C detail 6: schedules stand where the rollout began.
    learning_rate_ = config_.learning_rate.at(step_, total_steps);
    estimate_advantages();
    gradient_step();
    // A2C detail 5: acting and learning read the same features.
    policy_.net.encoder.update(rollout_.buffer.all_obs());
  }

  // ---- 1. Advantages --------------------------------------------------------------------------

  /// And the critic's targets R_t = A_t + V(s_t).
  void estimate_advantages() {
    OnPolicySamples& samples = rollout_.samples;
    rollout_.value_next_states(step_);  // A2C detail 2: a time limit does not end the env
    equations_.advantages(
        {samples.rewards, samples.old_values, samples.next_values, rollout_.buffer.terminated(),
         samples.ended, num_envs_, config_.gamma, config_.gae_lambda},
        samples.advantages);
    for (std::size_t k = 0; k < num_samples(); ++k) {
      samples.returns[k] = samples.advantages[k] + samples.old_values[k];
    }
  }

  // ---- 2. Loss and update ---------------------------------------------------------------------

  /// L = mean( -A log pi(a | s) + value_coef (V(s) - R)^2 - entropy_coef H )
  void gradient_step() {
    // A2C detail 3: advantages are scaled only where that is asked for.
    if (config_.normalize_advantage) {
      scale_ = moments_of(Row<const float>(rollout_.samples.advantages), all_);
    }
    compute_gradient(all_, config_.entropy_coef,
                     [this](const OnPolicyChunk& chunk) { chunk_loss(chunk); });
    const double policy_loss = checked("policy_loss", policy_loss_.take(), all_);
    const double value_loss = checked("value_loss", value_loss_.take(), all_);
    const double entropy = checked("entropy", entropy_.take(), all_);
    // A2C detail 4: one norm over all parameters, actor and critic together.
    const double norm = optimizer_step(learning_rate_, config_.max_grad_norm);
    checked("gradient_norm", norm, all_);
    updates_.add({policy_loss + config_.value_coef * value_loss - config_.entropy_coef * entropy,
                  policy_loss, value_loss, entropy, norm});
  }

  /// The terms of some samples and their derivatives. Called on several threads at once, each time
  /// for another chunk.
  void chunk_loss(const OnPolicyChunk& chunk) {
    const OnPolicySamples& samples = rollout_.samples;
    const auto share = static_cast<float>(chunk.share);
    const auto value_share = static_cast<float>(chunk.share * config_.value_coef);
    const double deviation = scale_.deviation + 1e-8;
    for (std::size_t r = 0; r < chunk.index.size(); ++r) {
      const auto k = static_cast<std::size_t>(chunk.index[r]);
      const auto advantage = static_cast<float>((samples.advantages[k] - scale_.mean) / deviation);
      const LossTerm policy = equations_.policy(chunk.log_prob[r], advantage);
      const LossTerm critic =
          equations_.value(chunk.values.data[r * chunk.values.stride], samples.returns[k]);
      chunk.log_prob_gradient[r] = share * policy.gradient;
      chunk.value_gradient.data[r * chunk.value_gradient.stride] = value_share * critic.gradient;
      policy_loss_[chunk.number] += chunk.share * policy.loss;
      value_loss_[chunk.number] += chunk.share * critic.loss;
      entropy_[chunk.number] += chunk.share * chunk.entropy[r];
    }
  }

  // ---- 3. Report ------------------------------------------------------------------------------

  void report(std::vector<Metric>& metrics) const override {
    updates_.report(metrics);
    metrics.push_back({"train/learning_rate", learning_rate_});
  }

  // ---- State ----------------------------------------------------------------------------------

  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "A2C", state);
    check_loaded();
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_);
    state.training(self.step_, self.has_started_, self.rollout_, self.updates_);
  }

 private:
  A2cConfig config_;
  A2cEquations equations_;
  std::size_t num_envs_;
  std::vector<std::int32_t> all_;  // samples: 0..K-1
  Moments scale_;                  // of this rollout's advantages, or none: 0 and 1
  ChunkSums policy_loss_, value_loss_, entropy_;
  UpdateWindow updates_{{"loss", "policy_loss", "value_loss", "entropy", "gradient_norm"}};
  double learning_rate_ = 0;
};

}  // namespace

std::unique_ptr<Agent> make_a2c(const A2cConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const A2cEquations& equations) {
  return std::make_unique<A2c>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
