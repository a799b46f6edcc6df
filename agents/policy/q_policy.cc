#include "agents/policy/q_policy.h"

#include <algorithm>

#include "agents/policy/distributions/epsilon_greedy.h"

namespace tern {

QPolicy::QPolicy(const QPolicyOptions& options, const EnvSpec& spec, Rng init_rng,
                 NetworkMaker make)
    : head(spec.action.mask_size(), options.dueling, options.quantiles),
      net(options.network, spec.obs, head.heads(), /*free=*/{}, init_rng, make),
      agent_(options.agent),
      space_(spec.action),
      num_actions_(spec.action.mask_size()),
      epsilon_(options.epsilon) {}

Row<const float> QPolicy::q_of(Row<const float> outputs, std::size_t rows) {
  if (head.gives_q()) return outputs;
  q_.assign(outputs.begin(), outputs.end());
  head.to_q({q_.data(), net.output_columns()}, rows);
  return q_;
}

void QPolicy::act(Row<const ActRow> rows, bool deterministic) {
  const Row<const float> outputs = q_of(net.outputs_of(rows, deterministic), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ActRow& row = rows[i];
    const bool explores = !deterministic && row.rng->chance(epsilon_);
    row.action.discrete() =
        explores ? random_action(row.mask, *row.rng)
                 : greedy_action(outputs.subrow(i * net.output_columns(), num_actions_), row.mask);
    net.copy_state(outputs, i, row.state);
  }
}

Inspection QPolicy::inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) {
  const Row<const float> outputs = q_of(net.outputs_of(obs, state), 1);
  const Row<const float> q = outputs.subrow(0, num_actions_);
  Inspection inspection;
  inspection.action_values.assign(q.begin(), q.end());
  inspection.value = q[static_cast<std::size_t>(greedy_action(q, mask))];
  inspection.recurrent_state.assign(outputs.begin() + net.state_column(), outputs.end());
  return inspection;
}

HeadOutput QPolicy::head_output(const AttributionQuestion& question) const {
  check_attributable(question.output, attributable_outputs());
  const bool is_best = question.output == 1;
  const std::size_t taken =
      is_best ? 0 : static_cast<std::size_t>(checked_choices(question.action, space_)[0]);
  std::vector<std::uint8_t> mask(question.mask.begin(), question.mask.end());
  return [=, this](std::size_t, Row<const float> heads, Row<float> gradient) -> double {
    std::vector<float> q(heads.begin(), heads.end()), of_q(num_actions_, 0.0f);
    head.to_q({q.data(), q.size()}, 1);
    const Row<const float> values(q.data(), num_actions_);
    const std::size_t a = is_best ? static_cast<std::size_t>(greedy_action(values, mask)) : taken;
    of_q[a] = 1;
    if (!gradient.empty() && head.is_dueling()) {
      const std::size_t offsets[] = {0, num_actions_};
      head.to_output_gradient({of_q.data(), num_actions_}, 1,
                              {gradient.data(), gradient.size(), offsets});
    } else if (!gradient.empty()) {
      std::copy(of_q.begin(), of_q.end(), gradient.begin());
    }
    return q[a];
  };
}

Attribution QPolicy::attribute(const AttributionQuestion& question) {
  return attribute_features(
      net.encoder, question.obs, question.method,
      feature_output(*net.network, net.own_state(question.state), head_output(question)));
}

std::unique_ptr<Policy> load_q_policy(QPolicyOptions options, const EnvSpec& spec,
                                      Row<const std::uint8_t> state) {
  options.network.device = "cpu";  // where a few rows at a time are quickest
  auto policy = std::make_unique<QPolicy>(options, spec, Rng(0, "overwritten by the load"));
  StateReader reader(state);
  policy->load(reader);
  check_saved(reader.remaining() == 0, "the policy is longer than this configuration's");
  return policy;
}

}  // namespace tern
