#include "agents/ppo/ppo_samples.h"

#include <algorithm>

namespace tern {
namespace {

/// Of an array of `stride` columns the rows `batch`, and of these `columns` from `first` on.
template <class T>
NamedArray gathered(const std::string& name, const T* data, std::vector<std::int64_t> row_shape,
                    std::size_t columns, const Minibatch& batch, std::size_t first = 0,
                    std::size_t stride = 0) {
  if (stride == 0) stride = columns;
  NamedArray array;
  array.name = name;
  array.shape = {static_cast<std::int64_t>(batch.size())};
  array.shape.insert(array.shape.end(), row_shape.begin(), row_shape.end());
  for (const std::int32_t k : batch) {
    const T* row = data + static_cast<std::size_t>(k) * stride + first;
    array.values.insert(array.values.end(), row, row + columns);
  }
  return array;
}

}  // namespace

void check_minibatch(const PpoConfig& config, std::size_t num_samples) {
  if (num_samples % static_cast<std::size_t>(config.minibatch_size) != 0) {
    throw Error("agent.minibatch_size " + std::to_string(config.minibatch_size) +
                " does not divide num_envs * rollout_steps = " + std::to_string(num_samples));
  }
  if (config.recurrent != "none" && config.minibatch_size % config.rollout_steps != 0) {
    throw Error("agent.minibatch_size " + std::to_string(config.minibatch_size) +
                " is no multiple of agent.rollout_steps " + std::to_string(config.rollout_steps) +
                "; agent.recurrent " + config.recurrent + " learns from whole rollouts of an env");
  }
}

void Samples::resize(std::size_t count, std::size_t features_each, std::size_t states_each) {
  num_features = features_each;
  num_states = states_each;
  features.resize(count * (features_each + states_each));
  for (auto* each : {&old_log_prob, &old_values, &advantages, &returns}) each->resize(count);
}

void ActingRows::resize(std::size_t num_envs, std::size_t output_columns) {
  outputs.resize(num_envs * output_columns);
  entropy.resize(num_envs);
  likelihood.reserve(num_envs);  // a thread may come to act for the first time late
}

void ChunkLossTerms::resize(std::size_t rows, std::size_t gaussian_components) {
  for (auto* each : {&log_prob, &entropy, &old_log_prob, &advantages, &values, &old_values, &returns,
                     &log_prob_gradient, &value_gradient, &ratio}) {
    each->resize(rows);
  }
  log_std_gradient.assign(gaussian_components, 0.0);
}

std::vector<NamedArray> rows_read(const std::string& name, const float* rows,
                                  const Samples& samples, const EnvSpec& spec,
                                  const Minibatch& which) {
  const std::size_t features = samples.num_features, states = samples.num_states;
  std::vector<NamedArray> arrays = {gathered(name, rows, {static_cast<std::int64_t>(features)},
                                             features, which, 0, features + states)};
  arrays.back().source = shown_by(spec.id);
  if (states > 0) {
    arrays.push_back(gathered("states", rows, {static_cast<std::int64_t>(states)}, states, which,
                              features, features + states));
  }
  return arrays;
}

std::vector<NamedArray> experience_of(const Samples& samples, RolloutBuffer& rollout,
                                      const EnvSpec& spec, const Minibatch& batch) {
  std::vector<NamedArray> arrays =
      rows_read("features", samples.features.data(), samples, spec, batch);
  const auto add_matrix = [&](const char* name, const auto* data, std::size_t columns) {
    arrays.push_back(gathered(name, data, {static_cast<std::int64_t>(columns)}, columns, batch));
  };
  const ActionRows actions = rollout.all_actions();
  if (spec.action.is_box()) {
    add_matrix("actions", reinterpret_cast<const float*>(actions.data()), actions.row_size());
  } else {
    const MaskRows masks = rollout.all_masks();
    add_matrix("actions", reinterpret_cast<const std::int32_t*>(actions.data()),
               actions.row_size());
    add_matrix("masks", masks.data(), masks.row_size());
  }
  arrays.push_back(gathered("rewards", rollout.rewards().data(), {}, 1, batch));
  arrays.back().source = paid_by(spec.id);
  return arrays;
}

std::vector<NamedArray> arrays_of(const Samples& samples, RolloutBuffer& rollout,
                                  const EnvSpec& spec, const Minibatch& batch) {
  std::vector<NamedArray> arrays = experience_of(samples, rollout, spec, batch);
  const auto add_vector = [&](const char* name, const std::vector<float>& values) {
    arrays.push_back(gathered(name, values.data(), {}, 1, batch));
  };
  add_vector("old_log_prob", samples.old_log_prob);
  add_vector("old_values", samples.old_values);
  add_vector("advantages", samples.advantages);
  add_vector("returns", samples.returns);
  return arrays;
}

}  // namespace tern
