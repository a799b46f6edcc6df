// SAC for Discrete actions, top to bottom: act; sample, target, critics, actor, entropy
// weight; report. Equation numbers are those of Christodoulou 2019 (arXiv:1910.07207).
// docs/algorithms/sac.md has the details by number.

#include "agents/sac/discrete_sac.h"

#include "agents/algorithm/actor_critic_batch.h"
#include "agents/algorithm/agent_state.h"
#include "agents/algorithm/chunk_sums.h"
#include "agents/algorithm/entropy_weight.h"
#include "agents/algorithm/off_policy_agent.h"
#include "agents/algorithm/replay_draws.h"
#include "agents/policy/distributions/action_distribution.h"
#include "agents/policy/distributions/epsilon_greedy.h"
#include "core/threads/task_pool.h"
#include "envs/saved_rows.h"

namespace tern {
namespace {

class DiscreteSac final : public OffPolicyAgent {
 public:
  DiscreteSac(const SacConfig& config, const EnvSpec& spec, std::size_t num_envs,
              std::uint64_t seed, const DiscreteSacEquations& equations)
      : OffPolicyAgent(config.replay, config.learning_rate, spec, num_envs,
                       {"critic_loss", "actor_loss", "entropy", "mean_q", "critic_gradient_norm",
                        "actor_gradient_norm"}),
        config_(config),
        equations_(equations),
        policy_(discrete_policy_options("sac", config, spec), spec,
                Rng(seed, "sac initial parameters")),
        target_critic_(policy_.critic->clone()),
        actor_optimizer_(actor().parameter_row().size(), optimizer_options(config)),
        critic_optimizer_(critic().parameter_row().size(), optimizer_options(config)),
        entropy_weight_(config.entropy_coef, config.learn_entropy_coef, config.adam_epsilon),
        distribution_(spec.action),
        draws_(config.replay, spec, experience_.replay, relabelling(), seed, "sac samples"),
        batch_(spec, config.replay, actor(), critic()) {
    const std::size_t size = batch_.size();
    for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, "sac actions", i);
    next_logits_.resize(size * policy_.num_actions());
    q_.resize(size * policy_.critics() * policy_.num_actions());
    for (auto* each : {&targets_, &td_errors_}) each->resize(size);
  }

  // ---- 1. Act ---------------------------------------------------------------------------------

  /// SAC detail 7: its moments of observations move once an iteration, on what the next act reads.
  PolicyNetwork& acting_net() override { return policy_.net; }
  Network* critic_with_memory() override { return policy_.critic.get(); }

  /// a ~ pi(. | s) over the allowed actions. SAC detail 1: evenly drawn until learning starts.
  void act(const Actor& actor) override {
    const StepBatch& now = experience_.now();
    const ActionRows& actions = experience_.actions();
    if (is_warming_up()) {
      if (!states_.is_empty()) infer(actor);
      for (std::size_t i = actor.begin; i < actor.end; ++i) {
        actions[i].discrete() = random_action(now.mask[i], action_rngs_[i]);
      }
      return;
    }
    const Rows<float> all = infer(actor);
    for (std::size_t i = actor.begin; i < actor.end; ++i) {
      const Row<const float> logits(all.data + (i - actor.begin) * all.stride,
                                    policy_.num_actions());
      check_acting(actor, "logits", logits);
      distribution_.sample(logits, /*log_std=*/{}, now.mask[i], action_rngs_[i], actions[i]);
    }
  }

  // ---- 2. Sample, target, critics, actor, entropy weight --------------------------------------

  void update() override {
    batch_.draw(draws_, experience_.replay, step_, total_steps_, policy_.net.encoder);
    batch_.remember({.actor = actor(),
                     .critic = critic(),
                     .next_actor = actor(),
                     .next_critic = *target_critic_});  // SAC detail 9
    const double critic_loss = update_critics();
    const DiscreteActorTerms actor = update_actor();
    // SAC detail 6, with H_target a share of the largest entropy that masks leave: Eq. 10.
    entropy_weight_.update(actor.entropy, config_.target_entropy_share * actor.log_choices,
                           learning_rate_);
    equations_.update_target(target_critic_->parameter_row(), critic().parameter_row(),
                             config_.tau);
    updates_.add({critic_loss, actor.loss, actor.entropy, mean_q_, critic_norm_, actor_norm_});
  }

  /// y = r + gamma sum_a pi(a | s') (min_c Q'_c(s', a) - alpha log pi(a | s')): Eq. 12.
  void compute_targets() {
    actor().infer_heads(batch_.next_obs(), next_logits_.data());
    target_critic_->infer_heads(batch_.next_obs_actions(), q_.data());
    equations_.target({policy_.critics(), policy_.num_actions(), batch_.rewards(),
                       batch_.discounts(), batch_.terminated(), next_logits_.data(), q_.data(),
                       batch_.next_mask().data(), entropy_weight_.value()},
                      targets_);
  }

  /// Both critics towards y, at the actions that were taken.
  double update_critics() {
    compute_targets();
    const std::size_t num_actions = policy_.num_actions();
    const Row<const std::int32_t> actions = batch_.choices();
    critic().zero_gradients();
    critic().accumulate_sequence_gradient(
        batch_.obs_actions(), [&](const Chunk& chunk, HeadRows q, HeadRows gradient) {
          const std::size_t rows = chunk.rows();
          loss_of_chunks_[chunk] = equations_.critic_error(
              policy_.critics(), num_actions, q, actions.subrow(chunk.begin, rows),
              Row<const float>(targets_).subrow(chunk.begin, rows),
              batch_.shares().subrow(chunk.begin, rows), gradient,
              Row<float>(td_errors_).subrow(chunk.begin, rows));
          for (std::size_t r = 0; r < rows; ++r) {
            const auto taken = static_cast<std::size_t>(actions[chunk.begin + r]);
            q_of_chunks_[chunk] += q[0].data[r * q.stride + taken];
          }
        });
    const double loss = check("critic_loss", loss_of_chunks_.take());
    mean_q_ = q_of_chunks_.take() / static_cast<double>(batch_.size());
    critic_norm_ =
        step_along("critic_gradient_norm", critic_optimizer_, critic(), config_.max_grad_norm);
    draws_.update(batch_.drawn(), td_errors_);
    return loss;
  }

  /// J_pi = E[sum_a pi(a | s) (alpha log pi(a | s) - min_c Q_c(s, a))]: Eq. 11. Returns means.
  DiscreteActorTerms update_actor() {
    const std::size_t size = batch_.size(), num_actions = policy_.num_actions();
    critic().forward(batch_.obs_actions(), q_.data());
    const double share = 1.0 / static_cast<double>(size);
    actor().zero_gradients();
    actor().accumulate_sequence_gradient(
        batch_.obs(), [&](const Chunk& chunk, HeadRows logits, HeadRows gradient) {
          const Rows<float> slope = gradient[0];
          const std::uint8_t* mask = batch_.mask().data() + chunk.begin * num_actions;
          const DiscreteActorTerms sums =
              equations_.actor(policy_.critics(), num_actions, chunk.rows(), logits[0],
                               q_.data() + chunk.begin * policy_.critics() * num_actions, mask,
                               entropy_weight_.value(), slope);
          loss_of_chunks_[chunk] = sums.loss;
          entropy_of_chunks_[chunk] = sums.entropy;
          choices_of_chunks_[chunk] = sums.log_choices;
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            for (std::size_t a = 0; a < num_actions; ++a) {
              slope.data[r * slope.stride + a] *= static_cast<float>(share);
            }
          }
        });
    DiscreteActorTerms mean;
    mean.loss = check("actor_loss", share * loss_of_chunks_.take());
    mean.entropy = share * entropy_of_chunks_.take();
    mean.log_choices = share * choices_of_chunks_.take();
    actor_norm_ =
        step_along("actor_gradient_norm", actor_optimizer_, actor(), config_.max_grad_norm);
    return mean;
  }

  // ---- 3. Report ------------------------------------------------------------------------------

  void report(std::vector<Metric>& metrics) const override {
    metrics.push_back({"train/entropy_coef", entropy_weight_.value()});
  }
  std::vector<NamedArray> arrays() const override { return batch_.arrays(spec_, targets_); }

  // ---- State ----------------------------------------------------------------------------------

  std::unique_ptr<Policy> snapshot() const override {
    return std::make_unique<DiscretePolicy>(policy_);
  }
  void reset_targets() override { target_critic_->copy_state(*policy_.critic); }
  AgentState save() const override { return saved_state(*this); }
  void load(const AgentState& state) override {
    load_state(*this, "sac", state);
    if (has_started_) check_saved_masks(spec_.action, experience_.now().mask);
  }

  template <class Self, class State>
  static void visit_state(Self& self, State& state) {
    state.policy(self.policy_);
    state.optimizer(self.actor_optimizer_, self.critic_optimizer_, self.entropy_weight_,
                    self.target_critic_->parameter_row());
    state.training(self.step_, self.has_started_, self.learning_rate_, self.action_rngs_,
                   self.draws_, self.updates_, self.experience_, self.states_);
  }

 private:
  static OptimizerOptions optimizer_options(const SacConfig& config) {
    return {config.optimizer, config.adam_epsilon, config.weight_decay};
  }

  void use_threads(std::size_t learning, std::size_t) override {
    pool_ = learning > 1 ? std::make_unique<TaskPool>(learning) : nullptr;
    for (Network* network : {&actor(), &critic(), target_critic_.get()}) {
      network->use_threads(pool_.get());
    }
  }

  Network& actor() { return *policy_.net.network; }
  Network& critic() { return *policy_.critic; }

  SacConfig config_;
  DiscreteSacEquations equations_;
  std::vector<Rng> action_rngs_;  // one for each env
  DiscretePolicy policy_;         // pi, Q_1 and Q_2
  std::unique_ptr<Network> target_critic_;
  Optimizer actor_optimizer_, critic_optimizer_;
  EntropyWeight entropy_weight_;  // alpha
  ActionDistribution distribution_;
  ReplayDraws draws_;
  ActorCriticBatch batch_;
  std::vector<float> next_logits_, q_;      // [B, M], [B, C * M]
  std::vector<float> targets_, td_errors_;  // [B]
  ChunkSums loss_of_chunks_, q_of_chunks_, entropy_of_chunks_, choices_of_chunks_;
  std::unique_ptr<TaskPool> pool_;  // of the update; null: one thread
  double mean_q_ = 0, critic_norm_ = 0, actor_norm_ = 0;
};

}  // namespace

std::unique_ptr<Agent> make_discrete_sac(const SacConfig& config, const EnvSpec& spec,
                                         std::size_t num_envs, std::uint64_t seed,
                                         const DiscreteSacEquations& equations) {
  return std::make_unique<DiscreteSac>(config, spec, num_envs, seed, equations);
}

}  // namespace tern
