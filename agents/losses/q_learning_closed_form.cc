#include "agents/losses/q_learning_closed_form.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/losses/best_allowed.h"

namespace tern {
namespace {

void targets_from(const TargetRows& rows, const float* chooser, Row<float> targets) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::size_t first = i * rows.num_actions;
    const std::size_t best =
        best_allowed(chooser + first, rows.next_mask + first, rows.num_actions);
    // A state without an allowed action has value -inf; after a termination it does not count.
    const float next = best == rows.num_actions ? -std::numeric_limits<float>::infinity()
                                                : rows.next_q[first + best];
    targets[i] =
        rows.terminated[i] ? rows.rewards[i] : rows.rewards[i] + rows.discounts[i] * next;
  }
}

}  // namespace

void q_learning_target_closed_form(const TargetRows& rows, Row<float> targets) {
  targets_from(rows, rows.next_q, targets);
}

void double_q_target_closed_form(const TargetRows& rows, Row<float> targets) {
  targets_from(rows, rows.next_q_online, targets);
}

double huber_td_closed_form(const TdRows& rows, Row<float> td_errors, Rows<float> gradient) {
  const auto limit = static_cast<float>(rows.threshold);
  double sum = 0;
  for (std::size_t i = 0; i < rows.targets.size(); ++i) {
    float* out = gradient.data + i * gradient.stride;
    std::fill_n(out, rows.num_actions, 0.0f);
    const auto action = static_cast<std::size_t>(rows.actions[i]);
    const float delta = rows.q.data[i * rows.q.stride + action] - rows.targets[i];
    const float size = std::abs(delta), weight = rows.weights[i];
    td_errors[i] = delta;
    sum += weight * (size > limit ? limit * (size - 0.5f * limit) : 0.5f * delta * delta);
    out[action] = weight * (size > limit ? std::copysign(limit, delta) : delta);
  }
  return sum;
}

}  // namespace tern
