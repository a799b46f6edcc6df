#include "agents/algorithm/on_policy_agent.h"

#include "agents/algorithm/finite_check.h"
#include "agents/losses/advantage_closed_form.h"
#include "agents/nn/apply_gradient.h"
#include "core/number_text.h"
#include "envs/saved_rows.h"

namespace tern {

OnPolicyAgent::OnPolicyAgent(const ActorCriticOptions& options, const EnvSpec& spec,
                             std::size_t rollout_steps, std::size_t num_envs, std::uint64_t seed,
                             const OptimizerOptions& optimizer, NetworkMaker make)
    : spec_(spec),
      policy_(options, spec, Rng(seed, options.agent + " initial parameters"), make),
      optimizer_(network().parameter_row().size(), optimizer),
      rollout_(spec, policy_, rollout_steps, num_envs, seed, options.agent + " actions"),
      chunks_(kMaxChunks, ChunkScratch(spec.action)) {}

OnPolicyAgent::OnPolicyAgent(const ActorCriticOptions& options, const EnvSpec& spec,
                             const OnPolicyConfig& config, std::size_t num_envs, std::uint64_t seed,
                             NetworkMaker make)
    : OnPolicyAgent(options, spec, static_cast<std::size_t>(config.rollout_steps), num_envs, seed,
                    {config.optimizer, config.adam_epsilon, config.weight_decay}, make) {
  if (config.entropy_coef > 0) {
    rollout_.deviation_source =
        "The entropy bonus drives the deviation of actions up; lower entropy_coef (" +
        format_number(config.entropy_coef) + ")";
  }
}

void OnPolicyAgent::train(VecEnv& envs, TrainContext& context) {
  use_threads(envs.options().threads);
  if (!has_started_) rollout_.reset(envs);
  has_started_ = true;
  const std::function<std::vector<Metric>()> metrics = [&] {
    std::vector<Metric> all;
    context.episodes.report(spec_, all);
    report(all);
    const double explained =
        explained_variance_closed_form(rollout_.samples.old_values, rollout_.samples.returns);
    all.push_back({"train/explained_variance", explained});
    if (spec_.action.is_box()) all.push_back({"train/std", policy_.mean_std()});
    return all;
  };
  bool goes_on = true;
  while (goes_on && step_ + iteration_steps() <= context.total_steps()) {
    rollout_.collect(envs, context, step_);
    {
      const PhaseClock::Scope scope(context.clock, PhaseClock::kUpdate);
      learn(context.total_steps());
    }
    rollout_.carry_over();
    step_ += iteration_steps();
    policy_.net.trained_steps = step_;
    goes_on = context.end_iteration(*this, metrics);
  }
}

void OnPolicyAgent::use_threads(std::size_t threads) {
  pool_ = threads > 1 ? std::make_unique<TaskPool>(threads) : nullptr;
  network().use_threads(pool_.get());
  rollout_.use_threads(pool_.get());
}

std::unique_ptr<Policy> OnPolicyAgent::snapshot() const {
  return std::make_unique<ActorCriticPolicy>(policy_);
}

void OnPolicyAgent::compute_gradient(const Minibatch& batch, double entropy_coef,
                                     const LossOfChunk& loss) {
  const double share = 1.0 / batch.size();
  const auto entropy_gradient = static_cast<float>(-share * entropy_coef);
  const auto loss_of_rows = [&](const Chunk& rows, HeadRows outputs, HeadRows gradient) {
    ChunkScratch& chunk = chunks_[rows.index];
    for (auto* each : {&chunk.log_prob, &chunk.entropy, &chunk.log_prob_gradient}) {
      each->resize(rows.rows());
    }
    const Minibatch index = batch.subrow(rows.begin, rows.rows());
    chunk.likelihood.forward(index.size(), outputs[0], policy_.log_std(), rollout_.taken(index),
                             chunk.log_prob.data(), chunk.entropy.data());
    loss({rows.index, rows.begin, share, index, chunk.log_prob, chunk.entropy, outputs[1],
          chunk.log_prob_gradient, gradient[1]});
    chunk.likelihood.backward(chunk.log_prob_gradient.data(), entropy_gradient, gradient[0],
                              chunk.log_std_gradient.data());
  };
  for (ChunkScratch& chunk : chunks_) chunk.log_std_gradient.assign(policy_.log_std().size(), 0.0);
  network().zero_gradients();
  network().accumulate_sequence_gradient(rollout_.inputs(batch), loss_of_rows);
  add_log_std_gradient();
}

/// The deviations of a Gaussian are parameters that no layer of the network has.
void OnPolicyAgent::add_log_std_gradient() {
  const Row<float> gradient = policy_.log_std_gradient();
  for (std::size_t j = 0; j < gradient.size(); ++j) {
    double sum = 0;
    for (const ChunkScratch& chunk : chunks_) sum += chunk.log_std_gradient[j];
    gradient[j] = static_cast<float>(sum);
  }
}

double OnPolicyAgent::optimizer_step(double learning_rate, double max_grad_norm) {
  return apply_gradient(optimizer_, network().parameter_row(), network().gradient_row(),
                        learning_rate, max_grad_norm);
}

void OnPolicyAgent::check_loaded() {
  if (has_started_) check_saved_masks(spec_.action, rollout_.buffer.mask(0));
}

double OnPolicyAgent::checked(const char* name, double value, const Minibatch& batch) {
  return checked_finite(name, value, step_, [&] { return rollout_.arrays_of(batch); });
}

}  // namespace tern
