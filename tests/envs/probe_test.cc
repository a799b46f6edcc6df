// Worked examples: the probes pay what their headers say, so their analytic answers hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/error_of.h"

namespace tern {
namespace {

/// One probe behind VecEnv.
struct Probe {
  explicit Probe(const std::string& id)
      : envs(registry().find(id), {}, {}),
        buffers(envs.spec().obs, envs.spec().action, 0, 1) {
    envs.reset(buffers.batch.obs, buffers.batch.mask);
  }
  float obs(std::size_t i = 0) const { return buffers.batch.obs[0][i]; }
  float step(int action) {
    buffers.actions[0].discrete() = action;
    envs.step(buffers.actions, buffers.batch);
    return buffers.batch.reward[0];
  }
  float step_box(float action) {
    buffers.actions[0][0] = action;
    envs.step(buffers.actions, buffers.batch);
    return buffers.batch.reward[0];
  }
  bool terminated() const { return buffers.batch.terminated[0] != 0; }
  bool truncated() const { return buffers.batch.truncated[0] != 0; }

  VecEnv envs;
  StepBuffers buffers;
};

TEST(Probes, OneStepPaysOneAndEnds) {
  Probe probe("Probe-OneStep-v0");
  for (const int action : {0, 1}) {
    EXPECT_EQ(probe.obs(), 0);
    EXPECT_EQ(probe.step(action), 1);
    EXPECT_TRUE(probe.terminated());
  }
}

TEST(Probes, DiscountPaysOnlyItsSecondStep) {
  Probe probe("Probe-Discount-v0");
  for (const int action : {0, 1}) {
    EXPECT_EQ(probe.obs(), 0);
    EXPECT_EQ(probe.step(action), 0);
    EXPECT_FALSE(probe.terminated());
    EXPECT_EQ(probe.obs(), 1);
    EXPECT_EQ(probe.step(action), 1);
    EXPECT_TRUE(probe.terminated());
  }
}

TEST(Probes, ObservationPaysWhatItShowed) {
  Probe probe("Probe-Observation-v0");
  std::map<float, int> shown;
  for (int i = 0; i < 1000; ++i) {
    const float obs = probe.obs();
    ++shown[obs];
    ASSERT_EQ(probe.step(i % 2), obs);
    ASSERT_TRUE(probe.terminated());
  }
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_NEAR(shown[-1], 500, 5 * 15.8);  // five standard deviations
}

TEST(Probes, ActionPaysByTheAction) {
  Probe probe("Probe-Action-v0");
  EXPECT_EQ(probe.step(0), -1);
  EXPECT_EQ(probe.step(1), 1);
  EXPECT_TRUE(probe.terminated());
}

TEST(Probes, ObservationActionPaysAMatch) {
  Probe probe("Probe-ObservationAction-v0");
  for (int i = 0; i < 100; ++i) {
    const int matching = probe.obs() > 0 ? 1 : 0;
    const bool matches = i % 3 != 0;
    ASSERT_EQ(probe.step(matches ? matching : 1 - matching), matches ? 1 : -1);
    ASSERT_TRUE(probe.terminated());
  }
}

TEST(Probes, TruncationIsCutAndNeverEnds) {
  Probe probe("Probe-Truncation-v0");
  for (int t = 1; t <= 10; ++t) {
    EXPECT_EQ(probe.step(t % 2), 1);
    EXPECT_FALSE(probe.terminated());
    EXPECT_EQ(probe.truncated(), t % 5 == 0);
  }
}

TEST(Probes, MaskForbidsTheSideItShows) {
  Probe probe("Probe-Mask-v0");
  for (int episode = 0; episode < 50; ++episode) {
    for (const float step : {0.0f, 1.0f}) {
      ASSERT_EQ(probe.obs(1), step);
      const int forbidden = probe.obs() < 0 ? 0 : 2;
      const MaskRow mask = probe.buffers.batch.mask[0];
      for (int action = 0; action < 3; ++action) {
        ASSERT_EQ(mask[static_cast<std::size_t>(action)], action != forbidden);
      }
      ASSERT_EQ(probe.step(episode % 2 == 0 ? 2 - forbidden : 1), episode % 2 == 0 ? 1 : 0);
      ASSERT_EQ(probe.terminated(), step == 1);
    }
  }
  const int forbidden = probe.obs() < 0 ? 0 : 2;
  EXPECT_EQ(error_of([&] { probe.step(forbidden); }),
            "Probe-Mask-v0: the masked action " + std::to_string(forbidden) +
                " was taken; the agent does not honour action masks");
}

TEST(Probes, ContinuousPaysTheSquaredMiss) {
  Probe probe("Probe-Continuous-v0");
  for (const float miss : {0.0f, 0.5f, -3.0f}) {
    const float obs = probe.obs();
    EXPECT_NEAR(probe.step_box(obs / 2 + miss), -miss * miss, 1e-5);
    EXPECT_TRUE(probe.terminated());
  }
}

TEST(Probes, ContinuousTwoStepPaysBackWhatWasChosen) {
  Probe probe("Probe-ContinuousTwoStep-v0");
  for (const float choice : {0.9f, -0.5f, 2.0f}) {  // 2 counts as 1
    const float kept = std::min(choice, 1.0f);
    ASSERT_EQ(probe.obs(0), 0);
    EXPECT_NEAR(probe.step_box(choice), -kept * kept / 2, 1e-6);
    EXPECT_FALSE(probe.terminated());
    EXPECT_EQ(probe.obs(1), kept);
    EXPECT_EQ(probe.step_box(0.3f), kept);
    EXPECT_TRUE(probe.terminated());
  }
}

TEST(Probes, EntropyLeadsToFreedomOrToTheNarrowWay) {
  Probe probe("Probe-Entropy-v0");
  EXPECT_EQ(probe.step_box(-0.1f), 0);
  ASSERT_EQ(probe.obs(), -1);
  EXPECT_EQ(probe.step_box(0.7f), 0);
  EXPECT_TRUE(probe.terminated());
  EXPECT_EQ(probe.step_box(0.1f), 0);
  ASSERT_EQ(probe.obs(), 1);
  EXPECT_NEAR(probe.step_box(0.2f), 0.9 - 0.4, 1e-6);
  EXPECT_TRUE(probe.terminated());
}

TEST(Probes, NoisyRewardPaysBothWaysInTurnForEver) {
  Probe probe("Probe-NoisyReward-v0");
  int firsts = 0;
  for (int episode = 0; episode < 200; ++episode) {
    const float first = probe.step_box(0);
    EXPECT_EQ(std::abs(first), 1);
    firsts += first > 0 ? 1 : 0;
    for (int t = 2; t <= 10; ++t) EXPECT_EQ(probe.step_box(0), t % 2 == 0 ? -first : first);
    EXPECT_FALSE(probe.terminated());
    EXPECT_TRUE(probe.truncated());
  }
  EXPECT_NEAR(firsts, 100, 30);  // 4 standard deviations of 7
}

}  // namespace
}  // namespace tern
