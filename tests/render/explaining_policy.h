#pragma once
// A policy written by hand that says why it does what it does, for any env with choices. For tests
// without networks.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/policy.h"

namespace tern {

/// Takes the first allowed action. It scores element i of a row with value x by weight_i x, of
/// weights 1, 2, 3, ..; as value with the opposite sign. Keeps what it was asked.
class ExplainingPolicy : public Policy {
 public:
  int asked = 0;
  std::vector<float> obs, action, state;
  std::vector<std::uint8_t> mask;
  AttributionMethod method = AttributionMethod::kOcclusion;
  std::size_t output = 0;
  std::int64_t steps = 100;  // that it was trained for

  using Policy::act;
  /// Steps of the episode so far.
  std::size_t state_size() const override { return 1; }
  void act(Row<const ActRow> rows, bool /*deterministic*/) override {
    for (const ActRow& row : rows) {
      row.state[0] += 1;
      row.action.discrete() = 0;
      while (!row.mask.empty() && row.mask[static_cast<std::size_t>(row.action.discrete())] == 0) {
        ++row.action.discrete();
      }
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float>) override {
    Inspection inspection;
    inspection.value = 1;
    return inspection;
  }
  std::int64_t step() const override { return steps; }
  std::string agent() const override { return "dqn"; }
  std::vector<std::string> attributable_outputs() const override { return {"Q(s, a)", "V(s)"}; }
  Attribution attribute(const AttributionQuestion& question) override {
    ++asked;
    method = question.method;
    output = question.output;
    obs.assign(question.obs.floats().begin(), question.obs.floats().end());
    for (const std::uint8_t byte : question.obs.bytes()) obs.push_back(static_cast<float>(byte));
    mask.assign(question.mask.begin(), question.mask.end());
    state.assign(question.state.begin(), question.state.end());
    action.assign(1, static_cast<float>(question.action.discrete()));
    Attribution attribution;
    double weight = question.output == 0 ? 1 : -1;
    for (const float x : obs) {
      attribution.scores.push_back(weight * static_cast<double>(x));
      attribution.output += attribution.scores.back();
      weight += question.output == 0 ? 1 : -1;
    }
    return attribution;
  }
};

}  // namespace tern
