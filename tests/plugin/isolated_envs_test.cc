// Proof: determinism by hash, and error texts. Envs in processes of their own give the bits that
// they give here, and whatever they do to their process is an Error here.

#include "envs/isolation/isolated_envs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstring>

#include <string>

#include "core/drawing/recording_canvas.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ParamValues isolated(ParamValues values, const std::string& limit = "60") {
  values.push_back({"isolate", "process", "test"});
  values.push_back({"isolate_limit", limit, "test"});
  return values;
}

/// Twins: the same env here and in processes.
struct Twin {
  std::string env;
  ParamValues params;
  int steps;
};

TEST(IsolatedEnvs, GiveTheSameBitsForAnyNumberOfThreads) {
  for (const Twin& twin :
       {Twin{test_plugin("cartpole"), {}, 250}, Twin{test_plugin("pendulum"), {}, 220},
        Twin{test_plugin("mask"), {}, 60}, Twin{test_plugin("mirror"), {}, 100},
        Twin{test_plugin("tiny_env"), {{"length", "7", "test"}}, 100},
        Twin{test_plugin("frozen_lake"), {{"map", "8x8", "test"}}, 150},
        Twin{test_plugin("catch"),
             {{"sticky_actions", "0.25", "test"}, {"frame_stack", "2", "test"}},
             100},
        Twin{"CartPole-v1", {}, 150}, Twin{"MiniGrid-DoorKey-5x5-v0", {}, 300},
        Twin{"LunarLander-v3", {}, 100}}) {
    const EnvEntry& entry = registry().find(twin.env);
    for (const std::size_t count : {1, 7}) {
      const std::uint64_t expected = trajectory_hash(entry, twin.params, count, twin.steps);
      for (const std::size_t threads : {1, 2, 4}) {
        EXPECT_EQ(trajectory_hash(entry, isolated(twin.params), count, twin.steps, threads),
                  expected)
            << twin.env << ", " << count << " envs, " << threads << " threads";
      }
    }
  }
}

TEST(IsolatedEnvs, PlayersTakeTurnsThere) {
  const EnvEntry& entry = registry().find(test_plugin("two_players"));
  EXPECT_EQ(trajectory_hash(entry, isolated({}), 3, 60), trajectory_hash(entry, {}, 3, 60));
}

/// What is left of an env that is stepped `first` times here, saved, and goes on there.
TEST(IsolatedEnvs, StatesCrossBetweenHereAndThere) {
  for (const std::string& env :
       {test_plugin("cartpole"), test_plugin("catch"), std::string("LunarLander-v3")}) {
    const EnvEntry& entry = registry().find(env);
    VecEnvOptions options;
    options.num_envs = 3;
    VecEnv here(entry, {}, options), there(entry, isolated({}), options);
    StepBuffers a(here.spec().obs, here.spec().action, here.spec().metrics.size(), 3);
    StepBuffers b(here.spec().obs, here.spec().action, here.spec().metrics.size(), 3);
    here.reset(a.batch.obs, a.batch.mask);
    Rng rng(1, "test");
    const auto step = [&](VecEnv& envs, StepBuffers& rows) {
      envs.step(rows.actions, rows.batch);
      return envs.episode(0).episode_return + static_cast<double>(rows.batch.reward[2]);
    };
    for (int t = 0; t < 60; ++t) {
      random_actions(here.spec().action, a.batch.mask, a.actions, rng);
      step(here, a);
    }
    StateWriter out;
    here.save(out);
    StateReader in(out.bytes());
    there.load(in);
    for (int t = 0; t < 60; ++t) {
      random_actions(here.spec().action, a.batch.mask, a.actions, rng);
      std::memcpy(b.actions.data(), a.actions.data(), 3 * 4 * here.spec().action.size());
      ASSERT_EQ(step(here, a), step(there, b)) << env << ", step " << t;
    }
    StateWriter after_here, after_there;
    here.save(after_here);
    there.save(after_there);
    EXPECT_EQ(after_here.bytes(), after_there.bytes()) << env;
  }
}

TEST(IsolatedEnvs, AreDrawnAndDescribedAsHere) {
  const EnvEntry& entry = registry().find(test_plugin("cartpole"));
  const std::unique_ptr<Env> here = entry.make({}), there = entry.make(isolated({}));
  EXPECT_EQ(there->spec().summary, here->spec().summary);
  EXPECT_EQ(there->spec().reward_threshold, here->spec().reward_threshold);
  EXPECT_EQ(there->spec().obs.fields()[2].unit, here->spec().obs.fields()[2].unit);
  std::string pictures[2];
  for (Env* const env : {here.get(), there.get()}) {
    std::vector<float> obs(4);
    Rng rng(3, "test");
    ResetContext context{rng, 0};
    env->reset(context, ObsRow(FloatRow(obs)));
    RecordingCanvas canvas;
    env->draw(canvas);
    pictures[env == there.get()] = canvas.str();
  }
  EXPECT_NE(pictures[0], "");
  EXPECT_EQ(pictures[0], pictures[1]);
}

/// Steps faulty envs until one ends; the error.
EnvEnded end_of(const std::string& fault, ParamValues more = {}, std::size_t threads = 1,
                const std::string& limit = "60") {
  more.push_back({"fault", fault, "test"});
  more.push_back({"at", "3", "test"});
  VecEnvOptions options;
  options.num_envs = 3;
  options.threads = threads;
  VecEnv envs(registry().find(test_plugin("faulty")), isolated(more, limit), options);
  StepBuffers rows(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), 3);
  envs.reset(rows.batch.obs, rows.batch.mask);
  for (std::size_t i = 0; i < 3; ++i) rows.actions[i].discrete() = 1;
  try {
    for (int t = 0; t < 30; ++t) envs.step(rows.actions, rows.batch);
  } catch (const EnvEnded& error) {
    // It stays so, and says so.
    EXPECT_THROW(envs.step(rows.actions, rows.batch), Error);
    return error;
  }
  ADD_FAILURE() << fault << ": nothing was thrown";
  return {"", {}};
}

TEST(IsolatedEnvs, EveryEndOfAProcessIsAnErrorWithItsPlace) {
  const std::string place = " in step 3 of episode 1, action 1 of env 0";
  for (const auto& [fault, said] : std::vector<std::pair<std::string, std::string>>{
           {"segfault", "crashed (SIGSEGV, invalid memory access)"},
           {"divide", "crashed (SIGFPE, integer division by zero)"},
           {"abort", "crashed (SIGABRT"},
           {"terminate", "crashed (SIGABRT"},
           {"exit", "ended the process with status 0"},
           {"_exit", "ended the process with status 0"},
           {"quick_exit", "ended the process with status 0"},
           {"exit_group", "ended the process with status 0"},
           {"kill", "was ended by signal 9"}}) {
    const EnvEnded error = end_of(fault);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("libfaulty.so: 'Faulty-v0' " + said), HasSubstr(place)));
    EXPECT_TRUE(error.episode().is_whole) << fault;
    EXPECT_EQ(error.episode().actions.size(), 3u * 4) << fault;
    EXPECT_EQ(error.episode().env, 0u) << fault;
  }
}

TEST(IsolatedEnvs, TheStackMayBeFull) {
  EXPECT_THAT(end_of("overflow", {}, 2).what(), HasSubstr("crashed (SIGSEGV"));
}

TEST(IsolatedEnvs, ACallThatDoesNotComeBackIsEnded) {
  EXPECT_THAT(
      end_of("loop", {}, 1, "0.3").what(),
      HasSubstr("did not come back within 0.3 s in step 3 of episode 1, action 1 of env 0"));
}

TEST(IsolatedEnvs, ManySlowCallsAreNotOne) {
  // 20 ms a step, 8 steps a batch in each process: more than the limit together.
  VecEnvOptions options;
  options.num_envs = 16;
  VecEnv envs(registry().find(test_plugin("faulty")), isolated({{"fault", "slow", "test"}}, "0.15"),
              options);
  StepBuffers rows(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), 16);
  envs.reset(rows.batch.obs, rows.batch.mask);
  for (std::size_t i = 0; i < 16; ++i) rows.actions[i].discrete() = 1;
  EXPECT_NO_THROW(envs.step(rows.actions, rows.batch));
}

TEST(IsolatedEnvs, WhatAnEnvThrowsIsThrownHere) {
  EXPECT_THAT(error_of([] {
                const std::unique_ptr<Env> env =
                    registry()
                        .find(test_plugin("faulty"))
                        .make(isolated({{"fault", "throw_error", "test"},
                                        {"in", "create", "test"},
                                        {"at", "0", "test"}}));
              }),
              AllOf(HasSubstr("create failed: the motor is gone"), Not(HasSubstr("process"))));
}

TEST(IsolatedEnvs, AWrongParameterIsAWrongCall) {
  EXPECT_THAT(error_of(
                  [] {
                    registry()
                        .find(test_plugin("tiny_env"))
                        .make(isolated({{"length", "2000", "a.yaml:3"}}));
                  },
                  ExitCode::kUsage),
              HasSubstr("a.yaml:3: env.length: 2000 is out of range"));
  EXPECT_THAT(error_of(
                  [] {
                    registry().find("CartPole-v1").make({{"isolate", "thread", "a.yaml:3"}});
                  },
                  ExitCode::kUsage),
              HasSubstr("process"));
}

TEST(IsolatedEnvs, NextEnvsGetNewProcesses) {
  end_of("segfault");
  EXPECT_NE(trajectory_hash(registry().find(test_plugin("faulty")), isolated({}), 3, 50), 0u);
}

}  // namespace
}  // namespace tern
