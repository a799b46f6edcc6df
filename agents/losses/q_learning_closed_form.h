#pragma once
// Targets and loss of deep Q-learning in closed form, for rows of samples. Each is held to its
// reference in q_learning.h by tests. Std only; may be called on several threads at once.

#include <cstddef>
#include <cstdint>

#include "agents/kernels/dense_kernels.h"
#include "core/views.h"

namespace tern {

/// Transitions (s, a, r, s') as far as targets need them, B rows each.
struct TargetRows {
  Row<const float> rewards;
  Row<const std::uint8_t> terminated;
  const float* next_q = nullptr;            // [B, M], of the target network
  const float* next_q_online = nullptr;     // [B, M]; double_q_target_closed_form only
  const std::uint8_t* next_mask = nullptr;  // [B, M]
  std::size_t num_actions = 0;              // M
  double gamma = 0;
};

/// q_learning_target: y = r + gamma (1 - terminated) max_{a' allowed} Q_target(s', a').
void q_learning_target_closed_form(const TargetRows& rows, Row<float> targets);

/// double_q_target: the online network picks a', the target network rates it.
void double_q_target_closed_form(const TargetRows& rows, Row<float> targets);

/// huber_td_loss as a sum instead of a mean: returns sum of h(delta_i), delta_i = Q(s_i, a_i) -
/// y_i; writes d / d Q, [rows, M]: clamp(delta_i, -threshold, threshold) at a_i, else 0.
double huber_td_closed_form(std::size_t num_actions, Rows<const float> q, Row<const std::int32_t> actions,
                     Row<const float> targets, double threshold, Rows<float> gradient);

}  // namespace tern
