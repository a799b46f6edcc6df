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

std::vector<double> QPolicy::quantiles_of(Row<const float> outputs) const {
  if (head.quantiles() == 1) return {};
  std::vector<float> values(outputs.begin(), outputs.end());
  head.to_values({values.data(), values.size()}, 1);
  return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(head.num_values())};
}

Inspection QPolicy::inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) {
  const Row<const float> given = net.outputs_of(obs, state);
  Inspection inspection;
  inspection.quantiles = quantiles_of(given);
  const Row<const float> outputs = q_of(given, 1);
  const Row<const float> q = outputs.subrow(0, num_actions_);
  inspection.action_values.assign(q.begin(), q.end());
  inspection.value = q[static_cast<std::size_t>(greedy_action(q, mask))];
  inspection.recurrent_state.assign(outputs.begin() + net.state_column(), outputs.end());
  return inspection;
}

void QPolicy::set_slope_of(std::size_t action, Row<float> gradient) const {
  std::vector<float> of_values(head.num_values(), 0.0f);  // Q is the mean of its quantiles
  std::fill_n(of_values.begin() + static_cast<std::ptrdiff_t>(action * head.quantiles()),
              head.quantiles(), 1 / static_cast<float>(head.quantiles()));
  if (head.is_plain()) {
    std::copy(of_values.begin(), of_values.end(), gradient.begin());
    return;
  }
  const std::size_t offsets[] = {0, head.num_values()};
  head.to_output_gradient({of_values.data(), of_values.size()}, 1,
                          {gradient.data(), gradient.size(), offsets});
}

HeadOutput QPolicy::head_output(const AttributionQuestion& question) const {
  check_attributable(question.output, attributable_outputs());
  const bool is_best = question.output == 1;
  const std::size_t taken =
      is_best ? 0 : static_cast<std::size_t>(checked_choices(question.action, space_)[0]);
  std::vector<std::uint8_t> mask(question.mask.begin(), question.mask.end());
  return [=, this](std::size_t, Row<const float> heads, Row<float> gradient) -> double {
    std::vector<float> q(heads.begin(), heads.end());
    head.to_q({q.data(), q.size()}, 1);
    const Row<const float> values(q.data(), num_actions_);
    const std::size_t a = is_best ? static_cast<std::size_t>(greedy_action(values, mask)) : taken;
    if (!gradient.empty()) set_slope_of(a, gradient);
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
