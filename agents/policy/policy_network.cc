#include "agents/policy/policy_network.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

NetworkSpec complete(NetworkSpec spec, std::size_t features, std::vector<Head> heads,
                     std::vector<FreeParameter> free) {
  spec.features = static_cast<int>(features);
  spec.dense.heads = std::move(heads);
  spec.dense.free = std::move(free);
  return spec;
}

void check(const ActRow& row, std::size_t state_size, bool deterministic) {
  if (row.state.size() != state_size) {
    throw Error::failure("Policy::act: a row has " + std::to_string(row.state.size()) +
                         " values of state, the policy has " + std::to_string(state_size) +
                         "; give each episode a row of Policy::state_size() zeros");
  }
  if (!deterministic && row.rng == nullptr) {
    throw Error::failure("Policy::act: a row has no rng; only deterministic actions need none");
  }
}

}  // namespace

PolicyNetwork::PolicyNetwork(const PolicyNetworkOptions& options, const ObsSpace& space,
                             std::vector<Head> heads, std::vector<FreeParameter> free, Rng init_rng,
                             NetworkMaker make)
    : encoder(space, options.normalize_obs, !options.network.convolutions.empty()),
      network(make(complete(options.network, encoder.size(), std::move(heads), std::move(free)),
                   init_rng, device_named(options.device))),
      state_column_(network->output_size() - network->state_size()) {}

PolicyNetwork::PolicyNetwork(const PolicyNetwork& other)
    : encoder(other.encoder),
      network(other.network->clone()),
      trained_steps(other.trained_steps),
      state_column_(other.state_column_) {}

void PolicyNetwork::copy_from(const PolicyNetwork& other) {
  encoder = other.encoder;
  trained_steps = other.trained_steps;
  network->copy_state(*other.network);
}

void PolicyNetwork::encode(const ObsRows& obs, const float* states, float* rows) const {
  encoder.encode(obs, rows, row_size());
  for (std::size_t i = 0; state_size() > 0 && i < obs.count(); ++i) {
    std::copy_n(states + i * state_size(), state_size(), rows + i * row_size() + encoder.size());
  }
}

Row<const float> PolicyNetwork::outputs_of(Row<const ActRow> rows, bool deterministic,
                                           std::size_t others) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check(rows[i], state_size() + others, deterministic);
    read(i, rows[i].obs, rows[i].state.subrow(0, state_size()));
  }
  return infer(rows.size());
}

Row<const float> PolicyNetwork::outputs_of(ConstObsRow obs, Row<const float> state) {
  read(0, obs, state.empty() ? state : state.subrow(0, state_size()));
  return infer(1);
}

std::vector<float> PolicyNetwork::own_state(Row<const float> state) const {
  if (state.empty()) return std::vector<float>(state_size(), 0.0f);
  return {state.begin(), state.begin() + state_size()};
}

void PolicyNetwork::copy_state(Row<const float> outputs, std::size_t i, Row<float> state) const {
  std::copy_n(outputs.data() + i * output_columns() + state_column(), state_size(), state.data());
}

void PolicyNetwork::read(std::size_t row, ConstObsRow obs, Row<const float> state) {
  if (rows_.size() < (row + 1) * row_size()) rows_.resize((row + 1) * row_size());
  float* out = rows_.data() + row * row_size();
  encoder.encode(obs, out);
  if (state.empty()) {
    std::fill_n(out + encoder.size(), state_size(), 0.0f);
  } else {
    std::copy_n(state.data(), state_size(), out + encoder.size());
  }
}

Row<const float> PolicyNetwork::infer(std::size_t rows) {
  outputs_.resize(rows * output_columns());
  network->infer({rows_.data(), rows}, outputs_.data());
  return outputs_;
}

void PolicyNetwork::save(StateWriter& out) const {
  out.write(trained_steps);
  network->save(out);
  encoder.save(out);
}

void PolicyNetwork::load(StateReader& in) {
  in.read(trained_steps);
  network->load(in);
  encoder.load(in);
}

}  // namespace tern
