#include "agents/dqn/dqn_policy.h"

#include <algorithm>

#include "core/error.h"

namespace tern {
namespace {

[[noreturn]] void throw_nothing_allowed() {
  throw Error::failure("the env's action mask allows no action; expected at least one");
}

MlpSpec network_spec(const DqnConfig& config, std::size_t features, std::size_t actions) {
  MlpSpec spec;
  spec.inputs = static_cast<int>(features);
  spec.hidden_sizes = config.hidden_sizes;
  spec.activation = config.activation;
  spec.layer_norm = config.layer_norm;  // DQN detail 12
  spec.heads = {{"q", static_cast<int>(actions)}};
  // DQN detail 1: weights and biases start uniform, within 1 / sqrt(fan in).
  spec.init = Init::kUniform;
  return spec;
}

}  // namespace

std::int32_t greedy_action(Row<const float> q, MaskRow mask) {
  std::size_t best = q.size();
  for (std::size_t a = 0; a < q.size(); ++a) {
    if (mask[a] && (best == q.size() || q[a] > q[best])) best = a;
  }
  if (best == q.size()) throw_nothing_allowed();
  return static_cast<std::int32_t>(best);
}

std::int32_t random_action(MaskRow mask, Rng& rng) {
  const auto allowed = static_cast<std::uint32_t>(
      std::count_if(mask.begin(), mask.end(), [](std::uint8_t flag) { return flag != 0; }));
  if (allowed == 0) throw_nothing_allowed();
  std::uint32_t skip = rng.below(allowed);
  std::size_t a = 0;
  while (!mask[a] || skip-- > 0) ++a;
  return static_cast<std::int32_t>(a);
}

// DQN detail 10: images may be read by convolutions.
DqnPolicy::DqnPolicy(const DqnConfig& config, const EnvSpec& spec, Rng init_rng)
    : encoder(spec.obs, config.normalize_obs,
              chosen_convolutions(config.encoder, spec.obs).has_value()),
      network(make_network(chosen_convolutions(config.encoder, spec.obs, Init::kUniform),
                           network_spec(config, encoder.size(), spec.action.mask_size()),
                           init_rng, device_named(config.device))),
      obs_space_(spec.obs),
      num_actions_(spec.action.mask_size()),
      epsilon_(config.epsilon_end) {}

DqnPolicy::DqnPolicy(const DqnPolicy& other)
    : encoder(other.encoder),
      network(other.network->clone()),
      trained_steps(other.trained_steps),
      obs_space_(other.obs_space_),
      num_actions_(other.num_actions_),
      epsilon_(other.epsilon_) {}

void DqnPolicy::read(std::size_t row, ObsRow obs) {
  if (features_.size() < (row + 1) * encoder.size()) features_.resize((row + 1) * encoder.size());
  void* data = obs.bytes().empty() ? static_cast<void*>(obs.floats().data()) : obs.bytes().data();
  encoder.encode(ObsRows(data, obs_space_, 1), features_.data() + row * encoder.size());
}

Row<const float> DqnPolicy::outputs_of(std::size_t rows) {
  outputs_.resize(rows * num_actions_);
  network->infer({features_.data(), rows}, outputs_.data());
  return outputs_;
}

std::int32_t DqnPolicy::choose(Row<const float> q, MaskRow mask, bool deterministic,
                               Rng& rng) const {
  if (!deterministic && rng.chance(epsilon_)) return random_action(mask, rng);
  return greedy_action(q, mask);
}

void DqnPolicy::act(ObsRow obs, MaskRow mask, bool deterministic, Rng& rng,
                    MutableActionRow action) {
  read(0, obs);
  action.discrete() = choose(outputs_of(1), mask, deterministic, rng);
}

void DqnPolicy::act_on_rows(Row<const ActRow> rows, bool deterministic) {
  for (std::size_t i = 0; i < rows.size(); ++i) read(i, rows[i].obs);
  const Row<const float> q = outputs_of(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].action.discrete() = choose(q.subrow(i * num_actions_, num_actions_), rows[i].mask,
                                       deterministic, *rows[i].rng);
  }
}

Inspection DqnPolicy::inspect(ObsRow obs, MaskRow mask) {
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
  check_saved(reader.remaining() == 0, "the policy is longer than this configuration's");
  return policy;
}

}  // namespace tern
