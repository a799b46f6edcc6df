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
  Row<const float> rewards;    // of the n steps that are taken together
  Row<const float> discounts;  // gamma^n
  Row<const std::uint8_t> terminated;
  const float* next_q = nullptr;            // [B, M], of the target network
  const float* next_q_online = nullptr;     // [B, M]; double_q_target_closed_form only
  const std::uint8_t* next_mask = nullptr;  // [B, M]
  std::size_t num_actions = 0;              // M
};

/// q_learning_target: y = r + discount (1 - terminated) max_{a' allowed} Q_target(s', a').
void q_learning_target_closed_form(const TargetRows& rows, Row<float> targets);

/// double_q_target: the online network picks a', the target network rates it.
void double_q_target_closed_form(const TargetRows& rows, Row<float> targets);

/// Actions taken, what Q is to become there, and how much each row counts.
struct TdRows {
  std::size_t num_actions = 0;  // M
  Rows<const float> q;          // [rows, M]
  Row<const std::int32_t> actions;
  Row<const float> targets, weights;
  double threshold = 1;
};

/// huber_td_loss as a sum instead of a mean: returns sum of w_i h(delta_i), delta_i = Q(s_i, a_i) -
/// y_i; writes delta_i to td_errors and d / d Q, [rows, M]: w_i clamp(delta_i, -threshold, threshold)
/// at a_i, else 0.
double huber_td_closed_form(const TdRows& rows, Row<float> td_errors, Rows<float> gradient);

}  // namespace tern
