#include "core/checked_policy.h"

#include <string>
#include <utility>
#include <vector>

#include "core/row_checks.h"

namespace tern {
namespace {

class CheckedPolicy final : public Policy {
 public:
  CheckedPolicy(std::unique_ptr<Policy> policy, const PolicySpec& spec)
      : policy_(std::move(policy)), checks_("policy for " + spec.env, spec), rows_(1) {}

  const PolicySpec& spec() const override { return checks_.spec(); }
  std::size_t state_size() const override { return policy_->state_size(); }
  std::int64_t step() const override { return policy_->step(); }
  std::string agent() const override { return policy_->agent(); }
  std::vector<std::string> attributable_outputs() const override {
    return policy_->attributable_outputs();
  }

  void act(Row<const ActRow> rows, bool deterministic) override {
    if (rows_.size() < rows.size()) rows_.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows_[i] = rows[i];
      checks_.obs(rows[i].obs);
      rows_[i].mask = checks_.mask(rows[i].mask);
      checks_.some_allowed(rows_[i].mask);
      checks_.action(rows[i].action);
      if (rows[i].state.size() != state_size()) refuse_state(rows[i].state.size());
      if (!deterministic && rows[i].rng == nullptr) {
        checks_.refuse(
            "there is no rng to draw the action with; expected one, or deterministic = true");
      }
    }
    policy_->act(Row<const ActRow>(rows_.data(), rows.size()), deterministic);
  }

  /// After the end of an episode nothing may be allowed.
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override {
    checks_.obs(obs);
    if (!state.empty() && state.size() != state_size()) refuse_state(state.size());
    return policy_->inspect(obs, checks_.mask(mask), state);
  }

  Attribution attribute(const AttributionQuestion& question) override {
    checks_.obs(question.obs);
    AttributionQuestion checked = question;
    checked.mask = checks_.mask(question.mask);
    if (!question.state.empty() && question.state.size() != state_size()) {
      refuse_state(question.state.size());
    }
    checks_.action_size(question.action.ints().size(), question.action.floats().size());
    return policy_->attribute(checked);
  }

 private:
  [[noreturn]] void refuse_state(std::size_t size) const {
    checks_.refuse("the row for what the policy remembers holds " + std::to_string(size) +
                   (size == 1 ? " number" : " numbers") + "; expected " +
                   std::to_string(state_size()) +
                   ", Policy::state_size(), all 0 at the start of an episode");
  }

  std::unique_ptr<Policy> policy_;
  RowChecks checks_;
  std::vector<ActRow> rows_;  // with masks filled in
};

}  // namespace

const PolicySpec& Policy::spec() const {
  static const PolicySpec unknown;
  return unknown;
}

std::unique_ptr<Policy> checked_policy(std::unique_ptr<Policy> policy, const PolicySpec& spec) {
  return std::make_unique<CheckedPolicy>(std::move(policy), spec);
}

}  // namespace tern
