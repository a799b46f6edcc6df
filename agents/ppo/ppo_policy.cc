#include "agents/ppo/ppo_policy.h"

#include <ATen/ops/empty.h>

namespace tern {
namespace {

// PPO detail 1: orthogonal start; the policy's last layer is small, so that the first policy is
// nearly uniform, and the critic's is not.
constexpr double kPolicyGain = 0.01;
constexpr double kValueGain = 1.0;

MlpSpec network_spec(const PpoConfig& config, const ActionDistribution& distribution,
                     std::size_t features) {
  const int outputs = static_cast<int>(distribution.num_outputs());
  MlpSpec spec;
  spec.inputs = static_cast<int>(features);
  spec.hidden_sizes = config.hidden_sizes;
  spec.activation = config.activation;
  spec.share_trunk = config.share_trunk;
  spec.heads = {{"policy", outputs, kPolicyGain}, {"value", 1, kValueGain}};
  // PPO detail 2: the deviation of a Gaussian policy does not depend on the state.
  if (distribution.is_gaussian()) spec.free = {{"log_std", outputs, config.log_std_init}};
  return spec;
}

}  // namespace

PpoPolicy::PpoPolicy(const PpoConfig& config, const EnvSpec& spec, Rng init_rng)
    : action_space(spec.action), distribution(spec.action),
      encoder(spec.obs, config.normalize_obs),
      network(make_mlp(network_spec(config, distribution, encoder.size()), init_rng)),
      obs_space_(spec.obs) {}

PpoPolicy::PpoPolicy(const PpoPolicy& other)
    : action_space(other.action_space), distribution(other.distribution), encoder(other.encoder),
      network(other.network->clone()), trained_steps(other.trained_steps),
      obs_space_(other.obs_space_) {}

at::Tensor PpoPolicy::policy_columns(const at::Tensor& outputs) const {
  return outputs.narrow(1, 0, static_cast<std::int64_t>(distribution.num_outputs()));
}

at::Tensor PpoPolicy::value_column(const at::Tensor& outputs) const {
  return outputs.select(1, static_cast<std::int64_t>(distribution.num_outputs()));
}

at::Tensor PpoPolicy::log_std() const {
  if (!distribution.is_gaussian()) return {};
  const ParameterInfo& info = network->find("log_std");
  return network->parameters().narrow(0, info.offset, info.size);
}

Row<const float> PpoPolicy::log_std_row() const {
  if (!distribution.is_gaussian()) return {};
  const at::Tensor row = log_std();
  return {row.data_ptr<float>(), static_cast<std::size_t>(row.numel())};
}

at::Tensor PpoPolicy::outputs_for(ObsRow obs) {
  const at::Tensor features = at::empty({1, static_cast<std::int64_t>(encoder.size())});
  void* data = obs.bytes().empty() ? static_cast<void*>(obs.floats().data()) : obs.bytes().data();
  encoder.encode(ObsRows(data, obs_space_, 1), features.data_ptr<float>());
  return network->infer(features);
}

void PpoPolicy::act(ObsRow obs, MaskRow mask, bool deterministic, Rng& rng,
                    MutableActionRow action) {
  const at::Tensor outputs = outputs_for(obs);
  const Row<const float> row(outputs.data_ptr<float>(), distribution.num_outputs());
  if (deterministic) {
    distribution.mode(row, mask, action);
  } else {
    distribution.sample(row, log_std_row(), mask, rng, action);
  }
  clip_to_space(action_space, action);
}

Inspection PpoPolicy::inspect(ObsRow obs, MaskRow mask) {
  const at::Tensor outputs = outputs_for(obs);
  const float* row = outputs.data_ptr<float>();
  Inspection inspection;
  inspection.value = row[distribution.num_outputs()];
  distribution.inspect({row, distribution.num_outputs()}, log_std_row(), mask, inspection);
  return inspection;
}

void PpoPolicy::save(StateWriter& out) const {
  const at::Tensor& parameters = network->parameters();
  out.write(trained_steps, Row<const float>(parameters.data_ptr<float>(),
                                            static_cast<std::size_t>(parameters.numel())));
  encoder.save(out);
}

void PpoPolicy::load(StateReader& in) {
  at::Tensor& parameters = network->parameters();
  in.read(trained_steps, Row<float>(parameters.data_ptr<float>(),
                                    static_cast<std::size_t>(parameters.numel())));
  encoder.load(in);
}

}  // namespace tern
