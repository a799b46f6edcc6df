#include "agents/losses/continuous_q_closed_form.h"

#include <algorithm>
#include <cmath>

namespace tern {
namespace {

/// A NaN is the smallest of all, so that it is noticed.
bool is_smaller(float a, float b) { return a < b || (std::isnan(a) && !std::isnan(b)); }

}  // namespace

void min_q_target_closed_form(const NextValueRows& rows, Row<float> targets) {
  const auto alpha = static_cast<float>(rows.entropy_coef);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const float* q = rows.next_q + i * rows.shape.critics;
    float next = q[0];
    for (std::size_t c = 1; c < rows.shape.critics; ++c) next = is_smaller(q[c], next) ? q[c] : next;
    if (!rows.next_log_prob.empty()) next -= alpha * rows.next_log_prob[i];
    targets[i] = rows.terminated[i] ? rows.rewards[i] : rows.rewards[i] + rows.discounts[i] * next;
  }
}

double critic_error_closed_form(const CriticShape& shape, HeadRows q, Row<const float> targets,
                                Row<const float> weights, HeadRows gradient, Row<float> td_errors) {
  const auto share = 1 / static_cast<float>(shape.critics);
  double sum = 0;
  std::fill(td_errors.begin(), td_errors.end(), 0.0f);
  for (std::size_t c = 0; c < shape.critics; ++c) {
    const Rows<float> value = q[c], slope = gradient[c];
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const float delta = value.data[i * value.stride] - targets[i];
      slope.data[i * slope.stride] = weights[i] * delta;
      sum += 0.5f * weights[i] * delta * delta;
      td_errors[i] += share * std::abs(delta);
    }
  }
  return sum;
}

double min_q_ascent_closed_form(const CriticShape& shape, std::size_t rows, HeadRows q,
                                HeadRows gradient) {
  double sum = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto value = [&](std::size_t c) { return q[c].data[i * q.stride]; };
    std::size_t best = 0;
    for (std::size_t c = 1; c < shape.critics; ++c) {
      if (is_smaller(value(c), value(best))) best = c;
    }
    for (std::size_t c = 0; c < shape.critics; ++c) {
      gradient[c].data[i * gradient.stride] = c == best ? -1.0f : 0.0f;
    }
    sum -= value(best);
  }
  return sum;
}

double first_q_ascent_closed_form(const CriticShape& shape, std::size_t rows, HeadRows q,
                                  HeadRows gradient) {
  double sum = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < shape.critics; ++c) {
      gradient[c].data[i * gradient.stride] = c == 0 ? -1.0f : 0.0f;
    }
    sum -= q[0].data[i * q.stride];
  }
  return sum;
}

void smooth_target_actions(double sigma, double limit, Row<const float> noise, Row<float> actions) {
  const auto spread = static_cast<float>(sigma), most = static_cast<float>(limit);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const float moved = std::min(std::max(spread * noise[i], -most), most);
    actions[i] = std::min(std::max(actions[i] + moved, -1.0f), 1.0f);
  }
}

}  // namespace tern
