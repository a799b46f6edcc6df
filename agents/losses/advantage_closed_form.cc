#include "agents/losses/advantage_closed_form.h"

#include <cmath>
#include <limits>

namespace tern {
namespace {

double variance(Row<const float> a, Row<const float> minus) {
  const auto at = [&](std::size_t i) {
    return static_cast<double>(a[i]) - (minus.empty() ? 0.0 : static_cast<double>(minus[i]));
  };
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) mean += at(i);
  mean /= static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) squares += (at(i) - mean) * (at(i) - mean);
  return squares / static_cast<double>(a.size());
}

}  // namespace

void generalized_advantage_closed_form(const AdvantageRows& rollout, Row<float> advantages) {
  const std::size_t num_envs = rollout.num_envs, steps = advantages.size() / num_envs;
  for (std::size_t n = 0; n < num_envs; ++n) {
    double a_tp1 = 0;
    for (std::size_t t = steps; t-- > 0;) {
      const std::size_t k = t * num_envs + n;
      const double bootstrap = rollout.terminated[k] ? 0.0 : rollout.gamma * rollout.next_values[k];
      const double delta = rollout.rewards[k] + bootstrap - rollout.values[k];
      a_tp1 = delta + (rollout.ended[k] ? 0.0 : rollout.gamma * rollout.lambda * a_tp1);
      advantages[k] = static_cast<float>(a_tp1);
    }
  }
}

Moments moments_of(Row<const float> all, Row<const std::int32_t> chosen) {
  const auto n = static_cast<double>(chosen.size());
  double sum = 0, squares = 0;
  for (const std::int32_t i : chosen) sum += all[static_cast<std::size_t>(i)];
  const double mean = sum / n;
  for (const std::int32_t i : chosen) {
    const double deviation = all[static_cast<std::size_t>(i)] - mean;
    squares += deviation * deviation;
  }
  return {mean, std::sqrt(squares / (n - 1))};
}

double explained_variance_closed_form(Row<const float> values, Row<const float> returns) {
  const double of_returns = variance(returns, {});
  if (of_returns == 0) return std::numeric_limits<double>::quiet_NaN();
  return 1 - variance(returns, values) / of_returns;
}

}  // namespace tern
