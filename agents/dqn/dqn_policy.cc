#include "agents/dqn/dqn_policy.h"

#include <algorithm>

#include "agents/policy/act_row.h"
#include "core/error.h"

namespace tern {
namespace {

[[noreturn]] void throw_nothing_allowed() {
  throw Error::failure("the env's action mask allows no action; expected at least one");
}

NetworkSpec network_spec(const DqnConfig& config, const ObsSpace& space, std::size_t features,
                         std::size_t actions) {
  NetworkSpec spec;
  spec.features = static_cast<int>(features);
  // DQN detail 1: weights and biases start uniform, within 1 / sqrt(fan in).
  spec.dense.init = Init::kUniform;
  choose_encoders(config.encoder, space, spec);  // DQN detail 10
  spec.dense.hidden_sizes = config.hidden_sizes;
  spec.dense.activation = config.activation;
  spec.dense.layer_norm = config.layer_norm;  // DQN detail 12
  spec.dense.heads = {{"q", static_cast<int>(actions)}};
  return spec;
}

}  // namespace

std::int32_t greedy_action(Row<const float> q, ConstMaskRow mask) {
  std::size_t best = q.size();
  for (std::size_t a = 0; a < q.size(); ++a) {
    if (mask[a] && (best == q.size() || q[a] > q[best])) best = a;
  }
  if (best == q.size()) throw_nothing_allowed();
  return static_cast<std::int32_t>(best);
}

std::int32_t random_action(ConstMaskRow mask, Rng& rng) {
  const auto allowed = static_cast<std::uint32_t>(
      std::count_if(mask.begin(), mask.end(), [](std::uint8_t flag) { return flag != 0; }));
  if (allowed == 0) throw_nothing_allowed();
  std::uint32_t skip = rng.below(allowed);
  std::size_t a = 0;
  while (!mask[a] || skip-- > 0) ++a;
  return static_cast<std::int32_t>(a);
}

DqnPolicy::DqnPolicy(const DqnConfig& config, const EnvSpec& spec, Rng init_rng)
    : encoder(spec.obs, config.normalize_obs,
              chosen_convolutions(config.encoder, spec.obs).has_value()),
      network(make_network(
          network_spec(config, spec.obs, encoder.size(), spec.action.mask_size()), init_rng,
          device_named(config.device))),
      num_actions_(spec.action.mask_size()),
      epsilon_(config.epsilon_end) {}

DqnPolicy::DqnPolicy(const DqnPolicy& other)
    : encoder(other.encoder),
      network(other.network->clone()),
      trained_steps(other.trained_steps),
      num_actions_(other.num_actions_),
      epsilon_(other.epsilon_) {}

void DqnPolicy::read(std::size_t row, ConstObsRow obs) {
  if (features_.size() < (row + 1) * encoder.size()) features_.resize((row + 1) * encoder.size());
  encoder.encode(obs, features_.data() + row * encoder.size());
}

Row<const float> DqnPolicy::outputs_of(std::size_t rows) {
  outputs_.resize(rows * num_actions_);
  network->infer({features_.data(), rows}, outputs_.data());
  return outputs_;
}

void DqnPolicy::act(Row<const ActRow> rows, bool deterministic) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_act_row(rows[i], /*state_size=*/0, deterministic);
    read(i, rows[i].obs);
  }
  const Row<const float> q = outputs_of(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ActRow& row = rows[i];
    const bool explores = !deterministic && row.rng->chance(epsilon_);
    row.action.discrete() = explores
                                ? random_action(row.mask, *row.rng)
                                : greedy_action(q.subrow(i * num_actions_, num_actions_), row.mask);
  }
}

Inspection DqnPolicy::inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float>) {
  read(0, obs);
  const Row<const float> q = outputs_of(1);
  Inspection inspection;
  inspection.action_values.assign(q.begin(), q.end());
  inspection.value = q[static_cast<std::size_t>(greedy_action(q, mask))];
  return inspection;
}

void DqnPolicy::save(StateWriter& out) const {
  const Network& frozen = *network;
  out.write(trained_steps, frozen.parameter_row());
  encoder.save(out);
}

void DqnPolicy::load(StateReader& in) {
  in.read(trained_steps, network->parameter_row());
  encoder.load(in);
}

std::unique_ptr<Policy> load_dqn_policy(const DqnConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state) {
  DqnConfig acting = config;
  acting.device = "cpu";  // where a few rows at a time are quickest
  auto policy = std::make_unique<DqnPolicy>(acting, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  return policy;
}

}  // namespace tern
