#include "agents/policy/continuous_policy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

std::size_t components_of(const ContinuousPolicyOptions& options, const EnvSpec& spec) {
  if (!spec.action.is_box()) {
    throw Error(options.agent + " needs Box actions, which " + spec.id + " does not have");
  }
  return spec.action.size();
}

std::vector<Head> actor_heads(const ContinuousPolicyOptions& options, std::size_t components) {
  const int size = static_cast<int>(components);
  if (!options.is_stochastic) return {{"mean", size}};
  if (options.has_sde) {
    Head hidden{"hidden", options.actor.network.dense.hidden_sizes.back()};
    hidden.gives_hidden = true;
    return {{"mean", size}, hidden};
  }
  return {{"policy", 2 * size}};  // as SquashedGaussian reads them
}

/// With state-dependent noise, the deviations of all hidden units; one trunk gives mean and units.
std::vector<FreeParameter> actor_parameters(const ContinuousPolicyOptions& options,
                                            std::size_t components) {
  if (!options.has_sde) return {};
  const int size = options.actor.network.dense.hidden_sizes.back() * static_cast<int>(components);
  return {{kLogSigma, size, options.sde_log_std}};
}

PolicyNetworkOptions actor_options(const ContinuousPolicyOptions& options) {
  PolicyNetworkOptions actor = options.actor;
  actor.network.dense.share_trunk = options.has_sde;
  return actor;
}

NetworkSpec critic_spec(const ContinuousPolicyOptions& options, std::size_t features,
                        std::size_t components) {
  NetworkSpec spec = options.critic;
  spec.features = static_cast<int>(features);
  spec.late_inputs = static_cast<int>(components);
  spec.dense.share_trunk = false;
  spec.dense.heads.clear();
  for (int i = 0; i < options.critics; ++i) {
    spec.dense.heads.push_back({"q" + std::to_string(i + 1), options.quantiles});
  }
  return spec;
}

}  // namespace

ContinuousPolicy::ContinuousPolicy(const ContinuousPolicyOptions& options, const EnvSpec& spec,
                                   Rng init_rng)
    : distribution(components_of(options, spec)),
      units(spec.action),
      net(actor_options(options), spec.obs, actor_heads(options, spec.action.size()),
          actor_parameters(options, spec.action.size()), Rng(init_rng.next(), "actor"),
          make_network),
      gaussian(*net.network, spec.action.size(), options.has_sde),
      options_(options),
      space_(spec.action),
      noise_(spec.action.size()) {
  Rng critic_rng(init_rng.next(), "critic");
  critic = make_network(critic_spec(options, net.encoder.size(), num_actions()), critic_rng,
                        device_named(options.actor.device));
  critic_row_.resize(critic_row_size());
  critic_outputs_.resize(critic_columns());
}

ContinuousPolicy::ContinuousPolicy(const ContinuousPolicy& other)
    : distribution(other.distribution),
      units(other.units),
      net(other.net),
      gaussian(other.gaussian),
      critic(other.critic->clone()),
      options_(other.options_),
      space_(other.space_),
      critic_row_(other.critic_row_.size()),
      critic_outputs_(other.critic_outputs_.size()),
      noise_(other.noise_.size()) {}

void ContinuousPolicy::act(Row<const ActRow> rows, bool deterministic) {
  const Row<const float> all = net.outputs_of(rows, deterministic, critic->state_size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ActRow& row = rows[i];
    const Row<const float> outputs = all.subrow(i * net.output_columns(), net.output_columns());
    const Row<float> action = row.action.floats();
    if (deterministic) {
      distribution.mode(outputs, action);
    } else {
      for (float& each : noise_) each = static_cast<float>(row.rng->normal());
      if (options_.is_stochastic) {
        float log_prob = 0;
        distribution.forward(1, gaussian.forward(*net.network, 1, {outputs.data(), outputs.size()}),
                             noise_.data(), action.data(), &log_prob);
      } else {
        distribution.mode(outputs, action);
        for (std::size_t j = 0; j < action.size(); ++j) {
          const float noisy = action[j] + static_cast<float>(options_.noise) * noise_[j];
          action[j] = std::min(std::max(noisy, -1.0f), 1.0f);
        }
      }
    }
    units.to_env(row.action);
    net.copy_state(all, i, row.state);
    critic_memory_.set(*critic, net.encoder, i, row.obs, CriticMemory::part_of(row.state, *critic));
  }
  critic_memory_.step(*critic, rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    critic_memory_.get(i, CriticMemory::part_of(rows[i].state, *critic));
  }
}

double ContinuousPolicy::value_of(Row<const float> action) {
  std::copy(action.begin(), action.end(), critic_row_.data() + net.encoder.size());
  critic->infer_heads({critic_row_.data(), 1}, critic_outputs_.data());
  return smallest_mean(critic_outputs_).value;
}

ContinuousPolicy::CriticMean ContinuousPolicy::smallest_mean(Row<const float> outputs) const {
  CriticMean smallest{0, std::numeric_limits<double>::infinity()};
  for (std::size_t c = 0; c < critics(); ++c) {
    double mean = 0;
    for (std::size_t q = 0; q < quantiles(); ++q) mean += outputs[c * quantiles() + q];
    mean /= static_cast<double>(quantiles());
    if (mean < smallest.value) smallest = {c, mean};
  }
  return smallest;
}

Inspection ContinuousPolicy::inspect(ConstObsRow obs, ConstMaskRow, Row<const float> state) {
  const Row<const float> outputs = net.outputs_of(obs, state);
  net.encoder.encode(obs, critic_row_.data());
  std::fill(critic_row_.begin() + static_cast<std::ptrdiff_t>(net.encoder.size()),
            critic_row_.end(), 0.0f);
  if (!state.empty()) {
    const Row<const float> remembered = CriticMemory::part_of(state, *critic);
    std::copy(remembered.begin(), remembered.end(),
              critic_row_.end() - static_cast<std::ptrdiff_t>(remembered.size()));
  }
  std::vector<float> action(num_actions());
  distribution.mode(outputs, action);
  Inspection inspection;
  inspection.value = value_of(action);
  double entropy = 0;
  Rows<const float> of_gaussian{outputs.data(), outputs.size()};
  if (options_.is_stochastic) of_gaussian = gaussian.forward(*net.network, 1, of_gaussian);
  for (std::size_t j = 0; j < action.size(); ++j) {
    if (!options_.is_stochastic) {
      inspection.mean.push_back(units.to_env(j, action[j]));
      continue;
    }
    const SquashedMoments moments =
        squashed_moments(of_gaussian.data[j], of_gaussian.data[num_actions() + j]);
    inspection.mean.push_back(units.to_env(j, action[j]));
    inspection.standard_deviation.push_back(units.half_range(j) * moments.deviation);
    entropy += moments.entropy;
  }
  if (options_.is_stochastic) inspection.entropy = entropy;
  inspection.recurrent_state.assign(outputs.begin() + net.state_column(), outputs.end());
  return inspection;
}

std::vector<std::string> ContinuousPolicy::attributable_outputs() const {
  std::vector<std::string> outputs = mean_outputs(space_);
  outputs.push_back("Q(s, a)");
  return outputs;
}

FeatureOutput ContinuousPolicy::mean_output(std::size_t component, Row<const float> state) {
  const auto mean = [this, component](std::size_t, Row<const float> heads, Row<float> gradient) {
    const double squashed = std::tanh(static_cast<double>(heads[component]));
    const double slope = units.half_range(component) * (1 - squashed * squashed);
    if (!gradient.empty()) gradient[component] = static_cast<float>(slope);
    return units.to_env(component, squashed);
  };
  return feature_output(*net.network, net.own_state(state), mean);
}

FeatureOutput ContinuousPolicy::q_output(const AttributionQuestion& question) {
  std::vector<float> rest = checked_reals(question.action, space_);
  units.to_policy(MutableActionRow(Row<float>(rest)));
  rest.resize(num_actions() + critic->state_size(), 0.0f);
  if (!question.state.empty()) {
    const Row<const float> state = CriticMemory::part_of(question.state, *critic);
    std::copy(state.begin(), state.end(),
              rest.begin() + static_cast<std::ptrdiff_t>(num_actions()));
  }
  const auto smallest = [this](std::size_t, Row<const float> heads, Row<float> gradient) {
    const CriticMean mean = smallest_mean(heads);
    if (!gradient.empty()) {
      const auto begin = gradient.begin() + mean.critic * quantiles();
      std::fill(begin, begin + quantiles(), 1 / static_cast<float>(quantiles()));
    }
    return mean.value;
  };
  return feature_output(*critic, std::move(rest), smallest);
}

Attribution ContinuousPolicy::attribute(const AttributionQuestion& question) {
  check_attributable(question.output, attributable_outputs());
  const bool is_mean = question.output < num_actions();
  return attribute_features(
      net.encoder, question.obs, question.method,
      is_mean ? mean_output(question.output, question.state) : q_output(question));
}

void ContinuousPolicy::save(StateWriter& out) const {
  net.save(out);
  critic->save(out);
}

void ContinuousPolicy::load(StateReader& in) {
  net.load(in);
  critic->load(in);
}

std::unique_ptr<Policy> load_continuous_policy(ContinuousPolicyOptions options, const EnvSpec& spec,
                                               Row<const std::uint8_t> state) {
  options.actor.device = "cpu";  // where a few rows at a time are quickest
  auto policy =
      std::make_unique<ContinuousPolicy>(options, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  check_saved(reader.remaining() == 0, "the policy is longer than this configuration's");
  return policy;
}

}  // namespace tern
