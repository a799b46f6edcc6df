#include "agents/ppo/ppo_policy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agents/policy/act_row.h"
#include "core/error.h"

namespace tern {
namespace {

// PPO detail 1: orthogonal start; the policy's last layer is small, so that the first policy is
// nearly uniform, and the critic's is not.
constexpr double kPolicyGain = 0.01;
constexpr double kValueGain = 1.0;

NetworkSpec network_spec(const PpoConfig& config, const ObsSpace& space,
                         const ActionDistribution& distribution, std::size_t features) {
  const int outputs = static_cast<int>(distribution.num_outputs());
  NetworkSpec spec;
  spec.features = static_cast<int>(features);
  choose_encoders(config.encoder, space, spec);  // PPO detail 12
  if (config.recurrent != "none") {              // PPO detail 13
    spec.memory = MemorySpec{config.recurrent, config.recurrent_size};
  }
  MlpSpec& dense = spec.dense;
  dense.hidden_sizes = config.hidden_sizes;
  dense.activation = config.activation;
  dense.layer_norm = config.layer_norm;
  dense.share_trunk = config.share_trunk;
  dense.heads = {{"policy", outputs, kPolicyGain}, {"value", 1, kValueGain}};
  // PPO detail 2: the deviation of a Gaussian policy does not depend on the state.
  if (distribution.is_gaussian()) dense.free = {{"log_std", outputs, config.log_std_init}};
  return spec;
}

}  // namespace

PpoPolicy::PpoPolicy(const PpoConfig& config, const EnvSpec& spec, Rng init_rng,
                     NetworkMaker make)
    : distribution(spec.action),
      encoder(spec.obs, config.normalize_obs,
              chosen_convolutions(config.encoder, spec.obs).has_value()),
      network(make(network_spec(config, spec.obs, distribution, encoder.size()), init_rng,
                   device_named(config.device))),
      scales_rewards_(config.normalize_reward) {
  if (distribution.is_gaussian()) {
    log_std_offset_ = static_cast<std::size_t>(network->find("log_std").offset);
  }
}

PpoPolicy::PpoPolicy(const PpoPolicy& other)
    : distribution(other.distribution), encoder(other.encoder),
      network(other.network->clone()), trained_steps(other.trained_steps),
      reward_unit(other.reward_unit), scales_rewards_(other.scales_rewards_),
      log_std_offset_(other.log_std_offset_) {}

Row<const float> PpoPolicy::log_std() const {
  if (!distribution.is_gaussian()) return {};
  const Network& frozen = *network;
  return frozen.parameter_row().subrow(log_std_offset_, distribution.num_outputs());
}

Row<float> PpoPolicy::log_std_gradient() {
  if (!distribution.is_gaussian()) return {};
  return network->gradient_row().subrow(log_std_offset_, distribution.num_outputs());
}

double PpoPolicy::mean_std() const {
  double sum = 0;
  for (const float value : log_std()) sum += std::exp(static_cast<double>(value));
  return sum / static_cast<double>(log_std().size());
}

void PpoPolicy::encode(const ObsRows& obs, const float* states, float* rows) const {
  encoder.encode(obs, rows, row_size());
  const std::size_t size = network->state_size();
  for (std::size_t i = 0; size > 0 && i < obs.count(); ++i) {
    std::copy_n(states + i * size, size, rows + i * row_size() + encoder.size());
  }
}

void PpoPolicy::read(std::size_t row, ConstObsRow obs, Row<const float> state) {
  if (features_.size() < (row + 1) * row_size()) features_.resize((row + 1) * row_size());
  float* out = features_.data() + row * row_size();
  encoder.encode(obs, out);
  if (state.empty()) {
    std::fill_n(out + encoder.size(), state_size(), 0.0f);
  } else {
    std::copy_n(state.data(), state_size(), out + encoder.size());
  }
}

Row<const float> PpoPolicy::outputs_of(std::size_t rows) {
  outputs_.resize(rows * output_columns());
  network->infer({features_.data(), rows}, outputs_.data());
  return outputs_;
}

void PpoPolicy::act(Row<const ActRow> rows, bool deterministic) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_act_row(rows[i], state_size(), deterministic);
    read(i, rows[i].obs, rows[i].state);
  }
  const Row<const float> all = outputs_of(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ActRow& row = rows[i];
    const Row<const float> outputs = all.subrow(i * output_columns(), output_columns());
    const Row<const float> of_policy = outputs.subrow(0, distribution.num_outputs());
    if (deterministic) {
      distribution.mode(of_policy, row.mask, row.action);
    } else {
      distribution.sample(of_policy, log_std(), row.mask, *row.rng, row.action);
    }
    distribution.units().to_env(row.action);
    std::copy_n(outputs.data() + state_column(), state_size(), row.state.data());
  }
}

Inspection PpoPolicy::inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) {
  read(0, obs, state);
  const Row<const float> outputs = outputs_of(1);
  Inspection inspection;
  inspection.value = reward_unit * outputs[value_column()];
  inspection.recurrent_state.assign(outputs.begin() + state_column(), outputs.end());
  distribution.inspect(outputs.subrow(0, distribution.num_outputs()), log_std(), mask, inspection);
  return inspection;
}

void PpoPolicy::save(StateWriter& out) const {
  const Network& frozen = *network;
  out.write(trained_steps, frozen.parameter_row());
  encoder.save(out);
  if (scales_rewards_) out.write(reward_unit);
}

void PpoPolicy::load(StateReader& in) {
  in.read(trained_steps, network->parameter_row());
  encoder.load(in);
  if (scales_rewards_) in.read(reward_unit);
}

std::unique_ptr<Policy> load_ppo_policy(const PpoConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state) {
  PpoConfig acting = config;
  acting.device = "cpu";  // where a few rows at a time are quickest
  auto policy = std::make_unique<PpoPolicy>(acting, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  return policy;
}

}  // namespace tern
