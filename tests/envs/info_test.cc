// Proof: worked examples by hand, and law. Info values: each step's, also of one that ended an
// episode; for those who ask; the same for any number of threads and behind wrappers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/envs/sound_env.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// Counts its steps, and how often it is asked about them.
class Telling final : public Env {
 public:
  struct Params {
    int length = 3;
    template <class V>
    void visit(V& v) {
      v("length", length, "steps of an episode", at_least(1));
    }
  };
  explicit Telling(const Params& params) : length_(params.length) {
    spec_.id = "Telling-v0";
    spec_.family = "tests";
    spec_.summary = "says what it knows";
    spec_.obs.scalar("time", 0, 100);
    spec_.action = ActionSpace::discrete({"one", "two"});
    spec_.info = {"time", "twice"};
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override {
    time_ = 0;
    obs[0] = 0;
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    time_ += action.discrete() + 1;
    obs[0] = static_cast<float>(time_);
    return {1, time_ >= length_, false};
  }
  void info(FloatRow info) const override {
    ++asked;
    info[0] = static_cast<float>(time_);
    info[1] = static_cast<float>(2 * time_);
  }
  static inline int asked = 0;

 private:
  EnvSpec spec_;
  int length_, time_ = 0;
};

const EnvEntry& telling() {
  static EnvRegistry* const table = [] {
    auto* made = new EnvRegistry;
    made->add<Telling>();
    return made;
  }();
  return table->find("Telling-v0");
}

struct Rows {
  Rows(VecEnv& envs, bool wants_info)
      : buffers(envs.spec().obs, envs.spec().action, 0, envs.num_envs(), 1,
                wants_info ? envs.spec().info.size() : 0) {
    envs.reset(buffers.batch.obs, buffers.batch.mask);
    for (std::size_t i = 0; i < envs.num_envs(); ++i) buffers.actions[i].discrete() = 0;
  }
  std::vector<float> info() const { return {buffers.batch.info.begin(), buffers.batch.info.end()}; }
  StepBuffers buffers;
};

TEST(Info, IsThatOfTheStepAlsoWhereItEndedTheEpisode) {
  VecEnv envs(telling(), {}, {});
  Rows rows(envs, true);
  std::vector<float> seen;
  for (int t = 0; t < 4; ++t) {
    envs.step(rows.buffers.actions, rows.buffers.batch);
    seen.push_back(rows.info()[1]);
  }
  EXPECT_THAT(seen, ElementsAre(2, 4, 6, 2));
  EXPECT_EQ(rows.buffers.batch.obs[0][0], 1);
}

TEST(Info, NobodyIsAskedWhereItIsNotWanted) {
  VecEnv envs(telling(), {}, {});
  Rows rows(envs, false);
  Telling::asked = 0;
  for (int t = 0; t < 10; ++t) envs.step(rows.buffers.actions, rows.buffers.batch);
  EXPECT_EQ(Telling::asked, 0);
}

TEST(Info, IsTheSameForAnyNumberOfThreadsAndInProcesses) {
  const auto all = [](std::size_t threads, const ParamValues& params) {
    VecEnvOptions options;
    options.num_envs = 5;
    options.threads = threads;
    VecEnv envs(telling(), params, options);
    Rows rows(envs, true);
    std::vector<float> seen;
    for (int t = 0; t < 20; ++t) {
      for (std::size_t i = 0; i < 5; ++i) {
        rows.buffers.actions[i].discrete() = (static_cast<int>(i) + t) % 2;
      }
      envs.step(rows.buffers.actions, rows.buffers.batch);
      for (const float value : rows.info()) seen.push_back(value);
    }
    return seen;
  };
  const std::vector<float> expected = all(1, {{"length", "7", "test"}});
  EXPECT_EQ(all(3, {{"length", "7", "test"}}), expected);
  EXPECT_EQ(all(2, {{"length", "7", "test"}, {"isolate", "process", "test"}}), expected);
}

TEST(Info, OfRepeatedActionsIsThatOfTheLastStep) {
  VecEnv envs(telling(), {{"length", "9", "test"}, {"action_repeat", "2", "test"}}, {});
  Rows rows(envs, true);
  envs.step(rows.buffers.actions, rows.buffers.batch);
  EXPECT_THAT(rows.info(), ElementsAre(2, 4));
}

TEST(Info, ARowOfAnotherLengthIsRefused) {
  VecEnv envs(telling(), {}, {});
  Rows rows(envs, true);
  StepBatch batch = rows.buffers.batch;
  batch.info = batch.info.subrow(0, 1);
  EXPECT_THAT(error_of([&] { envs.step(rows.buffers.actions, batch); }, ExitCode::kUsage),
              HasSubstr("info values"));
}

struct TellsNothing : Sound {
  TellsNothing() { spec_.info = {"where"}; }
};
struct TellsNaN : Sound {
  TellsNaN() { spec_.info = {"where"}; }
  void info(FloatRow info) const override { info[0] = std::sqrt(1.0f - position_); }
};
struct TellsTwice : Sound {
  TellsTwice() { spec_.info = {"where", "where"}; }
};
struct TellsTooMuch : Sound {
  TellsTooMuch() { spec_.info = {"where"}; }
  void info(FloatRow info) const override { info.data()[0] = info.data()[1] = 0; }
};
struct MovesWhenAsked : Sound {
  MovesWhenAsked() { spec_.info = {"where"}; }
  void info(FloatRow info) const override {
    info[0] = 0;
    ++const_cast<MovesWhenAsked*>(this)->gusts_;  // the wind turns earlier
  }
};

TEST(Info, ThatIsNotWrittenIsCaught) {
  EXPECT_THAT(
      broken_rules<TellsNothing>(),
      testing::Contains(Pair("info", HasSubstr("'where' is not finite or was not written"))));
  EXPECT_THAT(broken_rules<TellsNaN>(), testing::Contains(Pair("info", HasSubstr("not finite"))));
}
TEST(Info, WithANameTwiceIsCaught) {
  EXPECT_THAT(broken_rules<TellsTwice>(),
              testing::Contains(Pair("spec", HasSubstr("the info value 'where' is there twice"))));
}
TEST(Info, ThatChangesTheEnvIsCaught) {
  EXPECT_THAT(broken_rules<MovesWhenAsked>(),
              testing::Contains(Pair("looking", HasSubstr("info() changes"))));
}
TEST(Info, BeyondItsRowIsCaught) {
  EXPECT_THAT(broken_rules<TellsTooMuch>(),
              testing::Contains(Pair("rows", HasSubstr("info values"))));
}

}  // namespace
}  // namespace tern
