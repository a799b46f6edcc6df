// Proof: worked examples by hand, and error texts, of actions between -1 and 1 that stand for the
// env's bounds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "envs/registry/registry.h"
#include "tests/envs/env_params.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Shows the action that it got; a key means the upper bounds.
class Motors final : public Env {
 public:
  struct Params {
    bool bounded = true;
    template <class V>
    void visit(V& v) {
      v("bounded", bounded, "the voltage has a lower bound");
    }
  };
  explicit Motors(const Params& params) {
    spec_.id = "Motors-v0";
    spec_.obs.vector("got", 3, -kUnbounded, kUnbounded);
    spec_.action = ActionSpace::box(
        {ActionSpace::real("voltage", params.bounded ? -100 : -kUnbounded, 100, "V"),
         ActionSpace::real("valve", 0, 10, "mm"), ActionSpace::real("fixed", 3, 3)});
    spec_.max_episode_steps = 4;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override {
    for (std::size_t i = 0; i < 3; ++i) obs[i] = 0;
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    for (std::size_t i = 0; i < 3; ++i) obs[i] = action[i];
    return {1, false, false};
  }
  bool human_action(const Keys&, MutableActionRow action) const override {
    action[0] = 50;
    action[1] = 10;
    action[2] = 3;
    return true;
  }

 private:
  EnvSpec spec_;
};

TEST(RescaleAction, PresentsTheBoundsAsMinusOneAndOne) {
  EnvRegistry envs;
  envs.add<Motors>();
  const auto env = envs.find("Motors-v0").make(params({{"rescale_action", "true"}}));
  const std::vector<ActionComponent>& components = env->spec().action.components();
  for (const ActionComponent& component : components) {
    EXPECT_EQ(component.low, -1);
    EXPECT_EQ(component.high, 1);
  }
  EXPECT_EQ(components[0].name, "voltage");
  EXPECT_EQ(components[0].unit, "100 V");
  EXPECT_EQ(components[1].unit, "");  // 0 is not the middle
  std::vector<float> obs(3), action(3);
  Rng rng(0, "env");
  const auto got = [&](std::vector<float> given) {
    env->step(ActionRow(Row<const float>(given)), rng, ObsRow(FloatRow(obs)));
    return obs;
  };
  EXPECT_THAT(got({-1, -1, -1}), ElementsAre(-100, 0, 3));
  EXPECT_THAT(got({0, 0, 0}), ElementsAre(0, 5, 3));
  EXPECT_THAT(got({1, 1, 1}), ElementsAre(100, 10, 3));
  EXPECT_THAT(got({2, 0.5f, 9}), ElementsAre(200, 7.5f, 3));  // the env clamps, if it wants to
  EXPECT_THAT(got({3e38f, 0, 0})[0], std::numeric_limits<float>::max());
  ASSERT_TRUE(env->human_action(Keys(), MutableActionRow(FloatRow(action))));
  EXPECT_THAT(action, ElementsAre(0.5f, 1, 0));
}

TEST(RescaleAction, RefusesChoicesAndMissingBounds) {
  EnvRegistry envs;
  envs.add<Motors>();
  EXPECT_THAT(
      error_of(
          [&] {
            envs.find("Motors-v0").make(params({{"rescale_action", "true"}, {"bounded", "false"}}));
          },
          ExitCode::kUsage),
      AllOf(HasSubstr("test.yaml:3: env.rescale_action: 'voltage'"), HasSubstr("[-inf, 100]")));
  EXPECT_THAT(error_of(
                  [] {
                    registry().find("CartPole-v1").make(params({{"rescale_action", "true"}}));
                  },
                  ExitCode::kUsage),
              HasSubstr("the actions of CartPole-v1 are choices"));
}

}  // namespace
}  // namespace tern
