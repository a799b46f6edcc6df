// Laws of the slots that VecEnv writes into, and a worked example of one rollout of a real env.

#include "replay/rollout_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

using ::testing::ElementsAre;

// 3 float32 values, 2 + 3 choices, two metrics.
EnvSpec small_spec() {
  ActionComponent gear, lever;
  gear.options = {"low", "high"};
  lever.options = {"up", "middle", "down"};
  EnvSpec spec;
  spec.id = "Small-v0";
  spec.obs.vector("x", 3, -1, 1);
  spec.action = ActionSpace::multi_discrete({gear, lever});
  spec.metrics = {"success", "distance"};
  return spec;
}

/// Every byte of a range.
void collect(std::set<const void*>& all, const void* data, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const void* address = static_cast<const char*>(data) + i;
    ASSERT_TRUE(all.insert(address).second) << "two views share memory";
  }
}

TEST(RolloutBuffer, StepTWritesSlotTPlusOneAndSharesNoByteWithOtherSteps) {
  RolloutBuffer buffer(small_spec(), 3, 2);
  std::set<const void*> written;
  for (std::size_t t = 0; t < 3; ++t) {
    const StepBatch batch = buffer.batch(t);
    EXPECT_EQ(batch.obs.data(), buffer.obs(t + 1).data());
    EXPECT_EQ(batch.mask.data(), buffer.mask(t + 1).data());
    EXPECT_EQ(batch.final_obs.data(), buffer.final_obs(t).data());
    collect(written, batch.obs.data(), 2 * 3 * sizeof(float));
    collect(written, batch.final_obs.data(), 2 * 3 * sizeof(float));
    collect(written, batch.mask.data(), 2 * 5);
    collect(written, batch.final_mask.data(), 2 * 5);
    collect(written, buffer.actions(t).data(), 2 * 2 * sizeof(std::int32_t));
    collect(written, batch.reward.data(), 2 * sizeof(float));
    collect(written, batch.terminated.data(), 2);
    collect(written, batch.truncated.data(), 2);
    collect(written, batch.episode_return.data(), 2 * sizeof(double));
    collect(written, batch.episode_length.data(), 2 * sizeof(std::int32_t));
    collect(written, batch.episode_metrics.data(), 2 * 2 * sizeof(float));
  }
  collect(written, buffer.obs(0).data(), 2 * 3 * sizeof(float));
  collect(written, buffer.mask(0).data(), 2 * 5);
}

TEST(RolloutBuffer, WholeRolloutViewsRunOverStepsThenEnvs) {
  RolloutBuffer buffer(small_spec(), 3, 2);
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto k = static_cast<float>(2 * t + i);
      buffer.obs(t)[i][1] = k;
      buffer.mask(t)[i][4] = static_cast<std::uint8_t>(k);
      buffer.actions(t)[i].discrete(1) = static_cast<std::int32_t>(k);
      buffer.batch(t).reward[i] = k;
      buffer.batch(t).truncated[i] = static_cast<std::uint8_t>(k);
    }
  }
  ASSERT_EQ(buffer.all_obs().count(), 6u);
  ASSERT_EQ(buffer.all_masks().count(), 6u);
  ASSERT_EQ(buffer.all_actions().count(), 6u);
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_EQ(buffer.all_obs()[k][1], static_cast<float>(k));
    EXPECT_EQ(buffer.all_masks()[k][4], k);
    EXPECT_EQ(buffer.all_actions()[k].discrete(1), static_cast<std::int32_t>(k));
    EXPECT_EQ(buffer.rewards()[k], static_cast<float>(k));
    EXPECT_EQ(buffer.truncated()[k], k);
  }
}

TEST(RolloutBuffer, CarryOverMovesTheLastSlotToTheFirst) {
  RolloutBuffer buffer(small_spec(), 3, 2);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) buffer.obs(3)[i][j] = static_cast<float>(10 * i + j);
    for (std::size_t j = 0; j < 5; ++j) buffer.mask(3)[i][j] = (i + j) % 2;
  }
  buffer.carry_over();
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(buffer.obs(0)[i][j], static_cast<float>(10 * i + j));
    }
    for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(buffer.mask(0)[i][j], (i + j) % 2);
  }
}

TEST(RolloutBuffer, HoldsBytesAndBoxActions) {
  EnvSpec spec;
  spec.obs = ObsSpace(DType::kUint8).image("screen", 2, 2, 1, 0, 255);
  spec.action = ActionSpace::box({ActionSpace::real("torque", -1, 1)});
  RolloutBuffer buffer(spec, 2, 2);
  buffer.obs(2)[1].bytes()[3] = 200;
  buffer.actions(1)[1][0] = 0.5f;
  buffer.carry_over();
  EXPECT_EQ(buffer.obs(0)[1].bytes()[3], 200);
  EXPECT_EQ(buffer.all_actions()[3][0], 0.5f);
  EXPECT_EQ(buffer.mask(0).row_size(), 0u);
}

// Probe-Discount-v0: observation 0, then 1, then the end; reward 1 at the second step. Five steps
// from a reset cross two ends: step 1 and step 3 terminate, the slots after them start anew.
TEST(RolloutBuffer, AnEnvWritesItsEpisodesIntoTheSlots) {
  VecEnv envs(registry().find("Probe-Discount-v0"), {}, VecEnvOptions());
  RolloutBuffer buffer(envs.spec(), 5, 1);
  envs.reset(buffer.obs(0), buffer.mask(0));
  for (std::size_t t = 0; t < 5; ++t) envs.step(buffer.actions(t), buffer.batch(t));
  const auto slot = [&](std::size_t t) { return buffer.obs(t)[0][0]; };
  EXPECT_THAT(std::vector<float>({slot(0), slot(1), slot(2), slot(3), slot(4), slot(5)}),
              ElementsAre(0, 1, 0, 1, 0, 1));
  const auto list = [](const auto& row) { return std::vector<double>(row.begin(), row.end()); };
  EXPECT_THAT(list(buffer.rewards()), ElementsAre(0, 1, 0, 1, 0));
  EXPECT_THAT(list(buffer.terminated()), ElementsAre(0, 1, 0, 1, 0));
  EXPECT_THAT(list(buffer.truncated()), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_EQ(buffer.final_obs(1)[0][0], 1);
  EXPECT_EQ(buffer.episode_returns()[3], 1);
  EXPECT_EQ(buffer.episode_lengths()[3], 2);
}

}  // namespace
}  // namespace tern
