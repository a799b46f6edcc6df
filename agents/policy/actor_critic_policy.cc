#include "agents/policy/actor_critic_policy.h"

#include <cmath>
#include <vector>

namespace tern {
namespace {

std::vector<Head> heads(const ActorCriticOptions& options, const ActionDistribution& distribution) {
  return {{"policy", static_cast<int>(distribution.num_outputs()), options.policy_gain},
          {"value", 1, options.value_gain}};
}

/// The deviation of a Gaussian does not depend on the state.
std::vector<FreeParameter> free_parameters(const ActorCriticOptions& options,
                                           const ActionDistribution& distribution) {
  if (!distribution.is_gaussian()) return {};
  return {{"log_std", static_cast<int>(distribution.num_outputs()), options.log_std_init}};
}

}  // namespace

ActorCriticPolicy::ActorCriticPolicy(const ActorCriticOptions& options, const EnvSpec& spec,
                                     Rng init_rng, NetworkMaker make)
    : distribution(spec.action),
      net(options.network, spec.obs, heads(options, distribution),
          free_parameters(options, distribution), init_rng, make),
      agent_(options.agent),
      scales_rewards_(options.scales_rewards) {
  if (distribution.is_gaussian()) {
    log_std_offset_ = static_cast<std::size_t>(net.network->find("log_std").offset);
  }
}

Row<const float> ActorCriticPolicy::log_std() const {
  if (!distribution.is_gaussian()) return {};
  const Network& frozen = *net.network;
  return frozen.parameter_row().subrow(log_std_offset_, distribution.num_outputs());
}

Row<float> ActorCriticPolicy::log_std_gradient() {
  if (!distribution.is_gaussian()) return {};
  return net.network->gradient_row().subrow(log_std_offset_, distribution.num_outputs());
}

double ActorCriticPolicy::mean_std() const {
  double sum = 0;
  for (const float value : log_std()) sum += std::exp(static_cast<double>(value));
  return sum / static_cast<double>(log_std().size());
}

void ActorCriticPolicy::act(Row<const ActRow> rows, bool deterministic) {
  const Row<const float> outputs = net.outputs_of(rows, deterministic);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ActRow& row = rows[i];
    const Row<const float> of_policy =
        outputs.subrow(i * net.output_columns(), distribution.num_outputs());
    if (deterministic) {
      distribution.mode(of_policy, row.mask, row.action);
    } else {
      distribution.sample(of_policy, log_std(), row.mask, *row.rng, row.action);
    }
    distribution.units().to_env(row.action);
    net.copy_state(outputs, i, row.state);
  }
}

Inspection ActorCriticPolicy::inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) {
  const Row<const float> outputs = net.outputs_of(obs, state);
  Inspection inspection;
  inspection.value = reward_unit * outputs[value_column()];
  inspection.recurrent_state.assign(outputs.begin() + net.state_column(), outputs.end());
  distribution.inspect(outputs.subrow(0, distribution.num_outputs()), log_std(), mask, inspection);
  return inspection;
}

std::vector<std::string> ActorCriticPolicy::attributable_outputs() const {
  std::vector<std::string> outputs = mean_outputs(distribution.space());
  outputs.push_back("log pi(a | s)");
  outputs.push_back("V(s)");
  return outputs;
}

HeadOutput ActorCriticPolicy::head_output(const AttributionQuestion& question) const {
  const std::vector<std::string> outputs = attributable_outputs();
  check_attributable(question.output, outputs);
  if (question.output + 1 == outputs.size()) {
    return [this](std::size_t, Row<const float> heads, Row<float> gradient) {
      if (!gradient.empty()) gradient[value_column()] = static_cast<float>(reward_unit);
      return reward_unit * heads[value_column()];
    };
  }
  if (question.output + 2 < outputs.size()) {
    return [this, i = question.output](std::size_t, Row<const float> heads, Row<float> gradient) {
      if (!gradient.empty()) gradient[i] = static_cast<float>(distribution.units().half_range(i));
      return distribution.units().to_env(i, heads[i]);
    };
  }
  const ActionSpace& space = distribution.space();
  std::vector<float> reals;
  std::vector<std::int32_t> choices;
  if (space.is_box()) {
    reals = checked_reals(question.action, space);
    distribution.units().to_policy(MutableActionRow(Row<float>(reals)));
  } else {
    choices = checked_choices(question.action, space);
  }
  std::vector<std::uint8_t> mask(question.mask.begin(), question.mask.end());
  return [this, reals, choices, mask](std::size_t, Row<const float> heads, Row<float> gradient) {
    const ActionRow action = reals.empty() ? ActionRow(Row<const std::int32_t>(choices))
                                           : ActionRow(Row<const float>(reals));
    const std::size_t columns = distribution.num_outputs();
    const Row<const float> of_policy = heads.subrow(0, columns);
    if (!gradient.empty()) {
      distribution.log_probability_gradient(of_policy, log_std(), mask, action,
                                            gradient.subrow(0, columns));
    }
    return distribution.log_probability(of_policy, log_std(), mask, action);
  };
}

Attribution ActorCriticPolicy::attribute(const AttributionQuestion& question) {
  return attribute_features(
      net.encoder, question.obs, question.method,
      feature_output(*net.network, net.own_state(question.state), head_output(question)));
}

void ActorCriticPolicy::save(StateWriter& out) const {
  net.save(out);
  if (scales_rewards_) out.write(reward_unit);
}

void ActorCriticPolicy::load(StateReader& in) {
  net.load(in);
  if (scales_rewards_) in.read(reward_unit);
}

std::unique_ptr<Policy> load_actor_critic_policy(ActorCriticOptions options, const EnvSpec& spec,
                                                 Row<const std::uint8_t> state) {
  options.network.device = "cpu";  // where a few rows at a time are quickest
  auto policy =
      std::make_unique<ActorCriticPolicy>(options, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  check_saved(reader.remaining() == 0, "the policy is longer than this configuration's");
  return policy;
}

}  // namespace tern
