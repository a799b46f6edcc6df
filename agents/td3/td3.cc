// TD3, top to bottom: act; sample, target, critics, actor, targets. What stands in
// quotes is from algorithm 1 of Fujimoto et al. 2018 (arXiv:1802.09477), whose equation numbers are
// used. docs/algorithms/td3.md has the details by number.

#include "agents/td3/td3.h"

#include <algorithm>

#include "agents/algorithm/actor_critic_batch.h"
#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/off_policy_agent.h"
#include "agents/algorithm/replay_draws.h"
#include "agents/policy/distributions/action_noise.h"
#include "core/threads/task_pool.h"

namespace tern {
namespace {

class Td3 final : public OffPolicyAgent {
 public:
  Td3(const std::string& agent, const Td3Config& config, const EnvSpec& spec, std::size_t num_envs,
      std::uint64_t seed, const Td3Equations& equations)
      : OffPolicyAgent(
            config.replay, config.learning_rate, spec, num_envs,
            {"critic_loss", "actor_loss", "mean_q", "critic_gradient_norm", "actor_gradient_norm"}),
        agent_(agent),
        config_(config),
        shape_{static_cast<std::size_t>(config.critics), 1, 0},
        equations_(equations),
        smoothing_rng_(seed, agent + " smoothing"),
        policy_(td3_policy_options(agent, config, spec), spec,
                Rng(seed, agent + " initial parameters")),
        target_actor_(policy_.net.network->clone()),
        target_critic_(policy_.critic->clone()),
        actor_optimizer_(actor().parameter_row().size(), optimizer_options(config)),
        critic_optimizer_(critic().parameter_row().size(), optimizer_options(config)),
        draws_(config.replay, spec, experience_.replay, relabelling(), seed, agent + " samples"),
        exploration_({config.noise, config.noise_sigma, config.noise_theta}, seed,
                     agent + " actions", num_envs, spec.action.size()),
        batch_(spec, config.replay, actor(), critic()) {
    const std::size_t size = batch_.size(), components = policy_.num_actions();
    for (std::size_t i = 0; i < num_envs; ++i)
      warmup_rngs_.emplace_back(seed, agent + " warm-up", i);
    for (auto* each : {&noise_, &actions_, &action_gradient_}) each->resize(size * components);
    for (auto* each : {&targets_, &td_errors_}) each->resize(size);
    next_q_.resize(size * shape_.critics);
  }

  // ---- 1. Act ---------------------------------------------------------------------------------

  /// TD3 detail 7: its moments of observations move once an iteration, on what the next act reads.
  PolicyNetwork& acting_net() override { return policy_.net; }
  Network* critic_with_memory() override { return policy_.critic.get(); }

  /// "Select action with exploration noise". TD3 detail 1: evenly drawn until learning starts.
  void act(const Actor& actor) override {
    if (is_warming_up()) return draw_evenly(actor, warmup_rngs_);
    const std::size_t components = policy_.num_actions();
    const Row<float> actions = actions_of(actor);
    const Rows<float> outputs = infer(actor);
    for (std::size_t r = 0; r < actor.envs(); ++r) {
      std::copy_n(outputs.data + r * outputs.stride, components, actions.data() + r * components);
    }
    squash(actions);
    check_acting(actor, "actions", actions);
    for (std::size_t r = 0; r < actor.envs(); ++r) {
      exploration_.add(actor.begin + r, actions.subrow(r * components, components));
    }
  }
  void see(const StepBatch& step) override {
    for (std::size_t i = 0; i < num_envs_; ++i) {
      if (step.terminated[i] || step.truncated[i]) exploration_.end_episode(i);
    }
  }

  // ---- 2. Sample, target, critics, actor ------------------------------------------------------

  void update() override {
    batch_.draw(draws_, experience_.replay, step_, total_steps_, policy_.net.encoder);
    batch_.remember({.actor = actor(),
                     .critic = critic(),
                     .next_actor = *target_actor_,
                     .next_critic = *target_critic_});  // TD3 detail 8
    const double critic_loss = update_critics();
    // "if t mod d then": TD3 detail 5, the actor and the targets follow the critics with a delay.
    if (++critic_updates_ % config_.policy_delay == 0) {
      actor_loss_ = update_actor();
      equations_.update_target(target_critic_->parameter_row(), critic().parameter_row(),
                               config_.tau);
      equations_.update_target(target_actor_->parameter_row(), actor().parameter_row(),
                               config_.tau);
    }
    updates_.add({critic_loss, actor_loss_, mean_q_, critic_norm_, actor_norm_});
  }

  /// y = r + gamma min_c Q'_c(s', a'),  a' = pi'(s') + clip(noise): Eq. 14 and 10.
  void compute_targets() {
    target_actor_->infer_heads(batch_.next_obs(), actions_.data());
    squash(actions_);
    if (config_.target_noise > 0) {  // TD3 detail 3: target policy smoothing
      for (float& each : noise_) each = static_cast<float>(smoothing_rng_.normal());
      equations_.smooth(config_.target_noise, config_.target_noise_clip, noise_, actions_);
    }
    batch_.put_next(actions_.data());
    target_critic_->infer_heads(batch_.next_obs_actions(), next_q_.data());
    // TD3 detail 2: the smaller of the two critics. TD3 detail 4: a time limit ends nothing.
    equations_.target(
        {shape_, batch_.rewards(), batch_.discounts(), batch_.terminated(), next_q_.data(), {}, 0},
        targets_);
  }

  /// "Update critics".
  double update_critics() {
    compute_targets();
    critic().zero_gradients();
    critic().accumulate_sequence_gradient(
        batch_.obs_actions(), [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          const std::size_t rows = chunk.rows();
          loss_of_chunks_[chunk] = equations_.critic_error(
              shape_, q, Row<const float>(targets_).subrow(chunk.begin, rows),
              batch_.shares().subrow(chunk.begin, rows), gradient,
              Row<float>(td_errors_).subrow(chunk.begin, rows));
          q_of_chunks_[chunk] = column_sum(q[0], rows);
        });
    const double loss = check("critic_loss", loss_of_chunks_.take());
    mean_q_ = q_of_chunks_.take() / static_cast<double>(batch_.size());
    critic_norm_ =
        step_along("critic_gradient_norm", critic_optimizer_, critic(), config_.max_grad_norm);
    draws_.update(batch_.drawn(), td_errors_);
    return loss;
  }

  /// "Update phi by the deterministic policy gradient": J = E[Q_1(s, pi(s))], with the gradient
  /// through the action.
  double update_actor() {
    const std::size_t size = batch_.size();
    actor().forward(batch_.obs(), actions_.data());
    squash(actions_);
    batch_.put(actions_.data());
    critic().late_input_gradient(
        batch_.obs_actions(),
        [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          loss_of_chunks_[chunk] = equations_.ascent(shape_, chunk.rows(), q, gradient);
        },
        action_gradient_.data(), /*heads=*/1);  // Q_1 alone
    const double loss = check("actor_loss", loss_of_chunks_.take() / static_cast<double>(size));
    const auto share = 1 / static_cast<float>(size);
    for (std::size_t k = 0; k < actions_.size(); ++k) {  // d tanh(u) / d u = 1 - a^2
      action_gradient_[k] *= share * (1 - actions_[k] * actions_[k]);
    }
    actor().zero_gradients();
    actor().backward(batch_.obs(), action_gradient_.data());
    actor_norm_ =
        step_along("actor_gradient_norm", actor_optimizer_, actor(), config_.max_grad_norm);
    return loss;
  }

  std::vector<NamedArray> arrays() const override { return batch_.arrays(spec_, targets_); }

  // ---- State ----------------------------------------------------------------------------------

  std::unique_ptr<Policy> snapshot() const override {
    return std::make_unique<ContinuousPolicy>(policy_);
  }
  void reset_targets() override {
    target_actor_->copy_state(*policy_.net.network);
    target_critic_->copy_state(*policy_.critic);
  }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override { load_state(*this, agent_, state); }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.actor_optimizer_, self.critic_optimizer_,
                    self.target_actor_->parameter_row(), self.target_critic_->parameter_row());
    state.training(self.step_, self.has_started_, self.learning_rate_, self.critic_updates_,
                   self.actor_loss_, self.actor_norm_, self.warmup_rngs_, self.smoothing_rng_,
                   self.exploration_, self.draws_, self.updates_, self.experience_, self.states_);
  }

 private:
  static OptimizerOptions optimizer_options(const Td3Config& config) {
    return {config.optimizer, config.adam_epsilon, config.weight_decay};
  }

  void use_threads(std::size_t learning, std::size_t) override {
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    for (Network* network : {&actor(), &critic(), target_actor_.get(), target_critic_.get()}) {
      network->use_threads(pool_.get());
    }
  }

  Network& actor() { return *policy_.net.network; }
  Network& critic() { return *policy_.critic; }

  std::string agent_;
  Td3Config config_;
  CriticShape shape_;
  Td3Equations equations_;
  std::vector<Rng> warmup_rngs_;  // one for each env
  Rng smoothing_rng_;
  ContinuousPolicy policy_;  // pi, and Q_1 and Q_2
  std::unique_ptr<Network> target_actor_, target_critic_;
  Optimizer actor_optimizer_, critic_optimizer_;
  ReplayDraws draws_;
  ActionNoise exploration_;
  ActorCriticBatch batch_;
  std::vector<float> noise_, actions_, action_gradient_;  // [B, A]
  std::vector<float> targets_, td_errors_;                // [B]
  std::vector<float> next_q_;                             // [B, C]
  ChunkSums loss_of_chunks_, q_of_chunks_;
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  double actor_loss_ = 0, mean_q_ = 0, critic_norm_ = 0, actor_norm_ = 0;
  std::int64_t critic_updates_ = 0;
};

}  // namespace

// TD3 detail 6: how weights start.
ContinuousPolicyOptions td3_policy_options(const std::string& agent, const Td3Config& config,
                                           const EnvSpec& spec) {
  ContinuousPolicyOptions options = continuous_policy_options(agent, config, spec);
  options.is_stochastic = false;
  options.noise = config.noise_sigma;
  options.critics = config.critics;
  return options;
}

std::unique_ptr<Agent> make_td3(const std::string& agent, const Td3Config& config,
                                const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
                                const Td3Equations& equations) {
  return std::make_unique<Td3>(agent, config, spec, num_envs, seed, equations);
}

}  // namespace tern
