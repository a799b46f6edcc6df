// Proof: determinism by hash. An env built in-tree and the same file built as a plugin, by this
// compiler or another, with more instructions or fewer, gives the same bits through VecEnv.

#include <gtest/gtest.h>

#include <filesystem>

#include "envs/registry/registry.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

struct Twin {
  const char* plugin;
  const char* id;
  ParamValues params;
  int steps;  // enough for many episodes
};

void PrintTo(const Twin& twin, std::ostream* out) { *out << twin.plugin; }

class SameBits : public testing::TestWithParam<Twin> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(path())) GTEST_SKIP() << "not built here: " << path();
  }
  std::string path() const { return test_plugin(GetParam().plugin); }
};

TEST_P(SameBits, PluginGivesTheBuiltInTrajectory) {
  const EnvEntry& built_in = registry().find(GetParam().id);
  const EnvEntry& plugin = registry().find(path());
  for (const std::size_t count : {1, 8}) {
    EXPECT_EQ(trajectory_hash(plugin, GetParam().params, count, GetParam().steps),
              trajectory_hash(built_in, GetParam().params, count, GetParam().steps))
        << count << " envs";
  }
}

TEST_P(SameBits, ThreadsDoNotChangeAPluginsTrajectory) {
  const EnvEntry& plugin = registry().find(path());
  const std::uint64_t one = trajectory_hash(plugin, GetParam().params, 8, 500, 1);
  EXPECT_EQ(trajectory_hash(plugin, GetParam().params, 8, 500, 2), one);
  EXPECT_EQ(trajectory_hash(plugin, GetParam().params, 8, 500, 4), one);
}

INSTANTIATE_TEST_SUITE_P(
    Plugins, SameBits,
    testing::Values(Twin{"cartpole", "CartPole-v1", {}, 5000},
                    Twin{"cartpole_native", "CartPole-v1", {}, 5000},
                    Twin{"cartpole_clang", "CartPole-v1", {}, 5000},
                    Twin{"acrobot", "Acrobot-v1", {}, 2000},
                    Twin{"mountain_car", "MountainCar-v0", {}, 2000},
                    Twin{"mountain_car_continuous", "MountainCarContinuous-v0", {}, 3000},
                    Twin{"pendulum", "Pendulum-v1", {}, 3000},
                    Twin{"catch", "Catch-v0", {}, 2000},
                    Twin{"mask", "Probe-Mask-v0", {}, 2000},
                    Twin{"frozen_lake", "FrozenLake-v1", {{"map", "8x8", "test"}}, 3000}),
    [](const testing::TestParamInfo<Twin>& info) { return std::string(info.param.plugin); });

TEST(SameBits, HashSeesASingleOtherParameter) {
  const EnvEntry& lake = registry().find("FrozenLake-v1");
  EXPECT_NE(trajectory_hash(lake, {}, 1, 500),
            trajectory_hash(lake, {{"slippery", "false", "test"}}, 1, 500));
}

}  // namespace
}  // namespace tern
