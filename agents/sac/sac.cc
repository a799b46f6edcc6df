// SAC, top to bottom: act; sample, target, critics, actor, entropy weight; report.
// Equation numbers are those of Haarnoja et al. 2018b (arXiv:1812.05905). docs/algorithms/sac.md
// has the details by number.

#include "agents/sac/sac.h"

#include <algorithm>

#include "agents/algorithm/actor_critic_batch.h"
#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/entropy_weight.h"
#include "agents/algorithm/gaussian_acting.h"
#include "agents/algorithm/off_policy_agent.h"
#include "agents/algorithm/replay_draws.h"
#include "core/threads/task_pool.h"

namespace tern {
namespace {

class Sac final : public OffPolicyAgent {
 public:
  Sac(const SacConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const SacVariant& variant)
      : OffPolicyAgent(config.replay, config.learning_rate, spec, num_envs,
                       {"critic_loss", "actor_loss", "entropy", "mean_q", "critic_gradient_norm",
                        "actor_gradient_norm"}),
        agent_(variant.agent),
        config_(config),
        shape_(variant.critics),
        equations_(variant.equations),
        noise_rng_(seed, agent_ + " noise"),
        policy_(sac_policy_options(config, spec, variant), spec,
                Rng(seed, agent_ + " initial parameters")),
        target_critic_(policy_.critic->clone()),
        actor_optimizer_(actor().parameter_row().size(), optimizer_options(config)),
        critic_optimizer_(critic().parameter_row().size(), optimizer_options(config)),
        entropy_weight_(config.entropy_coef, config.learn_entropy_coef, config.adam_epsilon),
        acting_(policy_, num_envs, seed, agent_ + " actions", config.sde_sample_freq),
        draws_(config.replay, spec, experience_.replay, relabelling(), seed, agent_ + " samples"),
        batch_(spec, config.replay, actor(), critic()),
        distribution_(spec.action.size()) {
    const std::size_t size = batch_.size(), actions = policy_.num_actions();
    for (auto* each : {&outputs_, &output_gradient_}) {
      each->resize(size * policy_.net.state_column());
    }
    gaussian_gradient_.resize(size * 2 * actions);
    policy_.gaussian.reserve(size);
    for (auto* each : {&noise_, &actions_, &action_gradient_}) each->resize(size * actions);
    for (auto* each : {&log_prob_, &log_prob_gradient_, &td_errors_}) each->resize(size);
    targets_.resize(size * shape_.targets());
    next_q_.resize(size * shape_.columns());
    distribution_.reserve(size);
  }

  // ---- 1. Act ---------------------------------------------------------------------------------

  /// SAC detail 7: its moments of observations move once an iteration, on what the next act reads.
  PolicyNetwork& acting_net() override { return policy_.net; }
  Network* critic_with_memory() override { return policy_.critic.get(); }

  /// a ~ pi(. | s), with noise as SAC detail 8 has it. SAC detail 1: evenly drawn until learning
  /// starts.
  void act(const Actor& actor) override {
    if (is_warming_up()) return draw_evenly(actor, acting_.rngs);
    const Row<float> actions = actions_of(actor);
    acting_.act(actor, infer(actor), actions);
    check_acting(actor, "actions", actions);
  }
  void see(const StepBatch& step) override { acting_.see(step); }

  // ---- 2. Sample, target, critics, actor, entropy weight --------------------------------------

  void update() override {
    batch_.draw(draws_, experience_.replay, step_, total_steps_, policy_.net.encoder);
    batch_.remember({.actor = actor(),
                     .critic = critic(),
                     .next_actor = actor(),
                     .next_critic = *target_critic_});  // SAC detail 9
    const double critic_loss = update_critics();
    const double actor_loss = update_actor();
    const double entropy = update_entropy_weight();
    equations_.update_target(target_critic_->parameter_row(), critic().parameter_row(),
                             config_.tau);
    updates_.add({critic_loss, actor_loss, entropy, mean_q_, critic_norm_, actor_norm_});
  }

  /// y = r + gamma (min_c Q'_c(s', a') - alpha log pi(a' | s')), a' ~ pi(. | s'): Eq. 3, 5 and 6.
  void compute_targets() {
    actor().infer_heads(batch_.next_obs(), outputs_.data());
    sample_actions();
    batch_.put_next(actions_.data());
    target_critic_->infer_heads(batch_.next_obs_actions(), next_q_.data());
    // SAC detail 3: the smaller of the two critics. SAC detail 4: a time limit ends nothing.
    equations_.target({shape_, batch_.rewards(), batch_.discounts(), batch_.terminated(),
                       next_q_.data(), log_prob_, entropy_weight_.value()},
                      targets_);
  }

  /// Both critics towards y: Eq. 5.
  double update_critics() {
    compute_targets();
    critic().zero_gradients();
    critic().accumulate_sequence_gradient(
        batch_.obs_actions(), [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          const std::size_t rows = chunk.rows(), width = shape_.targets();
          loss_of_chunks_[chunk] = equations_.critic_error(
              shape_, q, Row<const float>(targets_).subrow(chunk.begin * width, rows * width),
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

  /// J_pi = E[alpha log pi(a | s) - min_c Q_c(s, a)], a = tanh(mean + sigma eps): Eq. 7 to 9. The
  /// gradient goes through the action.
  double update_actor() {
    const std::size_t size = batch_.size();
    actor().forward(batch_.obs(), outputs_.data());
    sample_actions();
    batch_.put(actions_.data());
    critic().late_input_gradient(
        batch_.obs_actions(),
        [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          loss_of_chunks_[chunk] = equations_.ascent(shape_, chunk.rows(), q, gradient);
        },
        action_gradient_.data());
    const double share = 1.0 / static_cast<double>(size), alpha = entropy_weight_.value();
    double loss = share * loss_of_chunks_.take();
    for (const float log_prob : log_prob_) loss += share * alpha * log_prob;
    check("actor_loss", loss);
    std::fill(log_prob_gradient_.begin(), log_prob_gradient_.end(),
              static_cast<float>(share * alpha));
    for (float& each : action_gradient_) each *= static_cast<float>(share);
    const Rows<float> gaussian_gradient{gaussian_gradient_.data(), 2 * policy_.num_actions()};
    equations_.policy_gradient(distribution_, log_prob_gradient_.data(), action_gradient_.data(),
                               gaussian_gradient);
    actor().zero_gradients();
    policy_.gaussian.backward(actor(), size, outputs(),
                              {gaussian_gradient.data, gaussian_gradient.stride},
                              {output_gradient_.data(), policy_.net.state_column()});
    actor().backward(batch_.obs(), output_gradient_.data());
    actor_norm_ =
        step_along("actor_gradient_norm", actor_optimizer_, actor(), config_.max_grad_norm);
    return loss;
  }

  /// SAC detail 6: towards the target entropy. Returns E[-log pi].
  double update_entropy_weight() {
    double log_prob = 0;
    for (const float each : log_prob_) log_prob += each / static_cast<double>(log_prob_.size());
    entropy_weight_.update(-log_prob,
                           config_.target_entropy * static_cast<double>(policy_.num_actions()),
                           learning_rate_);
    return -log_prob;
  }

  /// Fills actions_ and log_prob_ from the present policy's outputs_.
  void sample_actions() {
    for (float& each : noise_) each = static_cast<float>(noise_rng_.normal());
    distribution_.forward(batch_.size(),
                          policy_.gaussian.forward(actor(), batch_.size(), outputs()),
                          noise_.data(), actions_.data(), log_prob_.data());
  }

  // ---- 3. Report ------------------------------------------------------------------------------

  void report(std::vector<Metric>& metrics) const override {
    metrics.push_back({"train/entropy_coef", entropy_weight_.value()});
  }
  std::vector<NamedArray> arrays() const override { return batch_.arrays(spec_, targets_); }

  // ---- State ----------------------------------------------------------------------------------

  std::unique_ptr<Policy> snapshot() const override {
    return std::make_unique<ContinuousPolicy>(policy_);
  }
  void reset_targets() override { target_critic_->copy_state(*policy_.critic); }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override { load_state(*this, agent_, state); }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.actor_optimizer_, self.critic_optimizer_, self.entropy_weight_,
                    self.target_critic_->parameter_row());
    state.training(self.step_, self.has_started_, self.learning_rate_, self.acting_.rngs,
                   self.noise_rng_, self.draws_, self.updates_, self.experience_,
                   self.acting_.sde_noise, self.acting_.sde_ages, self.states_);
  }

 private:
  static OptimizerOptions optimizer_options(const SacConfig& config) {
    return {config.optimizer, config.adam_epsilon, config.weight_decay};
  }
  void use_threads(std::size_t learning, std::size_t acting) override {
    acting_.use_threads(acting);
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    for (Network* network : {&actor(), &critic(), target_critic_.get()}) {
      network->use_threads(pool_.get());
    }
  }

  Network& actor() { return *policy_.net.network; }
  Network& critic() { return *policy_.critic; }
  Rows<const float> outputs() const { return {outputs_.data(), policy_.net.state_column()}; }

  std::string agent_;
  SacConfig config_;
  CriticShape shape_;
  SacEquations equations_;
  Rng noise_rng_;            // of actions in updates
  ContinuousPolicy policy_;  // pi and Q_1, Q_2
  std::unique_ptr<Network> target_critic_;
  Optimizer actor_optimizer_, critic_optimizer_;
  EntropyWeight entropy_weight_;  // alpha
  GaussianActing acting_;
  ReplayDraws draws_;
  ActorCriticBatch batch_;
  SquashedGaussian distribution_;
  std::vector<float> outputs_, output_gradient_;                 // of the actor's heads, [B, ..]
  std::vector<float> gaussian_gradient_;                         // [B, 2 A]
  std::vector<float> noise_, actions_, action_gradient_;         // [B, A]
  std::vector<float> log_prob_, log_prob_gradient_, td_errors_;  // [B]
  std::vector<float> targets_, next_q_;                          // [B, T], [B, C * M]
  ChunkSums loss_of_chunks_, q_of_chunks_;
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  double mean_q_ = 0, critic_norm_ = 0, actor_norm_ = 0;
};

}  // namespace

// SAC detail 2: how weights start. SAC detail 5: log deviations are clamped.
ContinuousPolicyOptions sac_policy_options(const SacConfig& config, const EnvSpec& spec,
                                           const SacVariant& variant) {
  ContinuousPolicyOptions options = continuous_policy_options(variant.agent, config, spec);
  options.critics = static_cast<int>(variant.critics.critics);
  options.quantiles = static_cast<int>(variant.critics.quantiles);
  options.has_sde = config.use_sde;
  options.sde_log_std = config.sde_log_std;
  return options;
}

std::unique_ptr<Agent> make_sac(const SacConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const SacVariant& variant) {
  return std::make_unique<Sac>(config, spec, num_envs, seed, variant);
}

}  // namespace tern
