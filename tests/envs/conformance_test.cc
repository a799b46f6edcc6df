// Conformance: every registered env at several parameter settings keeps the contract.

#include "envs/conformance/conformance.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "envs/registry/registry.h"

namespace tern {
namespace {

struct Setting {
  std::string id;
  ParamValues params;
};

std::string setting_name(const testing::TestParamInfo<Setting>& info) {
  std::string name = info.param.id;
  for (const ParamValue& value : info.param.params) name += "_" + value.key + "_" + value.text;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

ParamValue param(const std::string& key, const std::string& text) { return {key, text, "test"}; }

/// Each env as it stands, and those with parameters in other forms of themselves.
std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const std::string& id : registry().ids()) all.push_back({id, {}});
  all.push_back({"Acrobot-v1", {param("nips_dynamics", "true")}});
  all.push_back({"Acrobot-v1", {param("torque", "10")}});
  all.push_back({"CartPole-v1", {param("gravity", "0"), param("force", "50")}});
  all.push_back({"CartPole-v1", {param("sutton_barto_reward", "true")}});
  all.push_back({"MountainCar-v0", {param("force", "0.01"), param("goal_velocity", "0.05")}});
  all.push_back({"MountainCar-v0", {param("gravity", "0")}});
  all.push_back({"MountainCarContinuous-v0", {param("power", "0.01")}});
  all.push_back({"MountainCarContinuous-v0", {param("gravity", "0.01")}});
  all.push_back({"Pendulum-v1", {param("gravity", "0")}});
  all.push_back({"Pendulum-v1", {param("gravity", "9.81")}});
  all.push_back({"FrozenLake-v1", {param("slippery", "false")}});
  all.push_back({"FrozenLake-v1", {param("map", "8x8"), param("slippery", "false")}});
  all.push_back({"FrozenLake-v1", {param("map", "SFH/FFS/HFG/SFF")}});
  all.push_back({"FrozenLake-v1", {param("map", "SG")}});
  all.push_back({"FrozenLake-v1", {param("map", "generated")}});
  all.push_back({"FrozenLake-v1", {param("map", "generated"), param("size", "5")}});
  // Wrappers, each and together.
  all.push_back({"CartPole-v1", {param("action_repeat", "3")}});
  all.push_back({"CartPole-v1", {param("time_aware", "true")}});
  all.push_back({"CartPole-v1", {param("frame_stack", "4"), param("time_aware", "true")}});
  all.push_back({"MinAtar-Breakout-v1", {param("frame_stack", "2")}});
  all.push_back({"Pendulum-v1", {param("sticky_actions", "0.25")}});
  all.push_back({"Probe-Mask-v0", {param("sticky_actions", "0.5")}});
  all.push_back({"FrozenLake-v1", {param("sticky_actions", "0.5"), param("action_repeat", "2")}});
  all.push_back({"Pendulum-v1", {param("action_delay", "3")}});
  all.push_back({"Pendulum-v1", {param("rescale_action", "true"), param("action_delay", "1")}});
  all.push_back({"CartPole-v1", {param("max_episode_steps", "30")}});
  all.push_back({"Probe-Mask-v0", {param("action_delay", "1")}});
  all.push_back({"Catch-v0",
                 {param("pixels", "[24, 20]"), param("frame_skip", "2"), param("grey", "true"),
                  param("resize", "[9, 7]"), param("sticky_actions", "0.1")}});
  all.push_back({"CliffWalking-v1", {param("slippery", "true"), param("max_steps", "40")}});
  all.push_back({"Taxi-v3", {param("mask", "false")}});
  all.push_back({"Blackjack-v1", {param("natural", "true")}});
  all.push_back({"Blackjack-v1", {param("sab", "true")}});
  all.push_back({"DeepSea-v0", {param("size", "2")}});
  all.push_back({"DeepSea-v0", {param("mapping", "level"), param("size", "33")}});
  all.push_back({"MemoryChain-v0", {param("length", "2"), param("bits", "32")}});
  all.push_back({"BitFlip-v0", {param("bits", "2")}});
  all.push_back({"Bandit-v0", {param("arms", "2"), param("noise", "3")}});
  for (const char* form : {"full", "one_hot", "flat"}) {
    all.push_back({"MiniGrid-DoorKey-5x5-v0", {param("observation", form)}});
    all.push_back({"MiniGrid-KeyCorridorS3R2-v0", {param("observation", form)}});
    all.push_back({"MiniGrid-Dynamic-Obstacles-Random-5x5-v0", {param("observation", form)}});
  }
  all.push_back({"MiniGrid-Empty-8x8-v0", {param("size", "4"), param("start", "random")}});
  all.push_back({"MiniGrid-FourRooms-v0", {param("size", "8")}});
  all.push_back({"MiniGrid-MultiRoom-N6-v0", {param("rooms", "1")}});
  all.push_back({"MiniGrid-MultiRoom-N6-v0", {param("rooms", "8"), param("room_size", "5")}});
  all.push_back({"MiniGrid-KeyCorridorS3R1-v0", {param("object", "key"), param("rows", "6")}});
  all.push_back({"MiniGrid-LavaCrossingS9N1-v0", {param("size", "5"), param("crossings", "2")}});
  all.push_back({"MiniGrid-Dynamic-Obstacles-8x8-v0", {param("obstacles", "0")}});
  for (const char* name : {"Breakout", "Asterix", "Freeway", "Seaquest", "SpaceInvaders"}) {
    const std::string id = std::string("MinAtar-") + name;
    all.push_back({id + "-v1", {param("sticky_actions", "0")}});
    all.push_back({id + "-v0", {param("sticky_actions", "0.5"), param("action_repeat", "2")}});
  }
  for (const char* id : {"MinAtar-Asterix-v1", "MinAtar-Seaquest-v1", "MinAtar-SpaceInvaders-v1"}) {
    all.push_back({id, {param("difficulty_ramping", "false")}});
  }
  // Games
  all.push_back({"Snake-v1", {param("size", "4"), param("mask", "safe")}});
  all.push_back({"Snake-v1", {param("size", "16"), param("max_steps", "7")}});
  all.push_back({"Game2048-v1", {param("target", "16")}});
  all.push_back({"Tetris-v1", {param("pieces", "uniform"), param("scoring", "classic")}});
  all.push_back({"Tetris-v1", {param("actions", "moves"), param("pieces", "uniform")}});
  all.push_back({"CarRacing-v3", {param("continuous", "false"), param("domain_randomize", "true")}});
  all.push_back({"CarRacing-v3", {param("lap_complete_percent", "0.5")}});
  for (const char* id : {"BipedalWalker-v3", "BipedalWalkerHardcore-v3"}) {
    all.push_back({id, {param("gravity", "0"), param("motor_torque", "200")}});
    all.push_back({id, {param("roughness", "3"), param("friction", "0")}});
  }
  for (const char* id : {"LunarLander-v3", "LunarLanderContinuous-v3"}) {
    all.push_back({id, {param("enable_wind", "true"), param("wind_power", "20")}});
    all.push_back({id, {param("gravity", "-0.5"), param("turbulence_power", "0")}});
  }
  all.push_back({"ConnectFour-v1", {param("opponent", "none")}});
  all.push_back({"ConnectFour-v1", {param("opponent", "greedy"), param("first", "opponent")}});
  all.push_back({"ConnectFour-v1", {param("opponent", "minimax"), param("depth", "2")}});
  all.push_back({"FlappyBird-v1", {param("gap", "200"), param("speed", "8")}});
  all.push_back({"FlappyBird-v1", {param("spacing", "400"), param("max_steps", "30")}});
  all.push_back({"Pong-v1", {param("opponent", "1"), param("speed", "6")}});
  all.push_back({"Pong-v1", {param("points", "1"), param("opponent", "0")}});
  return all;
}

class EveryEnv : public testing::TestWithParam<Setting> {};

TEST_P(EveryEnv, KeepsTheContract) {
  const EnvEntry& entry = registry().find(GetParam().id);
  for (const std::uint64_t seed : {0, 1, 2}) {
    ConformanceOptions options;
    options.seed = seed;
    options.bench_seconds = 0;
    const ConformanceReport report = check_conformance(entry, GetParam().params, options);
    EXPECT_EQ(report.findings.size(), conformance_rules().size());
    for (const Finding& finding : report.findings) {
      EXPECT_TRUE(finding.passed) << finding.rule << ": " << finding.message;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, EveryEnv, testing::ValuesIn(settings()), setting_name);

TEST(Conformance, MeasuresTheSpeedOfAnEnvThatPasses) {
  ConformanceOptions options;
  options.bench_seconds = 0.01;
  EXPECT_GT(check_conformance(registry().find("CartPole-v1"), {}, options).steps_per_second, 1000);
}

TEST(Conformance, LeavesBadParametersToTheCaller) {
  EXPECT_THROW(check_conformance(registry().find("Pendulum-v1"), {param("gravitas", "1")}), Error);
}

}  // namespace
}  // namespace tern
