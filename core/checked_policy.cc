#include "core/checked_policy.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace tern {
namespace {

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// "4 floats", "4 floats and 12 bytes".
std::string obs_size_text(std::size_t floats, std::size_t bytes) {
  if (bytes == 0) return counted(floats, "float");
  const std::string of_bytes = counted(bytes, "byte");
  return floats == 0 ? of_bytes : counted(floats, "float") + " and " + of_bytes;
}

/// "'pole angle'", "'joints', element 3".
std::string element_text(const ObsSpace& space, std::size_t i) {
  for (const Field& field : space.fields()) {
    if (i < field.offset || i >= field.offset + field.size()) continue;
    const std::string name = "'" + field.name + "'";
    return field.size() == 1 ? name : name + ", element " + std::to_string(i - field.offset);
  }
  return "element " + std::to_string(i);
}

class CheckedPolicy final : public Policy {
 public:
  CheckedPolicy(std::unique_ptr<Policy> policy, PolicySpec spec)
      : policy_(std::move(policy)),
        spec_(std::move(spec)),
        all_allowed_(spec_.action.mask_size(), 1),
        rows_(1) {}

  const PolicySpec& spec() const override { return spec_; }
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
      check(rows[i].obs);
      rows_[i].mask = sized(rows[i].mask);
      check_some_allowed(rows_[i].mask);
      check_action(rows[i].action);
      if (rows[i].state.size() != state_size()) refuse_state(rows[i].state.size());
      if (!deterministic && rows[i].rng == nullptr) {
        refuse("there is no rng to draw the action with; expected one, or deterministic = true");
      }
    }
    policy_->act(Row<const ActRow>(rows_.data(), rows.size()), deterministic);
  }

  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override {
    check(obs);
    if (!state.empty() && state.size() != state_size()) refuse_state(state.size());
    return policy_->inspect(obs, sized(mask), state);
  }

  Attribution attribute(const AttributionQuestion& question) override {
    check(question.obs);
    AttributionQuestion checked_question = question;
    checked_question.mask = sized(question.mask);
    if (!question.state.empty() && question.state.size() != state_size()) {
      refuse_state(question.state.size());
    }
    check_action_size(question.action.ints().size(), question.action.floats().size());
    return policy_->attribute(checked_question);
  }

 private:
  void check(ConstObsRow obs) const {
    const std::size_t floats = obs.floats().size(), bytes = obs.bytes().size();
    if (floats != spec_.obs.num_floats() || bytes != spec_.obs.num_bytes()) {
      refuse("the observation has " + obs_size_text(floats, bytes) + "; expected " +
             obs_size_text(spec_.obs.num_floats(), spec_.obs.num_bytes()));
    }
    for (std::size_t i = 0; i < floats; ++i) {
      if (!std::isnan(obs[i])) continue;
      refuse("observation " + element_text(spec_.obs, i) + " is nan; expected a number");
    }
  }

  /// The mask, or that of all actions where none was given.
  ConstMaskRow sized(ConstMaskRow mask) const {
    if (mask.empty() && !spec_.has_masks) return all_allowed_;
    if (mask.size() == all_allowed_.size()) return mask;
    refuse("the mask has " + counted(mask.size(), "flag") + "; expected " +
           (spec_.action.is_box() ? std::string("none: real actions have no mask")
                                  : std::to_string(all_allowed_.size()) + ", one for each choice"));
  }
  void check_some_allowed(ConstMaskRow mask) const {
    if (spec_.action.is_box()) return;
    std::size_t begin = 0;
    for (const ActionComponent& component : spec_.action.components()) {
      const Row<const std::uint8_t> flags = mask.subrow(begin, component.options.size());
      begin += flags.size();
      if (std::find_if(flags.begin(), flags.end(), is_set) != flags.end()) continue;
      refuse("the mask allows no choice of '" + component.name +
             "'; expected a 1 for at least one of " + std::to_string(flags.size()));
    }
  }
  static bool is_set(std::uint8_t flag) { return flag != 0; }

  void check_action(const MutableActionRow& action) const {
    check_action_size(action.ints().size(), action.floats().size());
  }
  void check_action_size(std::size_t ints, std::size_t floats) const {
    const bool is_box = spec_.action.is_box();
    if (ints == (is_box ? 0 : spec_.action.size()) &&
        floats == (is_box ? spec_.action.size() : 0)) {
      return;
    }
    std::string given = "nothing";
    if (ints > 0) given = counted(ints, "int32");
    if (floats > 0) given = counted(floats, "float");
    refuse("the row for the action holds " + given + "; expected " +
           std::to_string(spec_.action.size()) + (is_box ? " float" : " int32") +
           (spec_.action.size() == 1 ? "" : "s") +
           (is_box ? ": actions are real numbers" : ": actions are choices"));
  }
  [[noreturn]] void refuse_state(std::size_t size) const {
    refuse("the row for what the policy remembers holds " + counted(size, "number") +
           "; expected " + std::to_string(state_size()) +
           ", Policy::state_size(), all 0 at the start of an episode");
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error::failure("policy for " + spec_.env + ": " + what);
  }

  std::unique_ptr<Policy> policy_;
  PolicySpec spec_;
  std::vector<std::uint8_t> all_allowed_;
  std::vector<ActRow> rows_;  // with masks filled in
};

}  // namespace

const PolicySpec& Policy::spec() const {
  static const PolicySpec unknown;
  return unknown;
}

std::unique_ptr<Policy> checked_policy(std::unique_ptr<Policy> policy, PolicySpec spec) {
  return std::make_unique<CheckedPolicy>(std::move(policy), std::move(spec));
}

}  // namespace tern
