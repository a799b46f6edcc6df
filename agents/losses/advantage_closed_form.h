#pragma once
// Advantage estimates and statistics of them on plain floats; agents/reference_losses/advantage.h
// has them on tensors. Std only.

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

/// Mean and deviation (with Bessel's correction) of some samples; for normalized_advantages.
struct Moments {
  double mean = 0, deviation = 1;
};
Moments moments_of(Row<const float> all, Row<const std::int32_t> chosen);

/// 1 - Var(R - V) / Var(R); nan where the returns do not vary.
double explained_variance_closed_form(Row<const float> values, Row<const float> returns);

}  // namespace tern
