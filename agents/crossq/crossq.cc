// CrossQ, top to bottom: act; sample, one joint pass of the critics, actor, entropy weight;
// report. Bhatt et al. 2024 (arXiv:1902.05605), whose figure 2 has the critics' update; the equations are
// those of SAC. docs/algorithms/crossq.md has the details by number.

#include "agents/crossq/crossq.h"

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

class Crossq final : public OffPolicyAgent {
 public:
  Crossq(const CrossqConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
         const CrossqEquations& equations)
      : OffPolicyAgent(config.replay, spec, num_envs),
        config_(config),
        equations_(equations),
        noise_rng_(seed, "crossq noise"),
        policy_(crossq_policy_options(config, spec), spec, Rng(seed, "crossq initial parameters")),
        actor_optimizer_(actor().parameter_row().size(), optimizer_options(config)),
        critic_optimizer_(critic().parameter_row().size(), optimizer_options(config)),
        entropy_optimizer_(1, {"adam", config.adam_epsilon}),
        log_entropy_coef_(1, static_cast<float>(std::log(config.entropy_coef))),
        draws_(config.replay, experience_.replay, seed, "crossq samples"),
        batch_(spec, policy_, static_cast<std::size_t>(config.replay.batch_size)),
        distribution_(spec.action.size()) {
    const std::size_t size = batch_.size(), components = policy_.num_actions();
    for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, "crossq actions", i);
    acting_features_.resize(num_envs * policy_.net.encoder.size());
    acting_noise_.resize(num_envs * components);
    acting_log_prob_.resize(num_envs);
    acting_outputs_.resize(num_envs * policy_.net.output_columns());
    outputs_.resize(size * policy_.net.output_columns());
    for (auto* each : {&noise_, &actions_, &action_gradient_}) each->resize(size * components);
    for (auto* each : {&log_prob_, &log_prob_gradient_, &td_errors_, &shares_, &targets_}) {
      each->resize(size);
    }
    joint_.resize(2 * size * policy_.critic_row_size());
    next_q_.resize(size * shape_.critics);
    distribution_.reserve(size);
  }

  // ---- 1. Act ---------------------------------------------------------------------------------

  PolicyNetwork& acting_net() override { return policy_.net; }

  /// a ~ pi(. | s), normalised by running moments. CrossQ detail 1: evenly drawn until learning starts.
  void act(const Actor& actor) override {
    const std::size_t components = policy_.num_actions(), first = actor.begin * components;
    const std::size_t count = actor.envs() * components, columns = policy_.net.output_columns();
    float* actions = reinterpret_cast<float*>(experience_.actions().data()) + first;
    float* noise = acting_noise_.data() + first;
    const bool has_begun = step_ >= config_.replay.learning_starts;
    for (std::size_t k = 0; k < count; ++k) {
      Rng& rng = action_rngs_[actor.begin + k / components];
      (has_begun ? noise : actions)[k] =
          static_cast<float>(has_begun ? rng.normal() : rng.uniform(-1, 1));
    }
    if (!has_begun) return;
    float* features = acting_features_.data() + actor.begin * policy_.net.encoder.size();
    float* outputs = acting_outputs_.data() + actor.begin * columns;
    actor.net->encoder.encode(obs_of(actor), features);
    actor.net->network->infer({features, actor.envs()}, outputs);
    acting_[actor.index].forward(actor.envs(), {outputs, columns}, noise, actions,
                                 acting_log_prob_.data() + actor.begin);
    for (std::size_t k = 0; k < count; ++k) {  // before an env is handed it
      checked_finite("actions", actions[k], step_, [&] {
        return std::vector{
            named_matrix("features", features, actor.envs(), policy_.net.encoder.size())
                .from(shown_by(spec_.id))};
      });
    }
  }

  // ---- 2. Sample, critics, actor, entropy weight ----------------------------------------------

  void learn(std::int64_t before, std::int64_t now) override {
    learning_rate_ = config_.learning_rate.at(now, total_steps_);
    for (std::int64_t k = updates_due(config_.replay, before, now); k > 0; --k) update();
  }

  void update() {
    draws_.sample(experience_.replay, step_, total_steps_, batch_.rows());
    batch_.encode(policy_);
    const double critic_loss = update_critics();
    // CrossQ detail 6: the actor and the entropy weight follow the critics with a delay.
    if (++critic_updates_ % config_.policy_delay == 0) {
      actor_loss_ = update_actor();
      entropy_ = -update_entropy_coef();
    }
    updates_.add({critic_loss, actor_loss_, entropy_, mean_q_, critic_norm_, actor_norm_});
  }

  /// Both critics towards y = r + gamma (min_c Q_c(s', a') - alpha log pi(a' | s')), a' ~ pi(. | s'), of
  /// the same pass.
  double update_critics() {
    const std::size_t size = batch_.size();
    // CrossQ detail 3: a' of the actor as it acts, by its running moments.
    actor().infer({batch_.next_obs.data(), size}, outputs_.data());
    draw_noise();
    distribution_.forward(size, outputs(), noise_.data(), actions_.data(), log_prob_.data());
    batch_.put(actions_.data(), batch_.next_obs_actions);
    std::copy(batch_.next_obs_actions.begin(), batch_.next_obs_actions.end(),
              std::copy(batch_.obs_actions.begin(), batch_.obs_actions.end(), joint_.begin()));
    for (std::size_t i = 0; i < size; ++i) {
      shares_[i] = batch_.rows().weight[i] / static_cast<float>(size);
    }
    double loss = 0;
    critic().zero_gradients();
    // CrossQ detail 2: (s, a) and (s', a') are normalised by the moments of both together.
    equations_.critic_pass(
        critic(), {joint_.data(), 2 * size}, [&](const Chunk&, HeadRows q, HeadRows gradient) {
          compute_targets(q);
          loss = equations_.critic_error(shape_, q, targets_, shares_, gradient, td_errors_);
          mean_q_ = column_sum(q[0], size) / static_cast<double>(size);
          // CrossQ detail 4: y is a constant. Rows (s', a') move by the shared moments alone.
          for (std::size_t c = 0; c < shape_.critics; ++c) {
            for (std::size_t i = size; i < 2 * size; ++i) {
              gradient[c].data[i * gradient.stride] = 0;
            }
          }
        });
    check("critic_loss", loss);
    critic_norm_ = check("critic_gradient_norm",
                         apply_gradient(critic_optimizer_, critic().parameter_row(),
                                        critic().gradient_row(), learning_rate_,
                                        config_.max_grad_norm));
    draws_.update(batch_.rows(), td_errors_);
    return loss;
  }

  /// From the second half of the rows that the critics give.
  void compute_targets(HeadRows q) {
    const std::size_t size = batch_.size();
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t c = 0; c < shape_.critics; ++c) {
        next_q_[i * shape_.critics + c] = q[c].data[(size + i) * q.stride];
      }
    }
    const ReplayRows& rows = batch_.rows();
    // CrossQ detail 5: the smaller of the two critics, and a time limit ends nothing.
    equations_.target({shape_, rows.reward, rows.discount, rows.terminated, next_q_.data(), log_prob_,
                       entropy_coef()},
                      targets_);
  }

  /// J_pi = E[alpha log pi(a | s) - min_c Q_c(s, a)], a = tanh(mean + sigma eps). The gradient goes through
  /// the action.
  double update_actor() {
    const std::size_t size = batch_.size();
    const auto share = 1 / static_cast<float>(size);
    draw_noise();
    actor().zero_gradients();
    // CrossQ detail 7: a is drawn from the very pass that is differentiated, which goes by the moments of
    // its batch; the critics rate it by their running ones.
    actor().accumulate_gradient(
        {batch_.obs.data(), size}, [&](const Chunk&, HeadRows outputs, HeadRows gradient) {
          distribution_.forward(size, outputs[0], noise_.data(), actions_.data(), log_prob_.data());
          batch_.put(actions_.data(), batch_.obs_actions);
          critic().late_input_gradient(
              {batch_.obs_actions.data(), size},
              [&](const Chunk& chunk, HeadRows q, HeadRows q_gradient) {
                loss_of_chunks_[chunk] = equations_.ascent(shape_, chunk.rows(), q, q_gradient);
              },
              action_gradient_.data());
          for (float& each : action_gradient_) each *= share;
          std::fill(log_prob_gradient_.begin(), log_prob_gradient_.end(),
                    share * static_cast<float>(entropy_coef()));
          equations_.policy_gradient(distribution_, log_prob_gradient_.data(), action_gradient_.data(),
                                     gradient[0]);
        });
    double loss = loss_of_chunks_.take() / static_cast<double>(size);
    for (const float log_prob : log_prob_) loss += share * entropy_coef() * log_prob;
    check("actor_loss", loss);
    actor_norm_ = check("actor_gradient_norm",
                        apply_gradient(actor_optimizer_, actor().parameter_row(),
                                       actor().gradient_row(), learning_rate_,
                                       config_.max_grad_norm));
    return loss;
  }

  /// A step of log alpha towards the target entropy, as SAC's. Returns E[log pi].
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

  void draw_noise() {
    for (float& each : noise_) each = static_cast<float>(noise_rng_.normal());
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
  void load(const AgentState& state) override {
    load_state(*this, "crossq", state);
    check_saved_count(critic_updates_, "updates");
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.actor_optimizer_, self.critic_optimizer_, self.entropy_optimizer_,
                    self.log_entropy_coef_);
    state.training(self.step_, self.has_started_, self.learning_rate_, self.critic_updates_,
                   self.actor_loss_, self.entropy_, self.actor_norm_, self.action_rngs_,
                   self.noise_rng_, self.draws_, self.updates_, self.experience_);
  }

 private:
  // CrossQ detail 8: the mean gradient of Adam forgets sooner.
  static OptimizerOptions optimizer_options(const CrossqConfig& config) {
    return {config.optimizer, config.adam_epsilon, config.weight_decay, config.adam_beta1};
  }
  void use_threads(std::size_t learning, std::size_t acting) override {
    acting_.assign(acting, SquashedGaussian(policy_.num_actions()));
    for (SquashedGaussian& each : acting_) each.reserve(num_envs_);
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    for (Network* network : {&actor(), &critic()}) network->use_threads(pool_.get());
  }

  Network& actor() { return *policy_.net.network; }
  Network& critic() { return *policy_.critic; }
  Rows<const float> outputs() const { return {outputs_.data(), policy_.net.output_columns()}; }

  CrossqConfig config_;
  CriticShape shape_;
  CrossqEquations equations_;
  std::vector<Rng> action_rngs_;  // one for each env
  Rng noise_rng_;                 // of actions in updates
  ContinuousPolicy policy_;       // pi and Q_1, Q_2
  Optimizer actor_optimizer_, critic_optimizer_, entropy_optimizer_;
  std::vector<float> log_entropy_coef_;  // log alpha, [1]
  ReplayDraws draws_;
  ContinuousBatch batch_;
  SquashedGaussian distribution_;
  std::vector<SquashedGaussian> acting_;  // one for each of those that act at once
  std::vector<float> acting_outputs_;     // of the actor, [N, 2 A]
  std::vector<float> acting_features_, acting_noise_, acting_log_prob_;  // [N, F], [N, A], [N]
  std::vector<float> outputs_;                            // of the actor that infers, [B, 2 A]
  std::vector<float> noise_, actions_, action_gradient_;  // [B, A]
  std::vector<float> log_prob_, log_prob_gradient_, td_errors_, shares_, targets_;  // [B]
  std::vector<float> joint_;   // [2 B, F + A]: (s, a), then (s', a')
  std::vector<float> next_q_;  // [B, C]
  ChunkSums loss_of_chunks_;
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  UpdateWindow updates_{{"critic_loss", "actor_loss", "entropy", "mean_q", "critic_gradient_norm",
                         "actor_gradient_norm"}};
  double learning_rate_ = 0, actor_loss_ = 0, entropy_ = 0;
  double mean_q_ = 0, critic_norm_ = 0, actor_norm_ = 0;
  std::int64_t critic_updates_ = 0;
};

}  // namespace

void joint_critic_pass(Network& critic, const BatchInputs& joint, ChunkLoss loss) {
  critic.accumulate_gradient(joint, loss);
}

// CrossQ detail 9: where the norms stand, and their warm-up. Weights start as SAC's.
ContinuousPolicyOptions crossq_policy_options(const CrossqConfig& config, const EnvSpec& spec) {
  ContinuousPolicyOptions options = continuous_policy_options("crossq", config, spec);
  options.critic.dense.hidden_sizes = config.critic_hidden_sizes;
  BatchNormSpec norm;
  norm.momentum = config.batch_norm_momentum;
  norm.warmup = config.renorm_warmup;
  options.actor.network.dense.batch_norm = options.critic.dense.batch_norm = norm;
  return options;
}

std::unique_ptr<Agent> make_crossq(const CrossqConfig& config, const EnvSpec& spec,
                                   std::size_t num_envs, std::uint64_t seed,
                                   const CrossqEquations& equations) {
  return std::make_unique<Crossq>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
