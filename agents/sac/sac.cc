// SAC, top to bottom: act; sample, target, critics, actor, entropy weight; report.
// Equation numbers are those of Haarnoja et al. 2018b (arXiv:1812.05905). docs/algorithms/sac.md has
// the details by number.

#include "agents/sac/sac.h"

#include <algorithm>
#include <cmath>

#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/continuous_batch.h"
#include "agents/algorithm/finite_check.h"
#include "agents/algorithm/off_policy_agent.h"
#include "agents/algorithm/replay_draws.h"
#include "agents/algorithm/update_window.h"
#include "agents/nn/apply_gradient.h"
#include "core/threads/task_pool.h"

namespace tern {
namespace {

class Sac final : public OffPolicyAgent {
 public:
  Sac(const SacConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
      const SacVariant& variant)
      : OffPolicyAgent(config.replay, spec, num_envs),
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
        entropy_optimizer_(1, {"adam", config.adam_epsilon}),
        log_entropy_coef_(1, static_cast<float>(std::log(config.entropy_coef))),
        draws_(config.replay, experience_.replay, seed, agent_ + " samples"),
        batch_(spec, policy_, static_cast<std::size_t>(config.replay.batch_size)),
        distribution_(spec.action.size()) {
    const std::size_t size = batch_.size(), actions = policy_.num_actions();
    for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, agent_ + " actions", i);
    acting_features_.resize(num_envs * policy_.net.encoder.size());
    acting_noise_.resize(num_envs * actions);
    acting_log_prob_.resize(num_envs);
    acting_outputs_.resize(num_envs * policy_.net.output_columns());
    outputs_.resize(size * policy_.net.output_columns());
    output_gradient_.resize(size * policy_.net.output_columns());
    gaussian_gradient_.resize(size * 2 * actions);
    sde_noise_.resize(num_envs * policy_.gaussian.noise().size());
    sde_ages_.resize(policy_.gaussian.has_sde() ? num_envs : 0);
    policy_.gaussian.reserve(size);
    for (auto* each : {&noise_, &actions_, &action_gradient_}) each->resize(size * actions);
    for (auto* each : {&log_prob_, &log_prob_gradient_, &td_errors_, &shares_}) each->resize(size);
    targets_.resize(size * shape_.targets());
    next_q_.resize(size * shape_.columns());
    distribution_.reserve(size);
  }

  // ---- 1. Act ---------------------------------------------------------------------------------

  /// SAC detail 7: its moments of observations move once an iteration, on what the next act reads.
  PolicyNetwork& acting_net() override { return policy_.net; }

  /// a ~ pi(. | s). SAC detail 1: evenly drawn until learning starts.
  void act(const Actor& actor) override {
    const std::size_t components = policy_.num_actions(), first = actor.begin * components;
    const std::size_t count = actor.envs() * components;
    float* actions = reinterpret_cast<float*>(experience_.actions().data()) + first;
    if (step_ < config_.replay.learning_starts) {
      for (std::size_t k = 0; k < count; ++k) {
        actions[k] = static_cast<float>(action_rngs_[actor.begin + k / components].uniform(-1, 1));
      }
      return;
    }
    Acting& acting = acting_[actor.index];
    const Network& network = *actor.net->network;
    const std::size_t columns = policy_.net.output_columns();
    float* features = acting_features_.data() + actor.begin * policy_.net.encoder.size();
    float* outputs = acting_outputs_.data() + actor.begin * columns;
    actor.net->encoder.encode(obs_of(actor), features);
    actor.net->network->infer({features, actor.envs()}, outputs);
    const Rows<const float> gaussian =
        acting.gaussian.forward(network, actor.envs(), {outputs, columns});
    float* noise = acting_noise_.data() + first;
    draw_acting_noise(actor, {outputs, columns}, gaussian, noise);
    acting.distribution.forward(actor.envs(), gaussian, noise, actions,
                                acting_log_prob_.data() + actor.begin);
    for (std::size_t k = 0; k < count; ++k) {  // before an env is handed it
      checked_finite("actions", actions[k], step_, [&] {
        return std::vector{
            named_matrix("features", features, actor.envs(), policy_.net.encoder.size())
                .from(shown_by(spec_.id))};
      });
    }
  }

  /// SAC detail 8: eps of a, each step its own, or with state-dependent noise a function of the state.
  void draw_acting_noise(const Actor& actor, Rows<const float> outputs, Rows<const float> gaussian,
                         float* acting_noise) {
    const std::size_t components = policy_.num_actions();
    if (!policy_.gaussian.has_sde()) {
      for (std::size_t k = 0; k < actor.envs() * components; ++k) {
        acting_noise[k] = static_cast<float>(action_rngs_[actor.begin + k / components].normal());
      }
      return;
    }
    const StateDependentNoise& noise = policy_.gaussian.noise();
    for (std::size_t r = 0; r < actor.envs(); ++r) {
      const std::size_t i = actor.begin + r;
      const Row<float> eps(sde_noise_.data() + i * noise.size(), noise.size());
      if (sde_ages_[i] == 0) {
        for (float& each : eps) each = static_cast<float>(action_rngs_[i].normal());
      }
      ++sde_ages_[i];
      if (sde_ages_[i] == config_.sde_sample_freq) sde_ages_[i] = 0;
      noise.standardized({outputs.data + r * outputs.stride + components, noise.hidden()},
                         policy_.gaussian.log_sigma(*actor.net->network), eps,
                         {gaussian.data + r * gaussian.stride + components, components},
                         {acting_noise + r * components, components});
    }
  }
  void see(const StepBatch& step) override {
    for (std::size_t i = 0; i < sde_ages_.size(); ++i) {
      if (step.terminated[i] || step.truncated[i]) sde_ages_[i] = 0;
    }
  }

  // ---- 2. Sample, target, critics, actor, entropy weight --------------------------------------

  void learn(std::int64_t before, std::int64_t now) override {
    learning_rate_ = config_.learning_rate.at(now, total_steps_);
    for (std::int64_t k = updates_due(config_.replay, before, now); k > 0; --k) update();
  }

  void update() {
    draws_.sample(experience_.replay, step_, total_steps_, batch_.rows());
    batch_.encode(policy_);
    const double critic_loss = update_critics();
    const double actor_loss = update_actor();
    const double log_prob = update_entropy_coef();
    equations_.update_target(target_critic_->parameter_row(), critic().parameter_row(), config_.tau);
    updates_.add({critic_loss, actor_loss, -log_prob, mean_q_, critic_norm_, actor_norm_});
  }

  /// y = r + gamma (min_c Q'_c(s', a') - alpha log pi(a' | s')), a' ~ pi(. | s'): Eq. 3, 5 and 6.
  void compute_targets() {
    actor().infer({batch_.next_obs.data(), batch_.size()}, outputs_.data());
    sample_actions();
    batch_.put(actions_.data(), batch_.next_obs_actions);
    target_critic_->infer({batch_.next_obs_actions.data(), batch_.size()}, next_q_.data());
    const ReplayRows& rows = batch_.rows();
    // SAC detail 3: the smaller of the two critics. SAC detail 4: a time limit ends nothing.
    equations_.target({shape_, rows.reward, rows.discount, rows.terminated, next_q_.data(), log_prob_,
                       entropy_coef()},
                      targets_);
  }

  /// Both critics towards y: Eq. 5.
  double update_critics() {
    compute_targets();
    const std::size_t size = batch_.size();
    for (std::size_t i = 0; i < size; ++i) {
      shares_[i] = batch_.rows().weight[i] / static_cast<float>(size);
    }
    critic().zero_gradients();
    critic().accumulate_gradient(
        {batch_.obs_actions.data(), size}, [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          const std::size_t rows = chunk.rows(), width = shape_.targets();
          loss_of_chunks_[chunk] = equations_.critic_error(
              shape_, q, Row<const float>(targets_).subrow(chunk.begin * width, rows * width),
              Row<const float>(shares_).subrow(chunk.begin, rows), gradient,
              Row<float>(td_errors_).subrow(chunk.begin, rows));
          q_of_chunks_[chunk] = column_sum(q[0], rows);
        });
    const double loss = check("critic_loss", loss_of_chunks_.take());
    mean_q_ = q_of_chunks_.take() / static_cast<double>(size);
    critic_norm_ = check("critic_gradient_norm",
                         apply_gradient(critic_optimizer_, critic().parameter_row(),
                                        critic().gradient_row(), learning_rate_,
                                        config_.max_grad_norm));
    draws_.update(batch_.rows(), td_errors_);
    return loss;
  }

  /// J_pi = E[alpha log pi(a | s) - min_c Q_c(s, a)], a = tanh(mean + sigma eps): Eq. 7 to 9. The
  /// gradient goes through the action.
  double update_actor() {
    const std::size_t size = batch_.size();
    actor().forward({batch_.obs.data(), size}, outputs_.data());
    sample_actions();
    batch_.put(actions_.data(), batch_.obs_actions);
    critic().late_input_gradient(
        {batch_.obs_actions.data(), size},
        [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          loss_of_chunks_[chunk] =
              equations_.ascent(shape_, chunk.rows(), q, gradient);
        },
        action_gradient_.data());
    const double share = 1.0 / static_cast<double>(size);
    double loss = share * loss_of_chunks_.take();
    for (const float log_prob : log_prob_) loss += share * entropy_coef() * log_prob;
    check("actor_loss", loss);
    std::fill(log_prob_gradient_.begin(), log_prob_gradient_.end(),
              static_cast<float>(share * entropy_coef()));
    for (float& each : action_gradient_) each *= static_cast<float>(share);
    const Rows<float> gaussian_gradient{gaussian_gradient_.data(), 2 * policy_.num_actions()};
    equations_.policy_gradient(distribution_, log_prob_gradient_.data(), action_gradient_.data(),
                               gaussian_gradient);
    actor().zero_gradients();
    policy_.gaussian.backward(actor(), size, outputs(),
                              {gaussian_gradient.data, gaussian_gradient.stride},
                              {output_gradient_.data(), policy_.net.output_columns()});
    actor().backward({batch_.obs.data(), size}, output_gradient_.data());
    actor_norm_ = check("actor_gradient_norm",
                        apply_gradient(actor_optimizer_, actor().parameter_row(),
                                       actor().gradient_row(), learning_rate_,
                                       config_.max_grad_norm));
    return loss;
  }

  /// J(alpha) = E[-alpha (log pi(a | s) + H_target)]: Eq. 17 and 18. SAC detail 6: the step is taken
  /// in log alpha, and without the factor alpha, as the authors' program does. Returns E[log pi].
  double update_entropy_coef() {
    double log_prob = 0;
    for (const float each : log_prob_) log_prob += each / static_cast<double>(log_prob_.size());
    if (!config_.learn_entropy_coef) return log_prob;
    const double target = config_.target_entropy * static_cast<double>(policy_.num_actions());
    const auto gradient = static_cast<float>(-(log_prob + target));
    entropy_optimizer_.step(Row<float>(log_entropy_coef_), Row<const float>(&gradient, 1),
                            learning_rate_);
    return log_prob;
  }

  /// Fills actions_ and log_prob_ from the present policy's outputs_.
  void sample_actions() {
    for (float& each : noise_) each = static_cast<float>(noise_rng_.normal());
    distribution_.forward(batch_.size(), policy_.gaussian.forward(actor(), batch_.size(), outputs()),
                          noise_.data(), actions_.data(), log_prob_.data());
  }

  double entropy_coef() const { return std::exp(static_cast<double>(log_entropy_coef_[0])); }

  double check(const char* name, double value) const {
    return checked_finite(name, value, step_,
                          [&] { return batch_.arrays(spec_, targets_); });
  }

  // ---- 3. Report ------------------------------------------------------------------------------

  std::vector<Metric> report(const EpisodeWindow& episodes) const override {
    std::vector<Metric> metrics;
    episodes.report(spec_, metrics);
    updates_.report(metrics);
    metrics.insert(metrics.end(),
                   {{"train/entropy_coef", entropy_coef()},
                    {"train/learning_rate", learning_rate_},
                    {"train/replay_size", static_cast<double>(experience_.replay.size())}});
    return metrics;
  }

  // ---- State ----------------------------------------------------------------------------------

  std::unique_ptr<Policy> snapshot() const override {
    return std::make_unique<ContinuousPolicy>(policy_);
  }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override { load_state(*this, agent_, state); }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.actor_optimizer_, self.critic_optimizer_, self.entropy_optimizer_,
                    self.log_entropy_coef_, self.target_critic_->parameter_row());
    state.training(self.step_, self.has_started_, self.learning_rate_, self.action_rngs_,
                   self.noise_rng_, self.draws_, self.updates_, self.experience_, self.sde_noise_,
                   self.sde_ages_);
  }

 private:
  static OptimizerOptions optimizer_options(const SacConfig& config) {
    return {config.optimizer, config.adam_epsilon, config.weight_decay};
  }
  void use_threads(std::size_t learning, std::size_t acting) override {
    acting_.assign(acting, {policy_.gaussian, SquashedGaussian(policy_.num_actions())});
    for (Acting& each : acting_) {
      each.gaussian.reserve(num_envs_);
      each.distribution.reserve(num_envs_);
    }
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    for (Network* network : {&actor(), &critic(), target_critic_.get()}) {
      network->use_threads(pool_.get());
    }
  }

  /// Scratch of one of those that act at once.
  struct Acting {
    GaussianOutputs gaussian;
    SquashedGaussian distribution;
  };

  Network& actor() { return *policy_.net.network; }
  Network& critic() { return *policy_.critic; }
  Rows<const float> outputs() const { return {outputs_.data(), policy_.net.output_columns()}; }

  std::string agent_;
  SacConfig config_;
  CriticShape shape_;
  SacEquations equations_;
  std::vector<Rng> action_rngs_;  // one for each env
  Rng noise_rng_;                 // of actions in updates
  ContinuousPolicy policy_;       // pi and Q_1, Q_2
  std::unique_ptr<Network> target_critic_;
  Optimizer actor_optimizer_, critic_optimizer_, entropy_optimizer_;
  std::vector<float> log_entropy_coef_;  // log alpha, [1]
  ReplayDraws draws_;
  ContinuousBatch batch_;
  SquashedGaussian distribution_;
  std::vector<Acting> acting_;
  std::vector<float> acting_features_, acting_noise_, acting_log_prob_;  // [N, F], [N, A], [N]
  std::vector<float> acting_outputs_;                     // of the actor, [N, its columns]
  std::vector<float> outputs_, output_gradient_;          // of the actor, [B, its columns]
  std::vector<float> gaussian_gradient_;                  // [B, 2 A]
  std::vector<float> sde_noise_;        // eps of state-dependent noise, [N, H, A]
  std::vector<std::int32_t> sde_ages_;  // [N] steps since it was drawn
  std::vector<float> noise_, actions_, action_gradient_;  // [B, A]
  std::vector<float> log_prob_, log_prob_gradient_, td_errors_, shares_;  // [B]
  std::vector<float> targets_, next_q_;  // [B, T], [B, C * M]
  ChunkSums loss_of_chunks_, q_of_chunks_;
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  UpdateWindow updates_{{"critic_loss", "actor_loss", "entropy", "mean_q", "critic_gradient_norm",
                         "actor_gradient_norm"}};
  double learning_rate_ = 0, mean_q_ = 0, critic_norm_ = 0, actor_norm_ = 0;
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
