// Oracle: the reference's random policy over 1000 episodes (tests/data/golden/minatar_random.json)
// against 10000 of ours (2000 of Freeway), with all six moves and with each game's own; fixed
// seeds.
//
// Tolerances: means of return and length within 4 standard errors of their difference; counts of
// each reward within 4 times 1.5 standard deviations of a Poisson count (rewards come in runs); of
// lengths, the reference's quantile at p lies between ours at p - e and p + e, e being 4 standard
// errors of a proportion at 1000 episodes. Seen to catch: gold in 1/2 of Asterix's spawns, an alien shot a
// frame later, a chicken that rests a frame longer. Too coarse for: sticky actions of 0, a spawn a
// frame later in Seaquest; those the worked examples hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kEpisodes = 10'000, kLongEpisodes = 2000;  // of 2501 frames: Freeway
constexpr std::size_t kReferenceEpisodes = 1000;

struct Sample {
  std::vector<double> returns, lengths;
  std::map<int, double> rewards;  // counts
  double frames = 0;
};

/// Each of 500 envs plays as many episodes: no choice among them by how long they take.
Sample play(const std::string& id) {
  constexpr std::size_t kEnvs = 500;
  VecEnv envs(registry().find(id), {}, {.num_envs = kEnvs, .seed = 11});
  const std::size_t episodes = envs.spec().max_episode_steps > 0 ? kLongEpisodes : kEpisodes;
  StepBuffers buffers(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), kEnvs);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  Rng rng(12, "policy");
  Sample sample;
  std::vector<std::size_t> played(kEnvs);
  while (sample.returns.size() < episodes) {
    for (std::size_t i = 0; i < kEnvs; ++i) {
      random_action(envs.spec().action, {}, rng, buffers.actions[i]);
    }
    envs.step(buffers.actions, buffers.batch);
    const StepBatch& batch = buffers.batch;
    for (std::size_t i = 0; i < kEnvs; ++i) {
      if (played[i] == episodes / kEnvs) continue;
      sample.frames += 1;
      if (batch.reward[i] != 0) ++sample.rewards[static_cast<int>(batch.reward[i])];
      if (!batch.terminated[i] && !batch.truncated[i]) continue;
      ++played[i];
      sample.returns.push_back(batch.episode_return[i]);
      sample.lengths.push_back(batch.episode_length[i]);
    }
  }
  return sample;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double variance(const std::vector<double>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return sum / static_cast<double>(values.size() - 1);
}

void expect_same_mean(const std::vector<double>& ours, const Json& theirs, const char* what) {
  const double error = std::sqrt(variance(ours) / static_cast<double>(ours.size()) +
                                 std::pow(theirs["std"].get<double>(), 2) / kReferenceEpisodes);
  EXPECT_NEAR(mean(ours), theirs["mean"].get<double>(), 4 * error) << what;
}

void expect_same_quantiles(std::vector<double> ours, const Json& theirs) {
  std::sort(ours.begin(), ours.end());
  const auto quantile = [&](double p) {
    const double at = std::clamp(p, 0.0, 1.0) * static_cast<double>(ours.size() - 1);
    return ours[static_cast<std::size_t>(at)];
  };
  for (const int percent : {5, 25, 50, 75, 95, 99}) {
    const double p = percent / 100.0;
    const double slack = 4 * std::sqrt(p * (1 - p) / kReferenceEpisodes);
    const double value = theirs["p" + std::to_string(percent)];
    EXPECT_GE(value, quantile(p - slack)) << "p" << percent;
    EXPECT_LE(value, quantile(p + slack)) << "p" << percent;
  }
  EXPECT_LE(ours.front(), theirs["min"].get<double>());
}

struct Case {
  std::string name, key;  // of the game, here and in the file
  bool has_all_moves;

  std::string id() const { return "MinAtar-" + name + (has_all_moves ? "-v0" : "-v1"); }
};

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.id(); }

class MinAtarOracle : public testing::TestWithParam<Case> {};

TEST_P(MinAtarOracle, TheRandomPolicyFaresAsOnTheReference) {
  std::ifstream file(source_path("tests/data/golden/minatar_random.json"));
  const Json theirs = Json::parse(
      file)["games"][GetParam().key][GetParam().has_all_moves ? "all6" : "minimal"];
  ASSERT_EQ(theirs["episodes"], kReferenceEpisodes);
  const Sample ours = play(GetParam().id());

  expect_same_mean(ours.returns, theirs["return"], "return");
  expect_same_mean(ours.lengths, theirs["length"], "length");
  expect_same_quantiles(ours.lengths, theirs["length"]);
  const double frames = theirs["frames"];
  for (const auto& [text, count] : theirs["reward_counts"].items()) {
    const int reward = static_cast<int>(std::stod(text));
    if (reward == 0) continue;
    const auto found = ours.rewards.find(reward);
    const double expected = found == ours.rewards.end() ? 0 : found->second * frames / ours.frames;
    EXPECT_NEAR(count.get<double>(), expected, 4 * 1.5 * std::sqrt(expected + 1)) << reward;
  }
  for (const auto& [reward, count] : ours.rewards) {  // none that the reference never pays
    if (count < 100) continue;                        // of which it may have seen none
    EXPECT_TRUE(theirs["reward_counts"].contains(std::to_string(reward) + ".0")) << reward;
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool has_all : {true, false}) {
    all.push_back({"Breakout", "breakout", has_all});
    all.push_back({"Asterix", "asterix", has_all});
    all.push_back({"Freeway", "freeway", has_all});
    all.push_back({"Seaquest", "seaquest", has_all});
    all.push_back({"SpaceInvaders", "space_invaders", has_all});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Games, MinAtarOracle, testing::ValuesIn(cases()),
                         [](const testing::TestParamInfo<Case>& info) {
                           return info.param.name + (info.param.has_all_moves ? "_v0" : "_v1");
                         });

}  // namespace
}  // namespace tern
