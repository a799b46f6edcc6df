// REINFORCE with a baseline, top to bottom: returns, gradient step, report.
//   G_t = r_t + gamma G_{t+1},   L = mean over t of -(G_t - V(s_t)) log pi(a_t | s_t)
//                                                  + value_coef (V(s_t) - G_t)^2

#include "reinforce.h"

#include <numeric>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/on_policy_agent.h"
#include "agents/algorithm/update_window.h"
#include "envs/saved_rows.h"

namespace custom_agent {
namespace {

using namespace tern;

ActorCriticOptions policy_options(const ReinforceConfig& config) {
  ActorCriticOptions options;
  options.agent = "reinforce";
  options.policy_gain = 0.01;  // the first policy is nearly uniform
  options.network.network.dense.hidden_sizes = config.hidden_sizes;
  return options;
}

/// OnPolicyAgent has the loop: it steps the envs with the present policy and calls learn().
class Reinforce final : public OnPolicyAgent {
 public:
  Reinforce(const ReinforceConfig& config, const EnvSpec& spec, std::size_t num_envs,
            std::uint64_t seed, const ReinforceEquations& equations)
      : OnPolicyAgent(policy_options(config), spec, static_cast<std::size_t>(config.rollout_steps),
                      num_envs, seed),
        config_(config),
        equations_(equations),
        all_(num_samples()) {
    std::iota(all_.begin(), all_.end(), 0);
  }

  void learn(std::int64_t total_steps) override {
    learning_rate_ = config_.learning_rate.at(step_, total_steps);
    rollout_.value_next_states(step_);
    estimate_returns();
    gradient_step();
  }

  /// From the last step of each env to its first.
  void estimate_returns() {
    OnPolicySamples& samples = rollout_.samples;
    const std::size_t num_envs = rollout_.buffer.num_envs();
    for (std::size_t k = samples.count(); k-- > 0;) {  // k = t N + n
      const bool is_cut = samples.ended[k] || k + num_envs >= samples.count();
      const float after = is_cut ? samples.next_values[k] : samples.returns[k + num_envs];
      samples.returns[k] = equations_.discounted(
          samples.rewards[k], rollout_.buffer.terminated()[k] != 0, after, config_.gamma);
      samples.advantages[k] = samples.returns[k] - samples.old_values[k];
    }
  }

  void gradient_step() {
    compute_gradient(all_, /*entropy_coef=*/0,
                     [this](const OnPolicyChunk& chunk) { chunk_loss(chunk); });
    const double policy_loss = policy_loss_.take(), value_loss = value_loss_.take();
    checked("loss", policy_loss + value_loss, all_);
    const double norm = optimizer_step(learning_rate_, config_.max_grad_norm);
    updates_.add({policy_loss, value_loss, checked("gradient_norm", norm, all_)});
  }

  /// The loss of some samples and its derivatives. Called on several threads at once, each time for
  /// another chunk.
  void chunk_loss(const OnPolicyChunk& chunk) {
    const auto share = static_cast<float>(chunk.share);
    const float value_share = static_cast<float>(config_.value_coef) * share;
    for (std::size_t r = 0; r < chunk.index.size(); ++r) {
      const auto k = static_cast<std::size_t>(chunk.index[r]);
      const float value = chunk.values.data[r * chunk.values.stride];
      const Term policy = equations_.policy(chunk.log_prob[r], rollout_.samples.advantages[k]);
      const Term baseline = equations_.value(value, rollout_.samples.returns[k]);
      chunk.log_prob_gradient[r] = share * policy.gradient;
      chunk.value_gradient.data[r * chunk.value_gradient.stride] = value_share * baseline.gradient;
      policy_loss_[chunk.number] += share * policy.loss;
      value_loss_[chunk.number] += value_share * baseline.loss;
    }
  }

  void report(std::vector<Metric>& metrics) const override {
    updates_.report(metrics);
    metrics.push_back({"train/learning_rate", learning_rate_});
  }

  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "reinforce", state);
    if (has_started_) check_saved_masks(spec_.action, rollout_.buffer.mask(0));
  }

  /// All that its future depends on.
  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_);
    state.training(self.step_, self.has_started_, self.rollout_, self.updates_);
  }

 private:
  ReinforceConfig config_;
  ReinforceEquations equations_;
  ChunkSums policy_loss_, value_loss_;
  std::vector<std::int32_t> all_;  // samples: 0..K-1
  UpdateWindow updates_{{"policy_loss", "value_loss", "gradient_norm"}};
  double learning_rate_ = 0;
};

}  // namespace

std::unique_ptr<Agent> make_reinforce(const ReinforceConfig& config, const EnvSpec& spec,
                                      std::size_t num_envs, std::uint64_t seed,
                                      const ReinforceEquations& equations) {
  return std::make_unique<Reinforce>(config, spec, num_envs, seed, equations);
}

AgentMaker reinforce_maker() {
  AgentMaker maker;
  maker.make = [](const RunConfig& run, const EnvSpec& spec) {
    return make_reinforce(agent_config<ReinforceConfig>(run), spec,
                          static_cast<std::size_t>(run.run.num_envs),
                          static_cast<std::uint64_t>(run.run.seed));
  };
  maker.load_policy = [](const RunConfig& run, const EnvSpec& spec, Row<const std::uint8_t> state) {
    return load_actor_critic_policy(policy_options(agent_config<ReinforceConfig>(run)), spec,
                                    state);
  };
  return maker;
}

}  // namespace custom_agent
