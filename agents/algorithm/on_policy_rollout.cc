#include "agents/algorithm/on_policy_rollout.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "agents/algorithm/finite_check.h"

namespace tern {

OnPolicyRollout::OnPolicyRollout(const EnvSpec& spec, ActorCriticPolicy& policy, std::size_t steps,
                                 std::size_t num_envs, std::uint64_t seed,
                                 const std::string& stream)
    : buffer(spec, steps, num_envs),
      states(steps, num_envs, policy.state_size()),
      spec_(spec),
      policy_(policy),
      num_envs_(num_envs),
      value_features_(num_envs * policy.net.row_size()),
      values_(num_envs) {
  const std::size_t count = steps * num_envs;
  for (std::size_t i = 0; i < num_envs; ++i) action_rngs_.emplace_back(seed, stream, i);
  samples.features.resize(count * policy.net.row_size());
  for (auto* each : {&samples.old_log_prob, &samples.old_values, &samples.next_values,
                     &samples.rewards, &samples.advantages, &samples.returns}) {
    each->resize(count);
  }
  samples.ended.resize(count);
  if (spec.action.is_box()) env_actions_.resize(count * spec.action.size());
  use_threads(nullptr);
}

void OnPolicyRollout::use_threads(TaskPool* pool) {
  pool_ = pool;
  scratch_.assign(pool == nullptr ? 1 : pool->threads(),
                  Scratch{LikelihoodRows(spec_.action), {}, {}});
  for (Scratch& each : scratch_) {  // all of it now: a thread may come to act for the first time late
    each.outputs.resize(num_envs_ * policy_.net.output_columns());
    each.entropy.resize(num_envs_);
    each.likelihood.reserve(num_envs_);
  }
}

/// Envs go in as many groups as there are threads, each from the first step to the last, so that
/// threads meet once a rollout. Results do not depend on the groups.
void OnPolicyRollout::collect(VecEnv& envs, TrainContext& context, std::int64_t step) {
  const std::size_t groups = scratch_.size();
  run_tasks(pool_, groups, [&](std::size_t group, std::size_t thread) {
    const std::size_t begin = num_envs_ * group / groups, end = num_envs_ * (group + 1) / groups;
    PhaseClock unread;
    PhaseClock& clock = thread == 0 ? context.clock : unread;
    for (std::size_t t = 0; begin < end && t < buffer.steps(); ++t) {
      {
        const PhaseClock::Scope scope(clock, PhaseClock::kInference);
        act(t, begin, end, thread, step);
      }
      {
        const PhaseClock::Scope scope(clock, PhaseClock::kEnv);
        envs.step_range(begin, end, env_actions(t), buffer.batch(t));
      }
      states.end_step(t, begin, end, buffer.terminated(), buffer.truncated());
    }
  });
  for (std::size_t t = 0; t < buffer.steps(); ++t) context.episodes.add(buffer.batch(t));
  take_rewards(step);
}

/// A reward that is no number would spoil the advantages of all steps before it.
void OnPolicyRollout::take_rewards(std::int64_t step) {
  for (std::size_t k = 0; k < samples.count(); ++k) {
    samples.ended[k] = buffer.terminated()[k] | buffer.truncated()[k];
    samples.rewards[k] = buffer.rewards()[k];
    checked_finite("rewards", samples.rewards[k], step, [&] {
      const std::vector<std::int32_t> which = {static_cast<std::int32_t>(k)};
      return experience_of(which);
    });
  }
}

void OnPolicyRollout::act(std::size_t t, std::size_t begin, std::size_t end, std::size_t thread,
                          std::int64_t step) {
  const std::size_t first = t * num_envs_ + begin, count = end - begin;
  const std::size_t row_size = policy_.net.row_size(), columns = policy_.net.output_columns();
  Scratch& scratch = scratch_[thread];
  float* features = samples.features.data() + first * row_size;
  const ObsRows obs = buffer.obs(t);
  policy_.net.encode(ObsRows(obs.data() + begin * obs.row_bytes(), spec_.obs, count),
                     states.now(begin), features);
  policy_.net.network->infer_on(thread, {features, count}, scratch.outputs.data());
  const ActionRows actions = buffer.actions(t);
  const MaskRows masks = buffer.mask(t);
  for (std::size_t i = 0; i < count; ++i) {
    const Row<const float> row(scratch.outputs.data() + i * columns, columns);
    samples.old_values[first + i] = row[policy_.value_column()];
    states.take(first + i, row.data() + policy_.net.state_column());
    policy_.distribution.sample(row.subrow(0, policy_.value_column()), policy_.log_std(),
                                masks[begin + i], action_rngs_[begin + i], actions[begin + i]);
  }
  // The same arithmetic as in an update, so that its first ratios are exactly 1.
  const std::size_t action_bytes = actions.row_size() * 4;
  scratch.likelihood.forward(count, {scratch.outputs.data(), columns}, policy_.log_std(),
                             {actions.data() + begin * action_bytes,
                              spec_.has_masks ? masks.data() + begin * masks.row_size() : nullptr},
                             samples.old_log_prob.data() + first, scratch.entropy.data());
  const auto seen = [&] { return arrays_of_acting(first, count, scratch.outputs); };
  for (std::size_t k = first; k < first + count; ++k) {  // before an env is handed what is no action
    checked_finite("log_prob", samples.old_log_prob[k], step, seen);
    checked_finite("value", samples.old_values[k], step, seen);
  }
  // The buffer keeps the sample, whose probability is known; the env gets it in its own units,
  // clipped to its bounds.
  if (!spec_.action.is_box()) return;
  const ActionRows to_env = env_actions(t);
  std::memcpy(to_env.data() + begin * action_bytes, actions.data() + begin * action_bytes,
              count * action_bytes);
  for (std::size_t i = begin; i < end; ++i) policy_.distribution.units().to_env(to_env[i]);
}

/// What the envs are handed at step t.
ActionRows OnPolicyRollout::env_actions(std::size_t t) {
  if (!spec_.action.is_box()) return buffer.actions(t);
  return ActionRows(env_actions_.data() + t * num_envs_ * spec_.action.size(), spec_.action,
                    num_envs_);
}

void OnPolicyRollout::value_next_states(std::int64_t step) {
  const auto one_step = static_cast<std::ptrdiff_t>(num_envs_);
  std::vector<float>& next = samples.next_values;
  std::copy(samples.old_values.begin() + one_step, samples.old_values.end(), next.begin());
  const Row<const float> last =
      values_of(buffer.obs(buffer.steps()), states.after(buffer.steps() - 1));
  for (std::size_t i = 0; i < num_envs_; ++i) check_next_value(i, step);
  std::copy(last.begin(), last.end(), next.end() - one_step);
  for (std::size_t t = 0; t < buffer.steps(); ++t) {
    const Row<std::uint8_t> truncated = buffer.truncated().subrow(t * num_envs_, num_envs_);
    if (std::find(truncated.begin(), truncated.end(), 1) == truncated.end()) continue;
    // All rows of the step, so that batch sizes, and with them the last bits, never depend on the
    // data; those of envs that were not truncated are not used.
    const Row<const float> values = values_of(buffer.final_obs(t), states.after(t));
    for (std::size_t i = 0; i < num_envs_; ++i) {
      if (!truncated[i]) continue;
      check_next_value(i, step);
      next[t * num_envs_ + i] = values[i];
    }
  }
}

/// V(s) for each env, [N], that remembers `remembered`; valid until the next call.
Row<const float> OnPolicyRollout::values_of(const ObsRows& obs, const float* remembered) {
  policy_.net.encode(obs, remembered, value_features_.data());
  std::vector<float>& outputs = scratch_[0].outputs;
  policy_.net.network->infer({value_features_.data(), num_envs_}, outputs.data());
  for (std::size_t i = 0; i < num_envs_; ++i) {
    values_[i] = outputs[i * policy_.net.output_columns() + policy_.value_column()];
  }
  return values_;
}

/// Of values_of: the observation after the last step is not acted on before it is learned from.
void OnPolicyRollout::check_next_value(std::size_t i, std::int64_t step) const {
  checked_finite("next_value", values_[i], step, [&] {
    const std::vector<std::int32_t> which = {static_cast<std::int32_t>(i)};
    return rows_read("next_features", value_features_, which);
  });
}

SequenceInputs OnPolicyRollout::inputs(const Minibatch& batch) const {
  return {{samples.features.data(), batch.size(), batch.data()}, buffer.steps(), states.begins()};
}

LikelihoodRows::Taken OnPolicyRollout::taken(const Minibatch& batch) {
  return {buffer.all_actions().data(), spec_.has_masks ? buffer.all_masks().data() : nullptr,
          batch.data()};
}

/// What the network read in some of `rows`: what the env showed, and with memory its states.
std::vector<NamedArray> OnPolicyRollout::rows_read(const char* name, const std::vector<float>& rows,
                                                   const Minibatch& which) const {
  const std::size_t features = policy_.net.encoder.size(), stride = policy_.net.row_size();
  std::vector<NamedArray> arrays = {
      named_matrix(name, rows.data(), which, features, stride).from(shown_by(spec_.id))};
  if (policy_.state_size() > 0) {
    arrays.push_back(
        named_matrix("states", rows.data() + features, which, policy_.state_size(), stride));
  }
  return arrays;
}

/// What was seen, done and paid.
std::vector<NamedArray> OnPolicyRollout::experience_of(const Minibatch& batch) {
  std::vector<NamedArray> arrays = rows_read("features", samples.features, batch);
  const ActionRows actions = buffer.all_actions();
  const std::size_t size = actions.row_size();
  if (spec_.action.is_box()) {
    arrays.push_back(named_matrix("actions", reinterpret_cast<const float*>(actions.data()), batch,
                                  size, size));
  } else {
    const MaskRows masks = buffer.all_masks();
    arrays.push_back(named_matrix("actions", reinterpret_cast<const std::int32_t*>(actions.data()),
                                  batch, size, size));
    arrays.push_back(
        named_matrix("masks", masks.data(), batch, masks.row_size(), masks.row_size()));
  }
  arrays.push_back(named_vector("rewards", Row<const float>(buffer.rewards()), batch)
                       .from(paid_by(spec_.id)));
  return arrays;
}

std::vector<NamedArray> OnPolicyRollout::arrays_of(const Minibatch& batch) {
  std::vector<NamedArray> arrays = experience_of(batch);
  const auto add = [&](const char* name, const std::vector<float>& values) {
    arrays.push_back(named_vector(name, Row<const float>(values), batch));
  };
  add("old_log_prob", samples.old_log_prob);
  add("old_values", samples.old_values);
  add("advantages", samples.advantages);
  add("returns", samples.returns);
  if (spec_.action.is_box()) arrays.push_back(standard_deviation());
  return arrays;
}

/// What samples [first, first + count) were acted on, and how they came to act as they did.
std::vector<NamedArray> OnPolicyRollout::arrays_of_acting(std::size_t first, std::size_t count,
                                                          const std::vector<float>& outputs) {
  std::vector<std::int32_t> which(count);
  std::iota(which.begin(), which.end(), static_cast<std::int32_t>(first));
  std::vector<NamedArray> arrays = rows_read("features", samples.features, which);
  arrays.push_back(named_matrix("outputs", outputs.data(), count, policy_.net.output_columns()));
  if (!spec_.action.is_box()) return arrays;
  arrays.push_back(standard_deviation());
  const ActionRows actions = buffer.all_actions();
  const auto* taken = reinterpret_cast<const float*>(actions.data());
  const std::size_t size = actions.row_size();
  arrays.push_back(
      named_matrix("actions", taken + first * size, count, size).from(deviation_source));
  return arrays;
}

/// Of a Gaussian policy.
NamedArray OnPolicyRollout::standard_deviation() const {
  std::vector<float> values;
  for (const float value : policy_.log_std()) values.push_back(std::exp(value));
  return named_vector("standard_deviation", Row<const float>(values)).from(deviation_source);
}

void OnPolicyRollout::save(StateWriter& out) const {
  for (const Rng& rng : action_rngs_) out.write(rng);
  states.save(out);
  buffer.save_next(out);
}

void OnPolicyRollout::load(StateReader& in) {
  for (Rng& rng : action_rngs_) in.read(rng);
  states.load(in);
  buffer.load_next(in);
}

}  // namespace tern
