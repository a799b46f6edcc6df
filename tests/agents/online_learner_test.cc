// A program that owns the loop: step by step the same as a training, to the bit; acting allocates
// nothing; no env is made; what is out of order or no row of the env is refused and changes
// nothing.

#include "agents/run/online_learner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/api.h"
#include "agents/run/resolve_config.h"
#include "agents/training/factory.h"
#include "agents/training/learn_online.h"
#include "agents/training/platform.h"
#include "agents/training/training_envs.h"
#include "core/error.h"
#include "envs/registry/registry.h"
#include "tests/agents/training.h"
#include "tests/allocations/counting_new.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using ::testing::HasSubstr;

/// Steps an env as a program does, which knows nothing of same-step resets: a VecEnv beside, whose
/// rows are taken apart.
class Program {
 public:
  explicit Program(const std::string& id)
      : env_(registry().find(id), {}, options()), rows_(rows()) {
    env_.reset(rows_.batch.obs, rows_.batch.mask);
  }
  const EnvSpec& spec() const { return env_.spec(); }

  /// The observation after the newest step enters the moments only now.
  void show(OnlineLearner& learner) {
    if (is_new_) learner.begin(rows_.batch.obs[0], rows_.batch.mask[0]);
    learner.act();
  }
  void take(OnlineLearner& learner, int steps, bool learns = true) {
    for (int t = 0; t < steps; ++t) {
      if (is_new_) learner.begin(rows_.batch.obs[0], rows_.batch.mask[0]);
      const ActionRow action = learner.act();
      for (std::size_t i = 0; i < action.size(); ++i) {
        if (spec().action.is_box()) {
          rows_.actions[0][i] = action[i];
        } else {
          rows_.actions[0].discrete(i) = action.discrete(i);
        }
      }
      env_.step(rows_.actions, rows_.batch);
      const StepBatch& now = rows_.batch;
      is_new_ = now.terminated[0] || now.truncated[0];
      learner.observe({now.reward[0], now.terminated[0] != 0, now.truncated[0] != 0,
                       is_new_ ? now.final_obs[0] : now.obs[0],
                       is_new_ ? now.final_mask[0] : now.mask[0]});
      if (learns) learner.learn();
    }
  }

 private:
  static VecEnvOptions options() {
    VecEnvOptions options;
    options.seed = 3;
    return options;
  }
  StepBuffers rows() const { return {spec().obs, spec().action, spec().metrics.size(), 1}; }

  VecEnv env_;
  StepBuffers rows_;
  bool is_new_ = true;
};

using Settings = std::vector<ParamValue>;

const Settings kSmall = {{"buffer_size", "400", ""},   {"learning_starts", "50", ""},
                         {"batch_size", "16", ""},     {"total_steps", "600", ""},
                         {"hidden_sizes", "[16]", ""}, {"seed", "3", ""},
                         {"train_every", "2", ""}};

Settings with(Settings settings, const Settings& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

struct Subject {
  std::string agent, env;
  Settings settings;
};
void PrintTo(const Subject& subject, std::ostream* out) {
  *out << subject.agent << " on " << subject.env;
}

std::unique_ptr<OnlineLearner> make(const Subject& subject) {
  OnlineRequest request;
  request.env = registry().find(subject.env).spec;
  request.agent = subject.agent;
  request.settings = subject.settings;
  return make_online_learner(request);
}

/// What a policy says of some rows, to the bit.
std::vector<double> thoughts(Policy& policy, const EnvSpec& spec) {
  std::vector<double> all;
  const std::vector<std::uint8_t> mask(spec.action.mask_size(), 1);
  for (int k = 0; k < 5; ++k) {
    const std::vector<float> obs(spec.obs.num_floats(), 0.3f * static_cast<float>(k - 2));
    const Inspection seen = policy.inspect(ConstObsRow(Row<const float>(obs)), mask);
    all.insert(all.end(), seen.action_values.begin(), seen.action_values.end());
    all.insert(all.end(), seen.probabilities.begin(), seen.probabilities.end());
    all.insert(all.end(), seen.mean.begin(), seen.mean.end());
    if (seen.value) all.push_back(*seen.value);
  }
  return all;
}

class OnlineLearns : public ::testing::TestWithParam<Subject> {};
INSTANTIATE_TEST_SUITE_P(
    Agents, OnlineLearns,
    ::testing::Values(Subject{"dqn", "CartPole-v1",
                              with(kSmall, {{"target_update_every", "60", ""}})},
                      Subject{"dqn", "CartPole-v1",
                              with(kSmall, {{"normalize_obs", "true", ""},
                                            {"prioritized", "true", ""},
                                            {"n_step", "3", ""}})},
                      Subject{"sac", "Pendulum-v1", kSmall}, Subject{"sac", "CartPole-v1", kSmall},
                      Subject{"sac", "Pendulum-v1", with(kSmall, {{"use_sde", "true", ""}})},
                      Subject{"sac", "Pendulum-v1",
                              with(kSmall, {{"recurrent", "gru", ""},
                                            {"recurrent_size", "8", ""},
                                            {"batch_size", "64", ""}})},
                      Subject{"td3", "Pendulum-v1", kSmall},
                      Subject{"tqc", "Pendulum-v1", kSmall}));

TEST_P(OnlineLearns, WhatATrainingLearnsToTheBit) {
  const Subject subject = GetParam();
  Program program(subject.env);
  const auto learner = make(subject);
  program.take(*learner, 600);
  program.show(*learner);

  const RunConfig config = resolve_run_config(config_from_words({subject.agent, subject.env}),
                                              with(subject.settings, {{"num_envs", "1", ""}}));
  VecEnv envs(registry().find(subject.env), {}, training_envs(config));
  const auto agent = make_agent(config, envs.spec());
  Training training(600);
  agent->train(envs, training);
  EXPECT_EQ(learner->step(), agent->step());
  EXPECT_EQ(thoughts(*learner->policy(), envs.spec()), thoughts(*agent->snapshot(), envs.spec()));
}

TEST_P(OnlineLearns, AndActsAndObservesWithoutAllocating) {
  Program program(GetParam().env);
  const auto learner = make(GetParam());
  program.take(*learner, 450);  // some episodes, a full buffer
  const long before = allocations;
  program.take(*learner, 100, /*learns=*/false);
  EXPECT_EQ(allocations - before, 0);
  EXPECT_GT(learner->learn(), 0);
}

EnvSpec robot_spec() {
  EnvSpec spec;
  spec.id = "TestRobot-v0";
  spec.obs.scalar("angle", -3, 3, "rad");
  spec.action = ActionSpace::box({ActionSpace::real("torque", -1, 1, "N m")});
  return spec;
}

OnlineRequest robot_request(const Settings& settings = kSmall) {
  return {robot_spec(), "sac", settings};
}

class Robot {
 public:
  void begin(OnlineLearner& learner, float angle = 0.5f) {
    angle_ = angle;
    learner.begin(obs());
  }
  void step(OnlineLearner& learner, bool ends = false) {
    angle_ += 0.1f * learner.act()[0];
    learner.observe({-angle_ * angle_, false, ends, obs()});
    learner.learn();
    if (ends) begin(learner);
  }
  ConstObsRow obs() const { return ConstObsRow(Row<const float>(&angle_, 1)); }

 private:
  float angle_ = 0;
};

TEST(OnlineLearner, LearnsAsMuchAsItIsGivenTimeFor) {
  const auto learner = make_online_learner(robot_request(with(kSmall, {{"train_every", "1", ""}})));
  Robot robot;
  robot.begin(*learner);
  for (int t = 0; t < 49; ++t) robot.step(*learner);
  float angle = 0.1f;
  const ConstObsRow obs{Row<const float>(&angle, 1)};
  for (int t = 0; t < 10; ++t) {
    learner->act();
    learner->observe({0, false, false, obs});
  }
  EXPECT_EQ(learner->learn(4), 4);
  EXPECT_EQ(learner->learn(0), 0);
  EXPECT_EQ(learner->learn(), 6);
  EXPECT_EQ(learner->learn(), 0);
}

TEST(OnlineLearner, ReportsItsEpisodes) {
  const auto learner = make_online_learner(robot_request());
  Robot robot;
  robot.begin(*learner);
  for (int t = 1; t <= 60; ++t) robot.step(*learner, /*ends=*/t % 20 == 0);
  double length = 0;
  for (const Metric& metric : learner->metrics()) {
    if (metric.name == "rollout/length") length = metric.value;
  }
  EXPECT_EQ(length, 20);
}

TEST(OnlineLearner, SavesARunThatIsLoadedAndGoneOnWith) {
  const TemporaryFolder folder;
  const auto learner = make_online_learner(robot_request());
  Robot robot;
  robot.begin(*learner);
  for (int t = 0; t < 100; ++t) robot.step(*learner, t % 30 == 29);
  learner->save(folder / "run");
  learner->save(folder / "run");  // stands already
  const auto policy = tern_agents_api()->load_policy(folder / "run");
  EXPECT_EQ(policy->spec().env, "TestRobot-v0");
  EXPECT_EQ(policy->spec().action.components()[0].unit, "N m");
  EXPECT_EQ(thoughts(*policy, robot_spec()), thoughts(*learner->policy(), robot_spec()));

  const auto again = make_online_learner(robot_request());
  again->load(folder / "run");
  EXPECT_EQ(again->step(), 100);
  Robot others[2];
  others[0].begin(*learner);
  others[1].begin(*again);
  for (int t = 0; t < 60; ++t) {
    others[0].step(*learner);
    others[1].step(*again);
  }
  EXPECT_EQ(thoughts(*again->policy(), robot_spec()), thoughts(*learner->policy(), robot_spec()));
  for (int t = 0; t < 4; ++t) {
    others[0].step(*learner);
    learner->save(folder / "run");
  }
  EXPECT_EQ(tern_agents_api()->load_policy(folder / "run")->step(), 164);
}

TEST(OnlineLearner, WritesToNoRunButItsOwn) {
  const TemporaryFolder folder;
  const auto learner = make_online_learner(robot_request());
  const auto other = make_online_learner(robot_request());
  Robot robots[2];
  robots[0].begin(*learner);
  robots[1].begin(*other);
  robots[0].step(*learner);
  learner->save(folder / "run");
  EXPECT_THAT(error_of([&] { other->save(folder / "run"); }, ExitCode::kUsage),
              HasSubstr("holds a run that this learner has not loaded"));
  other->load(folder / "run");
  EXPECT_THAT(error_of([&] { other->save(folder / "run"); }), HasSubstr("run"));  // it is locked
  robots[0].step(*learner);
  learner->save(folder / "run");
  learner->save(folder / "elsewhere");  // and lets go of the first
  EXPECT_THAT(error_of([&] { other->save(folder / "run"); }, ExitCode::kUsage),
              HasSubstr("has gone on to step 2 since"));
  other->load(folder / "run");
  robots[1].begin(*other);
  robots[1].step(*other);
  other->save(folder / "run");
  EXPECT_EQ(tern_agents_api()->load_policy(folder / "run")->step(), 3);
}

TEST(OnlineLearner, RefusesARunOfOtherSettingsAgentsOrEnvs) {
  const TemporaryFolder folder;
  const auto learner = make_online_learner(robot_request());
  Robot robot;
  robot.begin(*learner);
  robot.step(*learner);
  learner->save(folder / "run");
  const auto said = [&](const OnlineRequest& request) {
    return error_of([&] { make_online_learner(request)->load(folder / "run"); }, ExitCode::kUsage);
  };
  EXPECT_THAT(said(robot_request(with(kSmall, {{"gamma", "0.5", ""}}))),
              HasSubstr("was learned with agent.gamma=0.99; expected 0.5"));
  OnlineRequest other = robot_request();
  other.agent = "td3";
  EXPECT_THAT(said(other), HasSubstr("is of the agent sac, not of td3"));
  other = robot_request();
  other.env.id = "TestRobot-v1";
  EXPECT_THAT(said(other), HasSubstr("is of TestRobot-v0, not of this TestRobot-v1"));
}

TEST(OnlineLearner, RefusesWhatItCannotLearn) {
  const auto said = [](const OnlineRequest& request) {
    return error_of([&] { make_online_learner(request); }, ExitCode::kUsage);
  };
  OnlineRequest request = robot_request();
  request.agent = "ppo";
  EXPECT_THAT(said(request), HasSubstr("agent 'ppo' learns from whole rollouts, not step by step; "
                                       "expected one of dqn, sac"));
  request.agent = "sax";
  EXPECT_THAT(said(request), HasSubstr("Did you mean 'sac'"));
  EXPECT_THAT(said(robot_request({{"gama", "1", ""}})), HasSubstr("Did you mean 'agent.gamma'"));
  EXPECT_THAT(said(robot_request({{"num_envs", "4", ""}})),
              HasSubstr("num_envs: the program steps one env; expected 1"));
  request = robot_request();
  request.env.id = "";
  EXPECT_THAT(said(request), HasSubstr("has no id"));
  request = robot_request();
  request.env.obs = ObsSpace();
  EXPECT_THAT(said(request), HasSubstr("has no observation"));
  make_online_learner(robot_request());
  request = robot_request();
  request.env.obs.scalar("speed", -1, 1);
  EXPECT_THAT(said(request), HasSubstr("'TestRobot-v0' is known with other observations"));
}

TEST(OnlineLearner, RefusesRowsAndOrderThatAreWrongAndGoesOn) {
  const auto learner = make_online_learner(robot_request());
  Robot robot;
  EXPECT_THAT(error_of([&] { learner->act(); }), HasSubstr("call begin() first"));
  EXPECT_THAT(error_of([&] {
                learner->observe({0, false, false, robot.obs()});
              }),
              HasSubstr("call act() first"));
  EXPECT_THAT(error_of([&] { learner->begin({}); }), HasSubstr("has 0 floats; expected 1 float"));
  robot.begin(*learner);
  EXPECT_THAT(error_of([&] {
                learner->observe({0, false, false, robot.obs()});
              }),
              HasSubstr("call act() first"));
  learner->act();
  float nan = std::nanf("");
  EXPECT_THAT(error_of([&] {
                learner->observe({0, false, false, ConstObsRow(Row<const float>(&nan, 1))});
              }),
              HasSubstr("observation 'angle' is nan"));
  EXPECT_THAT(error_of([&] {
                learner->observe({nan, false, false, robot.obs()});
              }),
              HasSubstr("the reward is nan; expected a finite number"));
  EXPECT_THAT(error_of([&] {
                learner->observe({0, true, true, robot.obs()});
              }),
              HasSubstr("expected one of them at most"));
  learner->observe({0, true, false, robot.obs()});
  EXPECT_THAT(error_of([&] { learner->act(); }), HasSubstr("call begin() first"));
  EXPECT_EQ(learner->step(), 1);
  robot.begin(*learner);
  for (int t = 0; t < 80; ++t) robot.step(*learner, t % 7 == 6);
  EXPECT_EQ(learner->step(), 81);
}

TEST(OnlineLearner, CutsAnEpisodeThatIsUnderWay) {
  const auto learner = make_online_learner(robot_request());
  Robot robot;
  for (int k = 0; k < 40; ++k) {
    robot.begin(*learner, 0.1f * static_cast<float>(k % 5));
    for (int t = 0; t < 3; ++t) robot.step(*learner);
    learner->act();  // and what it led to is never told
  }
  EXPECT_EQ(learner->step(), 120);
}

}  // namespace
}  // namespace tern
