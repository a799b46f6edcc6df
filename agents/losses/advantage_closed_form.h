#pragma once
// Advantage estimates on plain floats; agents/reference_losses/advantage.h has them on tensors. Std only.

#include <cstddef>
#include <cstdint>

#include "core/views.h"

namespace tern {

/// A rollout of T steps of N envs, each array [T, N]; see generalized_advantages.
struct AdvantageRows {
  Row<const float> rewards, values, next_values;
  Row<const std::uint8_t> terminated, ended;
  std::size_t num_envs = 0;  // N
  double gamma = 0, lambda = 0;
};

/// generalized_advantages: writes A_t, [T, N]. All rows of one size, a multiple of N.
void generalized_advantage_closed_form(const AdvantageRows& rollout, Row<float> advantages);

}  // namespace tern
