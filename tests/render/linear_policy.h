#pragma once
// A policy written by hand that balances CartPole, with an opinion to show. For tests without
// networks.

#include <cmath>
#include <cstdint>
#include <string>

#include "core/policy.h"

namespace tern {

class LinearPolicy : public Policy {
 public:
  explicit LinearPolicy(std::int64_t step = 51'200) : step_(step) {}

  using Policy::act;
  void act(Row<const ActRow> rows, bool deterministic) override {
    for (const ActRow& row : rows) {
      const double right = probability_of_right(row.obs);
      row.action.discrete() = (deterministic ? right > 0.5 : row.rng->chance(right)) ? 1 : 0;
    }
  }
  Inspection inspect(ConstObsRow obs, ConstMaskRow, Row<const float>) override {
    Inspection inspection;
    const double right = probability_of_right(obs);
    inspection.probabilities = {1 - right, right};
    inspection.value = 100 - 40 * std::fabs(obs[0]) - 200 * std::fabs(obs[2]);
    inspection.entropy = 0.5;
    return inspection;
  }
  std::int64_t step() const override { return step_; }
  std::string agent() const override { return "ppo"; }

 private:
  static double probability_of_right(ConstObsRow obs) {
    const double push = 0.3 * obs[0] + 0.6 * obs[1] + 8.0 * obs[2] + 1.6 * obs[3];
    return 1 / (1 + std::exp(-2 * push));
  }
  std::int64_t step_;
};

}  // namespace tern
