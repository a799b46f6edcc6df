// Law: a loaded policy acts without allocating and without a single system call, so that it neither
// waits nor blocks: in a control loop, an audio thread, a game. Proved by counting operator new,
// and in a child that the kernel kills at its first system call. Convolutions, whose tensors
// LibTorch allocates, are left out. It is loaded without an env.

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "agents/api.h"
#include "agents/run/checkpoint.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/policy_spec.h"
#include "agents/run/resolve_config.h"
#include "agents/training/run.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "tests/allocations/counting_new.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

const Settings kOffPolicy = {{"buffer_size", "300"}, {"learning_starts", "100"},
                             {"batch_size", "16"},   {"total_steps", "200"},
                             {"num_envs", "2"},      {"hidden_sizes", "[16, 16]"}};
const Settings kOnPolicy = {{"total_steps", "64"},
                            {"num_envs", "2"},
                            {"rollout_steps", "32"},
                            {"minibatch_size", "32"},
                            {"hidden_sizes", "[16, 16]"}};

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
  for (const auto& [key, value] : subject.settings) *out << " " << key << "=" << value;
}

/// A policy after a short training, and rows to ask it with.
class Acting {
 public:
  explicit Acting(const Subject& subject) {
    Settings settings =
        with(subject.settings,
             {{"eval_episodes", "1"}, {"final_eval_episodes", "0"}, {"eval_every", "1000"}});
    std::vector<ParamValue> assignments;
    for (const auto& [key, value] : settings) assignments.push_back({key, value, "test"});
    TrainRequest request;
    request.config =
        resolve_run_config(config_from_words({subject.agent, subject.env}), assignments);
    request.out = run();
    tern_agents_api()->train(request, {});
    policy_ = tern_agents_api()->load_policy(run());
    const PolicySpec& spec = policy_->spec();
    for (std::size_t i = 0; i < kRows; ++i) {
      obs_.emplace_back(spec.obs.num_floats(), 0.25f * static_cast<float>(i + 1));
      choices_.emplace_back(spec.action.is_box() ? 0 : spec.action.size());
      reals_.emplace_back(spec.action.is_box() ? spec.action.size() : 0);
      states_.emplace_back(policy_->state_size());
    }
    for (std::size_t i = 0; i < kRows; ++i) {
      const MutableActionRow action = spec.action.is_box()
                                          ? MutableActionRow(Row<float>(reals_[i]))
                                          : MutableActionRow(Row<std::int32_t>(choices_[i]));
      rows_.push_back({ConstObsRow(Row<const float>(obs_[i])), {}, &rng_, action, states_[i]});
    }
  }

  std::string run() const { return folder_ / "run"; }
  Policy& policy() { return *policy_; }
  ActRow& row() { return rows_[0]; }
  /// Alone and side by side, deterministic and drawn.
  void act(int times) {
    for (int i = 0; i < times; ++i) {
      for (const bool deterministic : {true, false}) {
        policy_->act(rows_[0], deterministic);
        policy_->act(Row<const ActRow>(rows_), deterministic);
      }
    }
  }

 private:
  static constexpr std::size_t kRows = 3;

  TemporaryFolder folder_;
  std::unique_ptr<Policy> policy_;
  Rng rng_{1, "test"};
  std::vector<std::vector<float>> obs_, reals_, states_;
  std::vector<std::vector<std::int32_t>> choices_;
  std::vector<ActRow> rows_;
};

const Subject kSubjects[] = {
    {"ppo", "CartPole-v1", kOnPolicy},
    {"ppo", "Pendulum-v1", with(kOnPolicy, {{"normalize_obs", "true"}, {"share_trunk", "true"}})},
    {"ppo", "FrozenLake-v1", with(kOnPolicy, {{"layer_norm", "true"}, {"activation", "silu"}})},
    {"ppo", "CartPole-v1", with(kOnPolicy, {{"recurrent", "gru"}, {"recurrent_size", "8"}})},
    {"dqn", "CartPole-v1", kOffPolicy},
    {"dqn", "CartPole-v1", with(kOffPolicy, {{"dueling", "true"}, {"quantiles", "5"}})},
    {"sac", "Pendulum-v1", kOffPolicy},
    {"sac", "Pendulum-v1", with(kOffPolicy, {{"use_sde", "true"}})},
    {"sac", "CartPole-v1", kOffPolicy},
    {"sac", "Pendulum-v1",
     with(kOffPolicy, {{"batch_size", "64"}, {"recurrent", "gru"}, {"recurrent_size", "8"}})},
    {"td3", "Pendulum-v1", kOffPolicy},
    {"tqc", "Pendulum-v1", kOffPolicy},
    {"crossq", "Pendulum-v1",
     with(kOffPolicy, {{"critic_hidden_sizes", "[16]"}, {"renorm_warmup", "10"}})},
    {"ddpg", "Pendulum-v1", kOffPolicy},
};

class PolicyActs : public ::testing::TestWithParam<Subject> {};
INSTANTIATE_TEST_SUITE_P(Agents, PolicyActs, ::testing::ValuesIn(kSubjects));

TEST_P(PolicyActs, WithoutAllocating) {
  Acting acting(GetParam());
  acting.act(2);  // buffers have the sizes that they need
  const long before = allocations;
  acting.act(50);
  EXPECT_EQ(allocations - before, 0);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// Whether `deed` makes no system call; in a child.
template <class F>
bool makes_no_system_call(const F& deed) {
  const pid_t child = fork();
  if (child == 0) {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(77);
    deed();
    syscall(SYS_exit, 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 77) << "no seccomp here";
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_P(PolicyActs, WithoutASystemCall) {
  Acting acting(GetParam());
  acting.act(2);
  EXPECT_TRUE(makes_no_system_call([&] { acting.act(50); }));
}

TEST(PolicyActsCount, SeesASystemCall) {
  EXPECT_FALSE(makes_no_system_call([] { getppid(); }));
}
#endif

TEST_P(PolicyActs, AsItIsAskedOrNotAtAll) {
  Acting acting(GetParam());
  const auto said = [&](const ActRow& row) {
    return error_of([&] { acting.policy().act(row, true); });
  };
  ActRow row = acting.row();
  row.obs = ConstObsRow(Row<const float>(row.obs.floats().data(), row.obs.size() - 1));
  EXPECT_NE(said(row), "");
  std::vector<float> nan(acting.row().obs.size(), std::nanf(""));
  row.obs = ConstObsRow(Row<const float>(nan));
  EXPECT_NE(said(row), "");
  std::vector<float> reals(1);
  std::vector<std::int32_t> choices(1);
  row = acting.row();
  row.action = acting.policy().spec().action.is_box() ? MutableActionRow(Row<std::int32_t>(choices))
                                                      : MutableActionRow(Row<float>(reals));
  EXPECT_NE(said(row), "");
  const std::vector<std::uint8_t> none(acting.policy().spec().action.mask_size() + 1);
  row = acting.row();
  row.mask = ConstMaskRow(none);
  EXPECT_NE(said(row), "");
}

/// An env of this program alone.
class Lift final : public Env {
 public:
  Lift() {
    spec_.id = "Lift-v0";
    spec_.obs.scalar("height", 0, 10, "m").categorical("floor", 3);
    spec_.action = ActionSpace::box({ActionSpace::real("force", -1, 2, "kN")});
    spec_.max_episode_steps = 20;
    ++made;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = obs[1] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = obs[1] = 1;
    return {1, false, false};
  }
  static int made;

 private:
  EnvSpec spec_;
};
int Lift::made = 0;

void add_lift() {
  static const bool added = [] {
    registry().add<Lift>();
    return true;
  }();
  (void)added;
}

TEST(LoadedPolicy, KnowsTheEnvOfTheRunAndMakesNone) {
  add_lift();
  const Acting run({"ppo", "Lift-v0", kOnPolicy});
  const int made = Lift::made;
  const auto policy = tern_agents_api()->load_policy(run.run());
  EXPECT_EQ(Lift::made, made);
  const PolicySpec& spec = policy->spec();
  EXPECT_EQ(spec.env, "Lift-v0");
  EXPECT_EQ(spec.env_name, "Lift-v0");
  EXPECT_EQ(spec.max_episode_steps, 20);
  ASSERT_EQ(spec.obs.fields().size(), 2u);
  EXPECT_EQ(spec.obs.fields()[0].unit, "m");
  EXPECT_EQ(spec.obs.fields()[1].categories, 3);
  EXPECT_EQ(spec.action.components()[0].name, "force");
  EXPECT_EQ(spec.action.components()[0].high, 2);
  EXPECT_EQ(spec.action.components()[0].unit, "kN");
}

TEST(LoadedPolicy, NeedsNoEnvOfItsId) {
  add_lift();
  const Acting run({"ppo", "Lift-v0", kOnPolicy});
  const RunRef ref{run.run(), CheckpointStore(run.run()).last()};
  Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  manifest.config.env_id = "Gone-v0";
  EXPECT_EQ(trained_spec(ref, manifest).obs.size(), 2u);
  manifest.spec.reset();  // as in runs of before
  EXPECT_NE(error_of([&] { trained_spec(ref, manifest); }, ExitCode::kUsage), "");
}

TEST(LoadedPolicy, TakesNoSpecThatItsFileCannotHold) {
  EnvSpec spec;
  spec.obs.categorical("index", 1 << 28).vector("many", 1 << 20, 0, 1);
  EXPECT_EQ(
      error_of([&] { check_policy_bytes(spec, 4000, "runs/x"); }),
      "runs/x is damaged: its manifest speaks of 269484032 inputs, and its policy has 4000 bytes");
  EnvSpec small;
  small.obs.vector("few", 1000, 0, 1);
  check_policy_bytes(small, 4000, "runs/x");
}

TEST(PolicyOfATraining, IsCheckedAndKnowsItsEnvToo) {
  const TemporaryFolder folder;
  TrainRequest request;
  request.config = resolve_run_config(config_from_words({"ppo", "CartPole-v1"}),
                                      {{"total_steps", "64", "test"},
                                       {"num_envs", "2", "test"},
                                       {"rollout_steps", "32", "test"},
                                       {"minibatch_size", "32", "test"},
                                       {"final_eval_episodes", "0", "test"},
                                       {"eval_episodes", "1", "test"}});
  request.out = folder / "run";
  std::shared_ptr<Policy> policy;
  TrainHooks hooks;
  hooks.policy_interval_seconds = 0;
  hooks.on_policy = [&](std::shared_ptr<Policy> snapshot) { policy = std::move(snapshot); };
  tern_agents_api()->train(request, hooks);
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->spec().env, "CartPole-v1");
  EXPECT_EQ(error_of([&] { policy->inspect({}, {}); }),
            "policy for CartPole-v1: the observation has 0 floats; expected 4 floats");
}

}  // namespace
}  // namespace tern
