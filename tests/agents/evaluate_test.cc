// Laws and worked examples of evaluation and of its episode statistics, with scripted policies; what
// is kept of a NaN, read back by a JSON parser.

#include "agents/training/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agents/algorithm/agent.h"
#include "agents/algorithm/episode_window.h"
#include "agents/algorithm/nonfinite_report.h"
#include "agents/run/resolve_config.h"
#include "agents/training/factory.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Takes `best` if asked for the mode, else 0 or 1 by a coin.
class Scripted final : public Policy {
 public:
  explicit Scripted(std::int32_t best) : best_(best) {}
  void act(Row<const ActRow> rows, bool deterministic) override {
    for (const ActRow& row : rows) {
      row.action.discrete() = deterministic ? best_ : static_cast<std::int32_t>(row.rng->below(2));
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float>) override { return {}; }
  std::int64_t step() const override { return 77; }
  std::string agent() const override { return "scripted"; }

 private:
  std::int32_t best_;
};

EvalResult evaluated(const std::string& env, const EvaluationPlan& plan, std::int32_t best = 1) {
  Scripted policy(best);
  return evaluate(policy, registry().find(env), {}, plan);
}

EvaluationPlan plan_of(int episodes, std::uint64_t seed = 0) {
  EvaluationPlan plan;
  plan.episodes = episodes;
  plan.seed = seed;
  return plan;
}

// ---- evaluate -----------------------------------------------------------------------------------

// Probe-Action-v0 pays 1 for action 1 and -1 for action 0, once.
TEST(Evaluate, AddsUpWholeEpisodesOfTheMode) {
  const EvalResult good = evaluated("Probe-Action-v0", plan_of(5));
  EXPECT_THAT(good.returns, ElementsAre(1, 1, 1, 1, 1));
  EXPECT_THAT(good.lengths, ElementsAre(1, 1, 1, 1, 1));
  EXPECT_EQ(good.mean, 1);
  EXPECT_EQ(good.std, 0);
  EXPECT_EQ(good.env, "Probe-Action-v0");
  EXPECT_EQ(good.step, 77);
  EXPECT_EQ(evaluated("Probe-Action-v0", plan_of(5), /*best=*/0).mean, -1);
}

/// Throws into columns 0, 1, 0, 1, ..: the first player has four after seven stones.
class FirstWins final : public Policy {
 public:
  std::size_t state_size() const override { return 1; }  // stones thrown
  void act(Row<const ActRow> rows, bool) override {
    for (const ActRow& row : rows) {
      row.action.discrete() = static_cast<int>(row.state[0]) % 2;
      row.state[0] += 1;
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float>) override { return {}; }
  std::int64_t step() const override { return 0; }
  std::string agent() const override { return "scripted"; }
};

TEST(Evaluate, ReportsAReturnForEachPlayer) {
  FirstWins policy;
  const EvalResult result = evaluate(policy, registry().find("ConnectFour-v1"),
                                     {{"opponent", "none", "test"}}, plan_of(2));
  EXPECT_THAT(result.player_returns, ElementsAre(ElementsAre(1, -1), ElementsAre(1, -1)));
  EXPECT_EQ(result.mean, 1);
  EXPECT_TRUE(evaluated("Probe-Action-v0", plan_of(2)).player_returns.empty());
}

// The limit of 5 steps ends an episode too.
TEST(Evaluate, EndsAtTimeLimits) {
  const EvalResult result = evaluated("Probe-Truncation-v0", plan_of(2));
  EXPECT_THAT(result.returns, ElementsAre(5, 5));
  EXPECT_THAT(result.lengths, ElementsAre(5, 5));
}

/// Pays 1/2 a step, never ends by itself, has no time limit.
class Endless final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Endless-v0";
      made.obs.scalar("nothing", 0, 1);
      made.action = ActionSpace::discrete({"left", "right"});
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    StepResult result;
    result.reward = 0.5f;
    return result;
  }
};

TEST(Evaluate, CutsEpisodesThatWouldNeverEnd) {
  EnvRegistry envs;
  envs.add<Endless>();
  Scripted policy(1);
  const EvalResult result = evaluate(policy, envs.find("Endless-v0"), {}, plan_of(2));
  EXPECT_THAT(result.lengths, ElementsAre(100'000, 100'000));
  EXPECT_THAT(result.returns, ElementsAre(50'000, 50'000));
  EXPECT_EQ(result.cut, 2);
}

/// Ends by chance, one step in four, and reports how many steps it took; `endless` does not end.
class Counted final : public Env {
 public:
  struct Params {
    bool endless = false;
    template <class V>
    void visit(V& v) {
      v("endless", endless, "never ends");
    }
  };
  explicit Counted(const Params& params) : endless_(params.endless) {}
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Counted-v0";
      made.obs.scalar("nothing", 0, 1);
      made.action = ActionSpace::discrete({"left", "right"});
      made.metrics = {"half", "steps"};
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0, steps_ = 0; }
  StepResult step(ActionRow, Rng& rng, ObsRow obs) override {
    obs[0] = 0;
    ++steps_;
    StepResult result;
    result.terminated = !endless_ && rng.below(4) == 0;
    return result;
  }
  void metrics(FloatRow values) const override {
    values[0] = 0.5f;
    values[1] = static_cast<float>(steps_);
  }

 private:
  bool endless_;
  int steps_ = 0;
};

// Of more episodes than are played at once, which end out of order; of cut ones too.
TEST(Evaluate, ReportsTheMeanOfEachMetric) {
  EnvRegistry envs;
  envs.add<Counted>();
  Scripted policy(1);
  const EvalResult result = evaluate(policy, envs.find("Counted-v0"), {}, plan_of(50));
  double steps = 0;
  for (const int length : result.lengths) steps += length;
  ASSERT_THAT(result.metrics, SizeIs(2));
  EXPECT_EQ(result.metrics[0].name, "half");
  EXPECT_EQ(result.metrics[0].value, 0.5);
  EXPECT_EQ(result.metrics[1].name, "steps");
  EXPECT_DOUBLE_EQ(result.metrics[1].value, steps / 50);
  const EvalResult cut =
      evaluate(policy, envs.find("Counted-v0"), {{"endless", "true", "test"}}, plan_of(2));
  EXPECT_EQ(cut.metrics.at(1).value, 100'000);
  EXPECT_THAT(evaluated("CartPole-v1", plan_of(1)).metrics, SizeIs(0));
}

TEST(Evaluate, StopsBetweenSteps) {
  EnvRegistry table;
  table.add<Endless>();
  Scripted policy(1);
  int asked = 0;
  EvaluationPlan plan = plan_of(2);
  plan.should_stop = [&] { return ++asked == 10; };
  const EvalResult result = evaluate(policy, table.find("Endless-v0"), {}, plan);
  EXPECT_THAT(result.returns, SizeIs(0));
  EXPECT_EQ(asked, 10);
}

// Returns of +-1 with mean m have the population deviation sqrt(1 - m^2).
TEST(Evaluate, ReportsThePopulationDeviation) {
  const EvalResult result = evaluated("Probe-Observation-v0", plan_of(9));
  EXPECT_LT(std::abs(result.mean), 1);
  EXPECT_NEAR(result.std, std::sqrt(1 - result.mean * result.mean), 1e-12);
}

TEST(Evaluate, StochasticSamplesActions) {
  EvaluationPlan plan = plan_of(40);
  plan.stochastic = true;
  const EvalResult result = evaluated("Probe-Action-v0", plan);
  // 40 fair coins: all alike, or past 5 deviations of 1 / sqrt(40), once in a million times.
  EXPECT_LT(std::abs(result.mean), 5 / std::sqrt(40));
}

TEST(Evaluate, AnEpisodeDependsOnSeedStreamAndItsNumberOnly) {
  const std::vector<double> five = evaluated("CartPole-v1", plan_of(5)).returns;
  const std::vector<double> eight = evaluated("CartPole-v1", plan_of(8)).returns;
  EXPECT_EQ(std::vector<double>(eight.begin(), eight.begin() + 5), five);
  const std::vector<double> thirty = evaluated("Probe-Observation-v0", plan_of(30)).returns;
  EXPECT_EQ(evaluated("Probe-Observation-v0", plan_of(30)).returns, thirty);
  EXPECT_NE(evaluated("Probe-Observation-v0", plan_of(30, /*seed=*/1)).returns, thirty);
  EvaluationPlan other = plan_of(30);
  other.stream = "final evaluation";
  EXPECT_NE(evaluated("Probe-Observation-v0", other).returns, thirty);
}

TEST(Evaluate, EnvsOfItsOwnAreNotThoseOfTraining) {
  const std::vector<double> evaluation = evaluated("Probe-Observation-v0", plan_of(30)).returns;
  VecEnvOptions options;
  options.num_envs = 30;
  VecEnv training(registry().find("Probe-Observation-v0"), {}, options);
  StepBuffers buffers(training.spec().obs, training.spec().action, 0, 30);
  training.reset(buffers.batch.obs, buffers.batch.mask);
  std::vector<double> first;
  for (std::size_t i = 0; i < 30; ++i) first.push_back(buffers.batch.obs[i][0]);
  EXPECT_NE(first, evaluation);
}

/// Another policy, of which each row is acted on by itself.
class OneByOne final : public Policy {
 public:
  explicit OneByOne(Policy& other) : other_(other) {}
  std::size_t state_size() const override { return other_.state_size(); }
  void act(Row<const ActRow> rows, bool deterministic) override {
    most_rows_ = std::max(most_rows_, rows.size());
    for (const ActRow& row : rows) other_.act(row, deterministic);
  }
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override {
    return other_.inspect(obs, mask, state);
  }
  std::int64_t step() const override { return other_.step(); }
  std::string agent() const override { return other_.agent(); }
  std::size_t most_rows() const { return most_rows_; }

 private:
  Policy& other_;
  std::size_t most_rows_ = 0;
};

/// "ppo", "dqn", "ppo with memory" of CartPole; "sac", "crossq" of LunarLander.
std::string env_of(const std::string& name) {
  return name == "sac" || name == "crossq" ? "LunarLanderContinuous-v3" : "CartPole-v1";
}
std::unique_ptr<Policy> untrained(const std::string& name) {
  std::vector<ParamValue> values;
  if (name == "ppo with memory") values.push_back({"agent.recurrent", "gru", "test"});
  const std::string env = env_of(name);
  const Config config = config_from_words({name.substr(0, name.find(' ')), env});
  return make_agent(resolve_run_config(config, values), registry().find(env).spec)->snapshot();
}

// More episodes than are played at once, of lengths that differ.
TEST(Evaluate, RowsActedOnTogetherAreThoseActedOnOneByOne) {
  for (const char* name : {"ppo", "dqn", "ppo with memory", "sac", "crossq"}) {
    SCOPED_TRACE(name);
    const EnvEntry& env = registry().find(env_of(name));
    const std::unique_ptr<Policy> policy = untrained(name);
    OneByOne one_by_one(*policy);
    for (const bool stochastic : {false, true}) {
      EvaluationPlan plan = plan_of(50);
      plan.stochastic = stochastic;
      const EvalResult together = evaluate(*policy, env, {}, plan);
      const EvalResult apart = evaluate(one_by_one, env, {}, plan);
      EXPECT_GT(one_by_one.most_rows(), 1u);
      EXPECT_EQ(together.returns, apart.returns);
      EXPECT_EQ(together.lengths, apart.lengths);
      EXPECT_GT(together.std, 0);
    }
  }
}

/// Counts the steps of each episode in its state.
class StepCounter final : public Policy {
 public:
  std::size_t state_size() const override { return 1; }
  void act(Row<const ActRow> rows, bool) override {
    for (const ActRow& row : rows) {
      starts_ += row.state[0] == 0 ? 1 : 0;
      longest_ = std::max(longest_, static_cast<int>(row.state[0] += 1));
      row.action.discrete() = row.obs[2] > 0 ? 1 : 0;
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float>) override { return {}; }
  std::int64_t step() const override { return 0; }
  std::string agent() const override { return "counter"; }

  int starts() const { return starts_; }
  int longest() const { return longest_; }

 private:
  int starts_ = 0, longest_ = 0;
};

TEST(Evaluate, EachEpisodeHasAStateOfItsOwnWhichStartsAtZero) {
  StepCounter counter;
  const EvalResult result = evaluate(counter, registry().find("CartPole-v1"), {}, plan_of(40));
  EXPECT_EQ(counter.starts(), 40);
  EXPECT_EQ(counter.longest(), *std::max_element(result.lengths.begin(), result.lengths.end()));
}

// ---- What a policy expects of its rows ----------------------------------------------------------

TEST(ActRow, WithoutARoomForTheStateOrAStreamToSampleFromIsAnError) {
  std::vector<float> obs(4, 0.5f), state(64);
  std::vector<std::uint8_t> mask = {1, 1};
  std::int32_t action = -1;
  Rng rng(0, "act row");
  ActRow row{ConstObsRow(Row<const float>(obs)), mask, nullptr,
             MutableActionRow(Row<std::int32_t>(&action, 1)), {}};
  const auto recurrent = untrained("ppo with memory"), plain = untrained("ppo");
  EXPECT_THAT(error_of([&] { recurrent->act(row, /*deterministic=*/true); }),
              HasSubstr("a row has 0 values of state, the policy has 64"));
  EXPECT_THAT(error_of([&] { plain->act(row, /*deterministic=*/false); }), HasSubstr("no rng"));
  row.rng = &rng;
  row.state = state;
  EXPECT_THAT(error_of([&] { plain->act(row, /*deterministic=*/true); }),
              HasSubstr("a row has 64 values of state, the policy has 0"));
  recurrent->act(row, /*deterministic=*/false);
  EXPECT_NE(state, std::vector<float>(64));
}

TEST(Evaluate, NoEpisodesHaveNoMean) {
  const EvalResult result = evaluated("Probe-Action-v0", plan_of(0));
  EXPECT_THAT(result.returns, SizeIs(0));
  EXPECT_THAT(result.metrics, SizeIs(0));
  EXPECT_EQ(result.mean, 0);
}

// ---- EpisodeWindow ------------------------------------------------------------------------------

/// One step of two envs of which those with a return end their episode.
void add(EpisodeWindow& window, std::vector<std::uint8_t> terminated,
         std::vector<std::uint8_t> truncated, std::vector<double> returns,
         std::vector<std::int32_t> lengths, std::vector<float> metrics = {}) {
  std::vector<float> reward(terminated.size());
  StepBatch batch;
  batch.reward = FloatRow(reward);
  batch.terminated = Row<std::uint8_t>(terminated);
  batch.truncated = Row<std::uint8_t>(truncated);
  batch.episode_return = Row<double>(returns);
  batch.episode_length = Row<std::int32_t>(lengths);
  batch.episode_metrics = FloatRow(metrics);
  window.add(batch);
}

double reported(const EpisodeWindow& window, const EnvSpec& spec, const std::string& name) {
  std::vector<Metric> metrics;
  window.report(spec, metrics);
  for (const Metric& metric : metrics) {
    if (metric.name == name) return metric.value;
  }
  return std::nan("");
}

TEST(EpisodeWindow, TakesEndedEpisodesOnlyAndBothKindsOfEnd) {
  EnvSpec spec;
  spec.metrics = {"success"};
  EpisodeWindow window;
  EXPECT_TRUE(window.empty());
  std::vector<Metric> none;
  window.report(spec, none);
  EXPECT_THAT(none, SizeIs(0));
  add(window, {0, 1}, {0, 0}, {999, 10}, {999, 3}, {999, 1});
  add(window, {0, 0}, {1, 0}, {20, 999}, {5, 999}, {0, 999});
  add(window, {0, 0}, {0, 0}, {999, 999}, {999, 999}, {999, 999});
  EXPECT_EQ(window.count(), 2);
  EXPECT_EQ(reported(window, spec, "rollout/return"), 15);
  EXPECT_EQ(reported(window, spec, "rollout/length"), 4);
  EXPECT_EQ(reported(window, spec, "rollout/episodes"), 2);
  EXPECT_EQ(reported(window, spec, "rollout/success"), 0.5);
}

// Returns 1, 2, .., 150: the newest hundred are 51 .. 150, mean 100.5.
TEST(EpisodeWindow, KeepsTheNewestHundred) {
  EpisodeWindow window;
  for (int i = 1; i <= 150; ++i) add(window, {1}, {0}, {static_cast<double>(i)}, {1});
  EXPECT_EQ(window.count(), 150);
  EXPECT_DOUBLE_EQ(window.mean_return(), 100.5);
}

TEST(EpisodeWindow, ContinuesExactlyAfterALoad) {
  EnvSpec spec;
  spec.metrics = {"success"};
  EpisodeWindow original;
  for (int i = 0; i < 130; ++i) {
    add(original, {1}, {0}, {0.1 * i}, {i}, {static_cast<float>(i % 3)});
  }
  StateWriter out;
  original.save(out);
  EpisodeWindow loaded;
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  loaded.load(in, spec.metrics.size());
  EXPECT_EQ(in.remaining(), 0u);
  for (EpisodeWindow* each : {&original, &loaded}) add(*each, {1}, {0}, {7}, {7}, {1});
  for (const char* name : {"rollout/return", "rollout/length", "rollout/success"}) {
    EXPECT_EQ(reported(original, spec, name), reported(loaded, spec, name)) << name;
  }
}

// ---- The report of a NaN ------------------------------------------------------------------------

TEST(NonFiniteReport, KeepsMessageStepAndEveryArray) {
  const TemporaryFolder folder;
  const float inf = std::numeric_limits<float>::infinity();
  const NonFiniteError error("advantages", std::nan(""), 512,
                             {{"features", {2, 2}, {1, 2, 3, 4.5f}},
                              {"advantages", {3}, {std::nanf(""), inf, -inf}}});
  const std::string path = write_nonfinite_report(folder.path(), 512, error);
  EXPECT_EQ(path, folder / "nonfinite-step-512.json");
  const auto document = nlohmann::json::parse(read_text_file(path));
  EXPECT_THAT(document["message"].get<std::string>(),
              HasSubstr("'advantages' became NaN after step 512"));
  EXPECT_EQ(document["step"], 512);
  EXPECT_EQ(document["batch"]["features"]["shape"], nlohmann::json::parse("[2,2]"));
  EXPECT_EQ(document["batch"]["features"]["values"], nlohmann::json::parse("[1,2,3,4.5]"));
  EXPECT_EQ(document["batch"]["advantages"]["values"],
            nlohmann::json::parse(R"(["nan","inf","-inf"])"));
}

}  // namespace
}  // namespace tern
