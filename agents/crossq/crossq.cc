// CrossQ, top to bottom: act; sample, one joint pass of the critics, actor, entropy weight;
// report. Bhatt et al. 2024 (arXiv:1902.05605), whose figure 2 has the critics' update; the
// equations are those of SAC. docs/algorithms/crossq.md has the details by number.

#include "agents/crossq/crossq.h"

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

class Crossq final : public OffPolicyAgent {
 public:
  Crossq(const CrossqConfig& config, const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
         const CrossqEquations& equations)
      : OffPolicyAgent(config.replay, config.learning_rate, spec, num_envs,
                       {"critic_loss", "actor_loss", "entropy", "mean_q", "critic_gradient_norm",
                        "actor_gradient_norm"}),
        config_(config),
        equations_(equations),
        noise_rng_(seed, "crossq noise"),
        policy_(crossq_policy_options(config, spec), spec, Rng(seed, "crossq initial parameters")),
        actor_optimizer_(actor().parameter_row().size(), optimizer_options(config)),
        critic_optimizer_(critic().parameter_row().size(), optimizer_options(config)),
        entropy_weight_(config.entropy_coef, config.learn_entropy_coef, config.adam_epsilon),
        acting_(policy_, num_envs, seed, "crossq actions"),
        draws_(config.replay, spec, experience_.replay, relabelling(), seed, "crossq samples"),
        batch_(spec, config.replay, actor(), critic()),
        distribution_(spec.action.size()) {
    const std::size_t size = batch_.size(), components = policy_.num_actions();
    outputs_.resize(size * policy_.net.output_columns());
    for (auto* each : {&noise_, &actions_, &action_gradient_}) each->resize(size * components);
    for (auto* each : {&log_prob_, &log_prob_gradient_, &td_errors_, &targets_}) {
      each->resize(size);
    }
    joint_.resize(2 * size * policy_.critic_row_size());
    next_q_.resize(size * shape_.critics);
    distribution_.reserve(size);
  }

  // ---- 1. Act ---------------------------------------------------------------------------------

  PolicyNetwork& acting_net() override { return policy_.net; }

  /// a ~ pi(. | s), normalised by running moments. CrossQ detail 1: evenly drawn until learning
  /// starts.
  void act(const Actor& actor) override {
    if (is_warming_up()) return draw_evenly(actor, acting_.rngs);
    const Row<float> actions = actions_of(actor);
    acting_.act(actor, infer(actor), actions);
    check_acting(actor, "actions", actions);
  }

  // ---- 2. Sample, critics, actor, entropy weight ----------------------------------------------

  void update() override {
    batch_.draw(draws_, experience_.replay, step_, total_steps_, policy_.net.encoder);
    const double critic_loss = update_critics();
    // CrossQ detail 6: the actor and the entropy weight follow the critics with a delay.
    if (++critic_updates_ % config_.policy_delay == 0) {
      actor_loss_ = update_actor();
      entropy_ = update_entropy_weight();
    }
    updates_.add({critic_loss, actor_loss_, entropy_, mean_q_, critic_norm_, actor_norm_});
  }

  /// Both critics towards y = r + gamma (min_c Q_c(s', a') - alpha log pi(a' | s')), a' ~ pi(. |
  /// s'), of the same pass.
  double update_critics() {
    const std::size_t size = batch_.size();
    // CrossQ detail 3: a' of the actor as it acts, by its running moments.
    actor().infer(batch_.next_obs(), outputs_.data());
    draw_noise();
    distribution_.forward(size, outputs(), noise_.data(), actions_.data(), log_prob_.data());
    batch_.put_next(actions_.data());
    const std::size_t half = size * policy_.critic_row_size();
    std::copy_n(batch_.obs_actions().inputs.data, half, joint_.data());
    std::copy_n(batch_.next_obs_actions().data, half, joint_.data() + half);
    double loss = 0;
    critic().zero_gradients();
    // CrossQ detail 2: (s, a) and (s', a') are normalised by the moments of both together.
    equations_.critic_pass(
        critic(), {joint_.data(), 2 * size}, [&](const Chunk&, HeadRows q, HeadRows gradient) {
          compute_targets(q);
          loss =
              equations_.critic_error(shape_, q, targets_, batch_.shares(), gradient, td_errors_);
          mean_q_ = column_sum(q[0], size) / static_cast<double>(size);
          // CrossQ detail 4: y is a constant. Rows (s', a') move by the shared moments alone.
          for (std::size_t c = 0; c < shape_.critics; ++c) {
            for (std::size_t i = size; i < 2 * size; ++i) {
              gradient[c].data[i * gradient.stride] = 0;
            }
          }
        });
    check("critic_loss", loss);
    critic_norm_ =
        step_along("critic_gradient_norm", critic_optimizer_, critic(), config_.max_grad_norm);
    draws_.update(batch_.drawn(), td_errors_);
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
    // CrossQ detail 5: the smaller of the two critics, and a time limit ends nothing.
    equations_.target({shape_, batch_.rewards(), batch_.discounts(), batch_.terminated(),
                       next_q_.data(), log_prob_, entropy_weight_.value()},
                      targets_);
  }

  /// J_pi = E[alpha log pi(a | s) - min_c Q_c(s, a)], a = tanh(mean + sigma eps). The gradient goes
  /// through the action.
  double update_actor() {
    const std::size_t size = batch_.size();
    const auto share = 1 / static_cast<float>(size);
    draw_noise();
    actor().zero_gradients();
    // CrossQ detail 7: a is drawn from the very pass that is differentiated, which goes by the
    // moments of its batch; the critics rate it by their running ones.
    actor().accumulate_gradient(
        batch_.obs().inputs, [&](const Chunk&, HeadRows outputs, HeadRows gradient) {
          distribution_.forward(size, outputs[0], noise_.data(), actions_.data(), log_prob_.data());
          batch_.put(actions_.data());
          critic().late_input_gradient(
              batch_.obs_actions(),
              [&](const Chunk& chunk, HeadRows q, HeadRows q_gradient) {
                loss_of_chunks_[chunk] = equations_.ascent(shape_, chunk.rows(), q, q_gradient);
              },
              action_gradient_.data());
          for (float& each : action_gradient_) each *= share;
          std::fill(log_prob_gradient_.begin(), log_prob_gradient_.end(),
                    share * static_cast<float>(entropy_weight_.value()));
          equations_.policy_gradient(distribution_, log_prob_gradient_.data(),
                                     action_gradient_.data(), gradient[0]);
        });
    double loss = loss_of_chunks_.take() / static_cast<double>(size);
    for (const float log_prob : log_prob_) loss += share * entropy_weight_.value() * log_prob;
    check("actor_loss", loss);
    actor_norm_ =
        step_along("actor_gradient_norm", actor_optimizer_, actor(), config_.max_grad_norm);
    return loss;
  }

  /// Towards the target entropy, as SAC's. Returns E[-log pi].
  double update_entropy_weight() {
    double log_prob = 0;
    for (const float each : log_prob_) log_prob += each / static_cast<double>(log_prob_.size());
    entropy_weight_.update(-log_prob,
                           config_.target_entropy * static_cast<double>(policy_.num_actions()),
                           learning_rate_);
    return -log_prob;
  }

  void draw_noise() {
    for (float& each : noise_) each = static_cast<float>(noise_rng_.normal());
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
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "crossq", state);
    check_saved_count(critic_updates_, "updates");
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.actor_optimizer_, self.critic_optimizer_, self.entropy_weight_);
    state.training(self.step_, self.has_started_, self.learning_rate_, self.critic_updates_,
                   self.actor_loss_, self.entropy_, self.actor_norm_, self.acting_.rngs,
                   self.noise_rng_, self.draws_, self.updates_, self.experience_);
  }

 private:
  // CrossQ detail 8: the mean gradient of Adam forgets sooner.
  static OptimizerOptions optimizer_options(const CrossqConfig& config) {
    return {config.optimizer, config.adam_epsilon, config.weight_decay, config.adam_beta1};
  }
  void use_threads(std::size_t learning, std::size_t acting) override {
    acting_.use_threads(acting);
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    for (Network* network : {&actor(), &critic()}) network->use_threads(pool_.get());
  }

  Network& actor() { return *policy_.net.network; }
  Network& critic() { return *policy_.critic; }
  Rows<const float> outputs() const { return {outputs_.data(), policy_.net.output_columns()}; }

  CrossqConfig config_;
  CriticShape shape_;
  CrossqEquations equations_;
  Rng noise_rng_;            // of actions in updates
  ContinuousPolicy policy_;  // pi and Q_1, Q_2
  Optimizer actor_optimizer_, critic_optimizer_;
  EntropyWeight entropy_weight_;  // alpha
  GaussianActing acting_;
  ReplayDraws draws_;
  ActorCriticBatch batch_;
  SquashedGaussian distribution_;
  std::vector<float> outputs_;                            // of the actor that infers, [B, 2 A]
  std::vector<float> noise_, actions_, action_gradient_;  // [B, A]
  std::vector<float> log_prob_, log_prob_gradient_, td_errors_, targets_;  // [B]
  std::vector<float> joint_;   // [2 B, F + A]: (s, a), then (s', a')
  std::vector<float> next_q_;  // [B, C]
  ChunkSums loss_of_chunks_;
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  double actor_loss_ = 0, entropy_ = 0;
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
