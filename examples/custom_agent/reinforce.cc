// REINFORCE with a baseline, top to bottom: rollout, returns, gradient step, report.
//   G_t = r_t + gamma G_{t+1},   L = mean over t of -(G_t - V(s_t)) log pi(a_t | s_t)
//                                                  + value_coef (V(s_t) - G_t)^2

#include "reinforce.h"

#include <numeric>
#include <string>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/finite_check.h"
#include "agents/algorithm/on_policy_rollout.h"
#include "agents/algorithm/update_window.h"
#include "agents/kernels/optimizer.h"
#include "agents/nn/apply_gradient.h"
#include "agents/policy/actor_critic_policy.h"
#include "core/threads/task_pool.h"

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

class Reinforce final : public Agent {
 public:
  Reinforce(const ReinforceConfig& config, const EnvSpec& spec, std::size_t num_envs,
            std::uint64_t seed, const ReinforceEquations& equations)
      : config_(config),
        equations_(equations),
        spec_(spec),
        policy_(policy_options(config), spec, Rng(seed, "reinforce initial parameters")),
        optimizer_(network().parameter_row().size(), {}),
        rollout_(spec, policy_, static_cast<std::size_t>(config.rollout_steps), num_envs, seed,
                 "reinforce actions"),
        likelihoods_(kMaxChunks, LikelihoodRows(spec.action)),
        log_std_gradients_(kMaxChunks),
        order_(rollout_.samples.count()) {
    for (auto* each : {&log_prob_, &entropy_, &log_prob_gradient_}) each->resize(order_.size());
    std::iota(order_.begin(), order_.end(), 0);
  }

  void train(VecEnv& envs, TrainContext& context) override {
    const std::size_t threads = envs.options().threads;
    pool_ = threads > 1 ? std::make_unique<TaskPool>(threads) : nullptr;
    network().use_threads(pool_.get());
    rollout_.use_threads(pool_.get());
    if (!has_started_) rollout_.reset(envs);
    has_started_ = true;
    bool goes_on = true;
    while (goes_on && step_ + iteration_steps() <= context.total_steps()) {
      learning_rate_ = config_.learning_rate.at(step_, context.total_steps());
      rollout_.collect(envs, context, step_);
      {
        const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
        rollout_.value_next_states(step_);
        estimate_returns();
        gradient_step();
      }
      rollout_.carry_over();
      step_ += iteration_steps();
      policy_.net.trained_steps = step_;
      goes_on = context.end_iteration(*this, [&] { return report(context.episodes); });
    }
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
    network().zero_gradients();
    network().accumulate_sequence_gradient(
        rollout_.inputs(order_), [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          chunk_loss(chunk, outputs, gradient);
        });
    const Row<float> log_std_gradient = policy_.log_std_gradient();  // of Box actions, else empty
    for (const std::vector<double>& of_chunk : log_std_gradients_) {
      for (std::size_t j = 0; j < of_chunk.size(); ++j) {
        log_std_gradient[j] += static_cast<float>(of_chunk[j]);
      }
    }
    const double policy_loss = policy_loss_.take(), value_loss = value_loss_.take();
    const auto check = [&](const char* name, double value) {
      return checked_finite(name, value, step_, [&] { return rollout_.arrays_of(order_); });
    };
    check("loss", policy_loss + value_loss);
    const double norm =
        apply_gradient(optimizer_, network().parameter_row(), network().gradient_row(),
                       learning_rate_, config_.max_grad_norm);
    updates_.add({policy_loss, value_loss, check("gradient_norm", norm)});
  }

  /// The loss of some samples, and its derivative by what the network gave for them. Called on
  /// several threads at once, each time for another chunk.
  void chunk_loss(const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
    const float share = 1.0f / static_cast<float>(order_.size());
    const float value_share = static_cast<float>(config_.value_coef) * share;
    const Rows<float> values = outputs[1], value_gradient = gradient[1];
    const Minibatch samples = Minibatch(order_).subrow(chunk.begin, chunk.rows());
    LikelihoodRows& likelihood = likelihoods_[chunk.index];
    likelihood.forward(chunk.rows(), outputs[0], policy_.log_std(), rollout_.taken(samples),
                       log_prob_.data() + chunk.begin, entropy_.data() + chunk.begin);
    for (std::size_t r = 0; r < chunk.rows(); ++r) {
      const std::size_t k = chunk.begin + r;
      const float value = values.data[r * values.stride];
      const Term policy = equations_.policy(log_prob_[k], rollout_.samples.advantages[k]);
      const Term baseline = equations_.value(value, rollout_.samples.returns[k]);
      log_prob_gradient_[k] = share * policy.gradient;
      value_gradient.data[r * value_gradient.stride] = value_share * baseline.gradient;
      policy_loss_[chunk] += share * policy.loss;
      value_loss_[chunk] += value_share * baseline.loss;
    }
    std::vector<double>& log_std_gradient = log_std_gradients_[chunk.index];
    log_std_gradient.assign(policy_.log_std().size(), 0.0);
    likelihood.backward(log_prob_gradient_.data() + chunk.begin, /*entropy_gradient=*/0,
                        gradient[0], log_std_gradient.data());
  }

  std::vector<Metric> report(const EpisodeWindow& episodes) const {
    std::vector<Metric> metrics;
    episodes.report(spec_, metrics);
    updates_.report(metrics);
    metrics.push_back({"train/learning_rate", learning_rate_});
    return metrics;
  }

  std::int64_t step() const override { return step_; }
  std::int64_t iteration_steps() const override { return static_cast<std::int64_t>(order_.size()); }
  std::unique_ptr<Policy> snapshot() const override {
    return std::make_unique<ActorCriticPolicy>(policy_);
  }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override { load_state(*this, "reinforce", state); }

  /// All that its future depends on.
  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.optimizer_);
    state.training(self.step_, self.has_started_, self.rollout_, self.updates_);
  }

 private:
  Network& network() { return *policy_.net.network; }

  ReinforceConfig config_;
  ReinforceEquations equations_;
  EnvSpec spec_;
  ActorCriticPolicy policy_;
  Optimizer optimizer_;
  OnPolicyRollout rollout_;
  std::vector<LikelihoodRows> likelihoods_;             // one for each chunk
  std::vector<std::vector<double>> log_std_gradients_;  // [A] for each chunk
  ChunkSums policy_loss_, value_loss_;
  std::vector<std::int32_t> order_;                            // all samples, 0..K-1
  std::vector<float> log_prob_, entropy_, log_prob_gradient_;  // [K]
  UpdateWindow updates_{{"policy_loss", "value_loss", "gradient_norm"}};
  std::unique_ptr<TaskPool> pool_;  // null: one thread
  double learning_rate_ = 0;
  std::int64_t step_ = 0;
  bool has_started_ = false;
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
