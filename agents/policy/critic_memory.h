#pragma once
// Critics that remember what an episode showed, beside the actor that acts in it.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "agents/nn/network.h"
#include "agents/policy/observation_encoder.h"
#include "core/const_views.h"
#include "core/views.h"

namespace tern {

/// Steps the memory of a critic along episodes. It reads what is observed alone; actions join above
/// it. Does nothing where the critic has none.
class CriticMemory {
 public:
  /// The critic's part of a policy's state, of which the first is the actor's.
  template <class T>
  static Row<T> part_of(Row<T> state, const Network& critic) {
    return state.subrow(state.size() - critic.state_size(), critic.state_size());
  }

  /// Sets row i: what is seen in an episode, and what is remembered of it, [state_size()].
  void set(const Network& critic, const ObservationEncoder& encoder, std::size_t i, ConstObsRow obs,
           Row<const float> state) {
    if (critic.state_size() == 0) return;
    const std::size_t columns = critic.row_size();
    if (rows_.size() < (i + 1) * columns) rows_.resize((i + 1) * columns);
    float* row = rows_.data() + i * columns;
    encoder.encode(obs, row);
    std::copy(state.begin(), state.end(), row + columns - state.size());
  }
  /// One step of rows [0, count).
  void step(Network& critic, std::size_t count) {
    if (critic.state_size() == 0) return;
    if (states_.size() < count * critic.state_size()) states_.resize(count * critic.state_size());
    critic.remember({{rows_.data(), count}}, states_.data());
  }
  /// What is remembered after it.
  void get(std::size_t i, Row<float> state) const {
    if (state.empty()) return;
    std::copy_n(states_.data() + i * state.size(), state.size(), state.begin());
  }

 private:
  std::vector<float> rows_, states_;
};

}  // namespace tern
