// Oracle: returns and lengths of BipedalWalker's episodes under fixed policies against 300 to 1000
// of Gymnasium with Box2D 2.3 (tests/data/golden/bipedal_walker.json, which says how they were made).
//
// Doing nothing is nearly the same fall each time: mean return within 0.05, mean length within 3.
// Other policies: means within 4 standard errors of the difference. Each takes enough episodes to
// notice a wrong constant, few enough for every test run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "envs/registry/registry.h"
#include "tests/envs/walker_episode.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

using Action = WalkerEpisode::Action;
using Json = nlohmann::json;

/// What a policy knows: the step, the observation and random numbers of its own.
using Policy = Action (*)(int t, const std::vector<float>& obs, Rng& rng, const Action& last);

Action do_nothing(int, const std::vector<float>&, Rng&, const Action&) { return {}; }

Action at_random(int, const std::vector<float>&, Rng& rng, const Action&) {
  Action action;
  for (float& value : action) value = static_cast<float>(rng.uniform(-1, 1));
  return action;
}

/// A random action for ten steps: large movements, many falls.
Action held_for_ten(int t, const std::vector<float>& obs, Rng& rng, const Action& last) {
  return t % 10 == 0 ? at_random(t, obs, rng, last) : last;
}

/// Swings the legs against each other with a period of 0.6 s, hip and knee pulled to their targets;
/// it hops on the spot until it falls. The same formula was run in Gymnasium.
Action gait(int t, const std::vector<float>& obs, Rng&, const Action&) {
  constexpr double kPi = 3.14159265358979323846;
  const auto at = [&](std::size_t i) { return static_cast<double>(obs[i]); };
  Action action;
  for (std::size_t leg = 0; leg < 2; ++leg) {
    const double phase = 2 * kPi * t / 30 + kPi * static_cast<double>(leg);
    const std::size_t i = 4 + 5 * leg;
    const double hip = 3 * (0.2 + 0.4 * std::sin(phase) - at(i)) - 0.3 * at(i + 1) + 0.5 * at(0);
    const double knee = 4.5 * (0.5 + 0.3 * std::cos(phase) - at(i + 2)) - 0.3 * at(i + 3);
    action[2 * leg] = static_cast<float>(std::clamp(hip, -1.0, 1.0));
    action[2 * leg + 1] = static_cast<float>(std::clamp(knee, -1.0, 1.0));
  }
  return action;
}

struct Sample {
  std::vector<double> values;
  double mean() const {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }
  double variance() const {
    double sum = 0;
    for (const double value : values) sum += (value - mean()) * (value - mean());
    return sum / static_cast<double>(values.size() - 1);
  }
};

struct Episodes {
  Sample returns, lengths;
};

Episodes play(const std::string& id, Policy policy, int count) {
  const int limit = registry().find(id).spec.max_episode_steps;
  Episodes episodes;
  Rng rng(0, "walker policy");
  for (int i = 0; i < count; ++i) {
    WalkerEpisode walk({}, static_cast<std::uint64_t>(i), id);
    Action action = {};
    double sum = 0;
    int t = 0;
    for (bool has_ended = false; !has_ended && t < limit; ++t) {
      action = policy(t, walk.obs, rng, action);
      const StepResult result = walk.step(action);
      sum += static_cast<double>(result.reward);
      has_ended = result.terminated;
    }
    episodes.returns.values.push_back(sum);
    episodes.lengths.values.push_back(t);
  }
  return episodes;
}

Json golden(const std::string& id, const std::string& policy) {
  std::ifstream file(source_path("tests/data/golden/bipedal_walker.json"));
  return Json::parse(file)["episodes"][id][policy];
}

void expect_alike(const Sample& ours, const Json& theirs, const char* what) {
  const double deviation = theirs["sd"];
  const double error = std::sqrt(ours.variance() / static_cast<double>(ours.values.size()) +
                                 deviation * deviation / theirs["n"].get<double>());
  EXPECT_NEAR(ours.mean(), theirs["mean"].get<double>(), 4 * error) << what;
}

void expect_alike(const std::string& id, const std::string& name, Policy policy, int count) {
  SCOPED_TRACE(id + ", " + name);
  const Episodes ours = play(id, policy, count);
  const Json theirs = golden(id, name);
  expect_alike(ours.returns, theirs["return"], "return");
  expect_alike(ours.lengths, theirs["length"], "length");
}

TEST(BipedalWalkerOracle, DoingNothingIsTheSameFall) {
  for (const char* id : {"BipedalWalker-v3", "BipedalWalkerHardcore-v3"}) {
    const Episodes ours = play(id, do_nothing, 50);
    const Json theirs = golden(id, "zero");
    // 2.4's own limits of joints would make it 0.11.
    EXPECT_NEAR(ours.returns.mean(), theirs["return"]["mean"].get<double>(), 0.05) << id;
    EXPECT_NEAR(ours.lengths.mean(), theirs["length"]["mean"].get<double>(), 3.0) << id;
  }
}

TEST(BipedalWalkerOracle, RandomActionsLeadAsFar) {
  expect_alike("BipedalWalker-v3", "random", at_random, 50);
  expect_alike("BipedalWalkerHardcore-v3", "random", at_random, 30);
}

TEST(BipedalWalkerOracle, RandomActionsHeldForTenStepsLeadAsFar) {
  expect_alike("BipedalWalker-v3", "held", held_for_ten, 200);
  expect_alike("BipedalWalkerHardcore-v3", "held", held_for_ten, 200);
}

TEST(BipedalWalkerOracle, AGaitOfOursLeadsAsFar) {
  expect_alike("BipedalWalker-v3", "gait", gait, 200);
}

}  // namespace
}  // namespace tern
