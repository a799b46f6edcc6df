// A policy for outside programs: what it cannot act on is refused before anything is read or
// written.

#include "core/checked_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

/// "" where nothing is thrown.
template <class F>
std::string said_of(const F& deed) {
  try {
    deed();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kFailure);
    return error.what();
  }
  return "";
}

/// Counts its calls and keeps the last mask.
class CountingPolicy final : public Policy {
 public:
  CountingPolicy(int& calls, std::vector<std::uint8_t>& mask) : calls_(calls), mask_(mask) {}
  std::size_t state_size() const override { return 2; }
  void act(Row<const ActRow> rows, bool) override {
    ++calls_;
    for (const ActRow& row : rows) {
      mask_.assign(row.mask.begin(), row.mask.end());
      for (std::int32_t& choice : row.action.ints()) choice = 1;
      for (float& value : row.action.floats()) value = 0.5f;
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow mask, Row<const float>) override {
    ++calls_;
    mask_.assign(mask.begin(), mask.end());
    return {};
  }
  std::int64_t step() const override { return 7; }
  std::string agent() const override { return "counting"; }

 private:
  int& calls_;
  std::vector<std::uint8_t>& mask_;
};

PolicySpec pole_spec() {
  PolicySpec spec;
  spec.env = "Pole-v0";
  spec.obs.scalar("angle", -1, 1, "rad").vector("joints", 2, -1, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  return spec;
}

PolicySpec arm_spec() {
  PolicySpec spec = pole_spec();
  spec.env = "Arm-v0";
  spec.action = ActionSpace::box({ActionSpace::real("torque", -2, 2, "N m")});
  return spec;
}

class CheckedPolicyTest : public ::testing::Test {
 protected:
  std::unique_ptr<Policy> make(PolicySpec spec) {
    return checked_policy(std::make_unique<CountingPolicy>(calls_, mask_), std::move(spec));
  }
  /// What is said of a row, "" if it acts. Then the policy was asked, else it was not.
  std::string said(PolicySpec spec, const ActRow& row, bool deterministic = true) {
    const auto policy = make(std::move(spec));
    const int before = calls_;
    const std::string error = said_of([&] { policy->act(row, deterministic); });
    EXPECT_EQ(calls_ - before, error.empty() ? 1 : 0);
    return error;
  }
  ActRow row() {
    return {ConstObsRow(Row<const float>(obs_)),
            {},
            nullptr,
            MutableActionRow(Row<std::int32_t>(&choice_, 1)),
            Row<float>(state_)};
  }

  int calls_ = 0;
  std::vector<std::uint8_t> mask_;
  std::vector<float> obs_ = {0.1f, 0.2f, 0.3f}, state_ = {0, 0};
  std::int32_t choice_ = -1;
  float torque_ = -1;
};

TEST_F(CheckedPolicyTest, KnowsItsEnv) {
  const auto policy = make(pole_spec());
  EXPECT_EQ(policy->spec().env, "Pole-v0");
  EXPECT_EQ(policy->spec().obs.fields()[0].unit, "rad");
  EXPECT_EQ(policy->spec().action.components()[0].options[1], "right");
  EXPECT_EQ(policy->step(), 7);
  EXPECT_EQ(policy->agent(), "counting");
  EXPECT_EQ(CountingPolicy(calls_, mask_).spec().env, "");
}

TEST_F(CheckedPolicyTest, ActsWithoutMaskAndRng) {
  EXPECT_EQ(said(pole_spec(), row()), "");
  EXPECT_EQ(choice_, 1);
  EXPECT_EQ(mask_, (std::vector<std::uint8_t>{1, 1}));  // all allowed
}

TEST_F(CheckedPolicyTest, RefusesObservationsOfAnotherSize) {
  ActRow short_row = row();
  short_row.obs = ConstObsRow(Row<const float>(obs_.data(), 2));
  EXPECT_EQ(said(pole_spec(), short_row),
            "policy for Pole-v0: the observation has 2 floats; expected 3 floats");
  const std::vector<std::uint8_t> bytes(3);
  short_row.obs = ConstObsRow(Row<const std::uint8_t>(bytes));
  EXPECT_EQ(said(pole_spec(), short_row),
            "policy for Pole-v0: the observation has 3 bytes; expected 3 floats");
  short_row.obs = ConstObsRow();
  EXPECT_EQ(said(pole_spec(), short_row),
            "policy for Pole-v0: the observation has 0 floats; expected 3 floats");
  PolicySpec mixed = pole_spec();
  mixed.obs.of(DType::kUint8).image("camera", 2, 2, 1, 0, 255);
  EXPECT_EQ(said(mixed, row()),
            "policy for Pole-v0: the observation has 3 floats; expected 3 floats and 4 bytes");
}

TEST_F(CheckedPolicyTest, RefusesNanAndNamesTheField) {
  obs_[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(said(pole_spec(), row()),
            "policy for Pole-v0: observation 'joints', element 1 is nan; expected a number");
  obs_[2] = 0;
  obs_[0] = std::nanf("");
  EXPECT_EQ(said(pole_spec(), row()),
            "policy for Pole-v0: observation 'angle' is nan; expected a number");
  obs_[0] = std::numeric_limits<float>::infinity();  // envs may give it
  EXPECT_EQ(said(pole_spec(), row()), "");
}

TEST_F(CheckedPolicyTest, RefusesMasksThatFitNothing) {
  std::vector<std::uint8_t> flags = {1, 1, 1};
  ActRow masked = row();
  masked.mask = ConstMaskRow(flags);
  EXPECT_EQ(said(pole_spec(), masked),
            "policy for Pole-v0: the mask has 3 flags; expected 2, one for each choice");
  flags = {0, 0};
  masked.mask = ConstMaskRow(flags);
  EXPECT_EQ(
      said(pole_spec(), masked),
      "policy for Pole-v0: the mask allows no choice of 'action'; expected a 1 for at least one "
      "of 2");
  flags = {0, 1};
  EXPECT_EQ(said(pole_spec(), masked), "");
  EXPECT_EQ(mask_, flags);
}

TEST_F(CheckedPolicyTest, RefusesAComponentWithoutAChoice) {
  PolicySpec spec = pole_spec();
  spec.action = ActionSpace::multi_binary({"light", "pump"});
  std::vector<std::int32_t> choices(2);
  const std::vector<std::uint8_t> flags = {1, 0, 0, 0};
  ActRow masked = row();
  masked.action = MutableActionRow(Row<std::int32_t>(choices));
  masked.mask = ConstMaskRow(flags);
  EXPECT_EQ(
      said(spec, masked),
      "policy for Pole-v0: the mask allows no choice of 'pump'; expected a 1 for at least one of "
      "2");
}

TEST_F(CheckedPolicyTest, WantsAMaskWhereActionsMayBeForbidden) {
  PolicySpec spec = pole_spec();
  spec.has_masks = true;
  EXPECT_EQ(said(spec, row()),
            "policy for Pole-v0: the mask has 0 flags; expected 2, one for each choice");
}

TEST_F(CheckedPolicyTest, RefusesActionRowsOfAnotherKindOrSize) {
  ActRow wrong = row();
  wrong.action = MutableActionRow(Row<float>(&torque_, 1));
  EXPECT_EQ(
      said(pole_spec(), wrong),
      "policy for Pole-v0: the row for the action holds 1 float; expected 1 int32: actions are "
      "choices");
  wrong.action = MutableActionRow();
  EXPECT_EQ(
      said(pole_spec(), wrong),
      "policy for Pole-v0: the row for the action holds nothing; expected 1 int32: actions are "
      "choices");
  EXPECT_EQ(
      said(arm_spec(), row()),
      "policy for Arm-v0: the row for the action holds 1 int32; expected 1 float: actions are "
      "real numbers");
  wrong.action = MutableActionRow(Row<float>(&torque_, 1));
  EXPECT_EQ(said(arm_spec(), wrong), "");
  EXPECT_EQ(torque_, 0.5f);
  const std::vector<std::uint8_t> flags = {1};
  wrong.mask = ConstMaskRow(flags);
  EXPECT_EQ(said(arm_spec(), wrong),
            "policy for Arm-v0: the mask has 1 flag; expected none: real actions have no mask");
}

TEST_F(CheckedPolicyTest, RefusesAnotherState) {
  ActRow wrong = row();
  wrong.state = Row<float>(state_.data(), 1);
  EXPECT_EQ(said(pole_spec(), wrong),
            "policy for Pole-v0: the row for what the policy remembers holds 1 number; expected 2, "
            "Policy::state_size(), all 0 at the start of an episode");
}

TEST_F(CheckedPolicyTest, WantsAnRngToDrawFrom) {
  EXPECT_EQ(said(pole_spec(), row(), /*deterministic=*/false),
            "policy for Pole-v0: there is no rng to draw the action with; expected one, or "
            "deterministic = true");
}

TEST_F(CheckedPolicyTest, OneWrongRowOfManyStopsAll) {
  const auto policy = make(pole_spec());
  std::vector<ActRow> rows = {row(), row()};
  rows[1].obs = ConstObsRow();
  EXPECT_NE(said_of([&] { policy->act(Row<const ActRow>(rows), true); }), "");
  EXPECT_EQ(calls_, 0);
  EXPECT_EQ(choice_, -1);
}

TEST_F(CheckedPolicyTest, ChecksWhatItIsToExplain) {
  const auto policy = make(pole_spec());
  EXPECT_EQ(said_of([&] { policy->inspect(ConstObsRow(Row<const float>(obs_.data(), 1)), {}); }),
            "policy for Pole-v0: the observation has 1 float; expected 3 floats");
  EXPECT_NE(said_of([&] { policy->inspect(row().obs, {}, Row<const float>(state_.data(), 1)); }),
            "");
  policy->inspect(row().obs, {}, {});
  const std::vector<std::uint8_t> none = {0, 0};  // after an episode
  policy->inspect(row().obs, ConstMaskRow(none), {});
  EXPECT_EQ(calls_, 2);
  AttributionQuestion question;
  question.obs = row().obs;
  EXPECT_EQ(
      said_of([&] { policy->attribute(question); }),
      "policy for Pole-v0: the row for the action holds nothing; expected 1 int32: actions are "
      "choices");
}

}  // namespace
}  // namespace tern
