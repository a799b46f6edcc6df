#include "agents/policy/discrete_policy.h"

#include <algorithm>
#include <cmath>

#include "agents/policy/distributions/categorical.h"
#include "core/error.h"

namespace tern {
namespace {

std::size_t choices_of(const DiscretePolicyOptions& options, const EnvSpec& spec) {
  if (spec.action.kind() != ActionSpace::Kind::kDiscrete) {
    throw Error("discrete " + options.agent + " needs Discrete actions, which " + spec.id +
                " does not have");
  }
  return spec.action.mask_size();
}

NetworkSpec critic_spec(const DiscretePolicyOptions& options, std::size_t features,
                        std::size_t actions) {
  NetworkSpec spec = options.critic;
  spec.features = static_cast<int>(features);
  spec.dense.share_trunk = false;
  spec.dense.heads.clear();
  for (int i = 0; i < options.critics; ++i) {
    spec.dense.heads.push_back({"q" + std::to_string(i + 1), static_cast<int>(actions)});
  }
  return spec;
}

}  // namespace

DiscretePolicy::DiscretePolicy(const DiscretePolicyOptions& options, const EnvSpec& spec,
                               Rng init_rng)
    : net(options.actor, spec.obs, {{"policy", static_cast<int>(choices_of(options, spec))}},
          /*free=*/{}, Rng(init_rng.next(), "actor"), make_network),
      options_(options),
      distribution_(spec.action),
      num_actions_(spec.action.mask_size()) {
  Rng critic_rng(init_rng.next(), "critic");
  critic = make_network(critic_spec(options, net.encoder.size(), num_actions_), critic_rng,
                        device_named(options.actor.device));
}

DiscretePolicy::DiscretePolicy(const DiscretePolicy& other)
    : net(other.net),
      critic(other.critic->clone()),
      options_(other.options_),
      distribution_(other.distribution_),
      num_actions_(other.num_actions_) {}

void DiscretePolicy::act(Row<const ActRow> rows, bool deterministic) {
  const Row<const float> all = net.outputs_of(rows, deterministic, critic->state_size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ActRow& row = rows[i];
    const Row<const float> logits = all.subrow(i * net.output_columns(), num_actions_);
    if (deterministic) {
      distribution_.mode(logits, row.mask, row.action);
    } else {
      distribution_.sample(logits, /*log_std=*/{}, row.mask, *row.rng, row.action);
    }
    net.copy_state(all, i, row.state);
    critic_memory_.set(*critic, net.encoder, i, row.obs, CriticMemory::part_of(row.state, *critic));
  }
  critic_memory_.step(*critic, rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    critic_memory_.get(i, CriticMemory::part_of(rows[i].state, *critic));
  }
}

Inspection DiscretePolicy::inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) {
  const Row<const float> outputs = net.outputs_of(obs, state);
  const Categorical categorical(outputs.subrow(0, num_actions_), mask);
  std::vector<float> row(critic->row_size()), q(critics() * num_actions_);
  net.encoder.encode(obs, row.data());
  if (!state.empty()) {
    const Row<const float> remembered = CriticMemory::part_of(state, *critic);
    std::copy(remembered.begin(), remembered.end(), row.data() + net.encoder.size());
  }
  critic->infer_heads({row.data(), 1}, q.data());
  Inspection inspection;
  double value = 0, entropy = 0;
  for (std::size_t a = 0; a < num_actions_; ++a) {
    const double smallest = q[smallest_critic(q, a) * num_actions_ + a];
    const double log_prob = categorical.log_probability(a), prob = std::exp(log_prob);
    inspection.action_values.push_back(smallest);
    inspection.probabilities.push_back(prob);
    if (prob == 0) continue;
    value += prob * smallest;
    entropy -= prob * log_prob;
  }
  inspection.value = value;
  inspection.entropy = entropy;
  inspection.recurrent_state.assign(outputs.begin() + net.state_column(), outputs.end());
  return inspection;
}

std::size_t DiscretePolicy::smallest_critic(Row<const float> q, std::size_t action) const {
  std::size_t smallest = 0;
  for (std::size_t c = 1; c < critics(); ++c) {
    if (q[c * num_actions_ + action] < q[smallest * num_actions_ + action]) smallest = c;
  }
  return smallest;
}

FeatureOutput DiscretePolicy::log_probability_output(const AttributionQuestion& question) {
  std::vector<std::uint8_t> mask(question.mask.begin(), question.mask.end());
  const auto output = [this, mask, taken = checked_choices(question.action, distribution_.space())](
                          std::size_t, Row<const float> logits, Row<float> gradient) {
    const ActionRow action{Row<const std::int32_t>(taken)};
    if (!gradient.empty()) {
      distribution_.log_probability_gradient(logits, /*log_std=*/{}, mask, action, gradient);
    }
    return distribution_.log_probability(logits, /*log_std=*/{}, mask, action);
  };
  return feature_output(*net.network, net.own_state(question.state), output);
}

FeatureOutput DiscretePolicy::q_output(const AttributionQuestion& question) {
  const auto taken =
      static_cast<std::size_t>(checked_choices(question.action, distribution_.space())[0]);
  const auto output = [this, taken](std::size_t, Row<const float> q,
                                    Row<float> gradient) -> double {
    const std::size_t column = smallest_critic(q, taken) * num_actions_ + taken;
    if (!gradient.empty()) gradient[column] = 1;
    return q[column];
  };
  return feature_output(*critic, critic_state(question.state), output);
}

DiscretePolicy::SmallestQ DiscretePolicy::smallest_q(std::size_t rows, const float* features,
                                                     const std::vector<float>& state) {
  SmallestQ smallest;
  const auto read = [&](std::size_t, Row<const float> heads, Row<float>) {
    for (std::size_t a = 0; a < num_actions_; ++a) {
      smallest.columns.push_back(smallest_critic(heads, a) * num_actions_ + a);
      smallest.q.push_back(heads[smallest.columns.back()]);
    }
    return 0.0;
  };
  std::vector<double> unused(rows);
  feature_output(*critic, state, read)(rows, features, unused.data(), nullptr);
  return smallest;
}

/// V = sum over a of p_a q_a, through both networks: dV / d logit_a = p_a (q_a - V), dV / d q_a =
/// p_a.
FeatureOutput DiscretePolicy::value_output(const AttributionQuestion& question) {
  std::vector<std::uint8_t> mask(question.mask.begin(), question.mask.end());
  return [this, mask, actor_state = net.own_state(question.state),
          state = critic_state(question.state)](std::size_t rows, const float* features,
                                                double* values, float* gradients) {
    const SmallestQ smallest = smallest_q(rows, features, state);
    std::vector<float> p(smallest.q.size());
    const auto value = [&](std::size_t row, Row<const float> logits, Row<float> gradient) {
      const std::size_t begin = row * num_actions_;
      const Categorical categorical(logits, mask);
      double mean = 0;
      for (std::size_t a = 0; a < num_actions_; ++a) {
        const double prob = std::exp(categorical.log_probability(a));
        p[begin + a] = static_cast<float>(prob);
        if (prob > 0) mean += prob * smallest.q[begin + a];
      }
      for (std::size_t a = 0; a < gradient.size(); ++a) {
        gradient[a] = static_cast<float>(p[begin + a] * (smallest.q[begin + a] - mean));
      }
      return mean;
    };
    feature_output(*net.network, actor_state, value)(rows, features, values, gradients);
    if (gradients == nullptr) return;
    const auto of_q = [&](std::size_t row, Row<const float>, Row<float> gradient) {
      for (std::size_t i = row * num_actions_; i < (row + 1) * num_actions_; ++i) {
        gradient[smallest.columns[i]] = p[i];
      }
      return 0.0;
    };
    std::vector<double> unused(rows);
    std::vector<float> through_critic(rows * net.encoder.size());
    feature_output(*critic, state, of_q)(rows, features, unused.data(), through_critic.data());
    for (std::size_t i = 0; i < through_critic.size(); ++i) gradients[i] += through_critic[i];
  };
}

std::vector<float> DiscretePolicy::critic_state(Row<const float> state) const {
  if (state.empty()) return std::vector<float>(critic->state_size(), 0.0f);
  const Row<const float> part = CriticMemory::part_of(state, *critic);
  return {part.begin(), part.end()};
}

Attribution DiscretePolicy::attribute(const AttributionQuestion& question) {
  check_attributable(question.output, attributable_outputs());
  return attribute_features(net.encoder, question.obs, question.method,
                            question.output == 0   ? log_probability_output(question)
                            : question.output == 1 ? q_output(question)
                                                   : value_output(question));
}

void DiscretePolicy::save(StateWriter& out) const {
  net.save(out);
  critic->save(out);
}

void DiscretePolicy::load(StateReader& in) {
  net.load(in);
  critic->load(in);
}

std::unique_ptr<Policy> load_discrete_policy(DiscretePolicyOptions options, const EnvSpec& spec,
                                             Row<const std::uint8_t> state) {
  options.actor.device = "cpu";  // where a few rows at a time are quickest
  auto policy = std::make_unique<DiscretePolicy>(options, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  check_saved(reader.remaining() == 0, "the policy is longer than this configuration's");
  return policy;
}

}  // namespace tern
