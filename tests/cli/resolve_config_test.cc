// From what the user wrote to a checked run: error texts with their places, and the law that the
// resolved configuration reads back as itself.

#include "agents/run/resolve_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/catalog/catalog.h"
#include "tests/cli/resolved_words.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string error_with(const std::string& agent, const std::string& env,
                       const std::vector<std::string>& words) {
  return error_of([&] { resolve(agent, env, words); }, ExitCode::kUsage);
}

std::string file_error(const std::string& text) {
  return error_of([&] { resolve_run_config(parse_config(text, "a.yaml"), {}); }, ExitCode::kUsage);
}

std::string value_of(const std::vector<ParamValue>& values, const std::string& key) {
  for (const ParamValue& value : values) {
    if (value.key == key) return value.text;
  }
  return "missing";
}

// Worked examples.
TEST(ResolveConfig, HoldsEveryKeyOnceWithTheLastValueGiven) {
  const RunConfig config = resolve_run_config(
      parse_config("env: {id: CartPole-v1}\nagent: {name: ppo, gamma: 0.9}\nrun: {seed: 4}\n", "a"),
      assignments({"gamma=0.8", "agent.epochs=3", "total_steps=1e5"}));
  EXPECT_EQ(config.env_id, "CartPole-v1");
  EXPECT_EQ(config.agent, "ppo");
  EXPECT_EQ(config.agent_params.size(), find_agent("ppo").params.size());
  EXPECT_EQ(value_of(config.agent_params, "gamma"), "0.8");
  EXPECT_EQ(value_of(config.agent_params, "epochs"), "3");
  EXPECT_EQ(value_of(config.agent_params, "gae_lambda"), "0.95");
  EXPECT_EQ(config.run.total_steps, 100'000);
  EXPECT_EQ(config.run.seed, 4);
}

TEST(ResolveConfig, DqnStepsOneEnvUnlessTold) {
  EXPECT_EQ(resolve("ppo", "CartPole-v1").run.num_envs, 8);
  EXPECT_EQ(resolve("dqn", "CartPole-v1").run.num_envs, 1);
  EXPECT_EQ(resolve("dqn", "CartPole-v1", {"num_envs=4"}).run.num_envs, 4);
}

TEST(ResolveConfig, AssignmentsMayReplaceEnvAndAgent) {
  const Config file = parse_config("env: {id: Pendulum-v1}\nagent: {name: ppo}\n", "a.yaml");
  const RunConfig config =
      resolve_run_config(file, assignments({"env.id=CartPole-v1", "agent.name=dqn", "tau=0.5"}));
  EXPECT_EQ(config.env_id, "CartPole-v1");
  EXPECT_EQ(value_of(config.agent_params, "tau"), "0.5");
}

TEST(ResolveConfig, RunIsNamedAfterTheFileOrTheWords) {
  EXPECT_EQ(run_name(parse_config("env: {id: X}", "configs/ppo_cartpole.yaml")), "ppo_cartpole");
  EXPECT_EQ(run_name(config_from_words({"ppo", "CartPole-v1"})), "ppo_CartPole-v1");
  EXPECT_EQ(run_name(config_from_words({"dqn", "./build/libmaze.so:Maze-v0"})), "dqn_libmaze");
}

// Law.
TEST(ResolveConfig, WrittenConfigurationReadsBackAsItself) {
  for (const char* agent : {"ppo", "dqn"}) {
    const RunConfig config =
        resolve(agent, "FrozenLake-v1",
                {"map=SFF/FHF/FFG", "hidden_sizes=[8, 4]", "learning_rate={start: 1e-3, end: 1e-4}",
                 "total_steps=50_000", "seed=12"});
    const std::string text = format_run_config(config, {"a run"});
    const RunConfig again = resolve_run_config(parse_config(text, "config.yaml"), {});
    EXPECT_EQ(format_run_config(again, {"a run"}), text);
    EXPECT_EQ(value_of(again.env, "map"), "SFF/FHF/FFG");
    EXPECT_EQ(again.run.total_steps, 50'000);
  }
}

// Words on the command line may lack the blanks that the file has: what is resolved is the file's
// text, or a run could not go on.
TEST(ResolveConfig, IsTheSameAsWhatItsFileReadsBackAs) {
  const RunConfig config = resolve(
      "ppo", "CartPole-v1", {"hidden_sizes=[8,4]", "learning_rate={start:  1e-3, end: 1e-4}"});
  EXPECT_EQ(value_of(config.agent_params, "hidden_sizes"), "[8, 4]");
  const std::string text = format_run_config(config, {});
  const RunConfig again = resolve_run_config(parse_config(text, "config.yaml"), {});
  EXPECT_EQ(value_of(again.agent_params, "learning_rate"),
            value_of(config.agent_params, "learning_rate"));
}

TEST(ResolveConfig, WrappersGivenAreKeptBesideTheEnvsOwnKeys) {
  const RunConfig config =
      resolve("ppo", "FrozenLake-v1", {"sticky_actions=0.1", "reward_scale=2"});
  EXPECT_EQ(value_of(config.env, "sticky_actions"), "0.1");
  EXPECT_EQ(value_of(config.env, "slippery"), "true");
  EXPECT_EQ(value_of(config.env, "action_repeat"), "missing");  // not given: not there
  const std::string text = format_run_config(config, {"a run"});
  const RunConfig again = resolve_run_config(parse_config(text, "config.yaml"), {});
  EXPECT_EQ(format_run_config(again, {"a run"}), text);
  EXPECT_EQ(value_of(again.env, "sticky_actions"), "0.1");
}

// Error texts: names.
TEST(ResolveConfigErrors, UnknownNamesSuggestTheNearestOnEveryPath) {
  EXPECT_THAT(error_with("ppo", "CartPol-v1", {}),
              StartsWith("unknown env 'CartPol-v1'. Did you mean 'CartPole-v1'?"));
  EXPECT_THAT(error_with("pppo", "CartPole-v1", {}),
              StartsWith("unknown agent 'pppo'. Did you mean 'ppo'?"));
  EXPECT_THAT(file_error("env:\n  id: CartPol-v1\nagent: {name: ppo}\n"),
              StartsWith("a.yaml:2: unknown env 'CartPol-v1'. Did you mean 'CartPole-v1'?"));
  EXPECT_THAT(file_error("env: {id: CartPole-v1}\nagent:\n  name: pp\n"),
              StartsWith("a.yaml:3: unknown agent 'pp'. Did you mean 'ppo'?"));
  EXPECT_THAT(file_error("env: {id: CartPole-v1}\nagent:\n  name: ppo\n  clip_rnage: 0.1\n"),
              StartsWith("a.yaml:4: unknown key 'agent.clip_rnage'. Did you mean 'clip_range'? "
                         "('tern describe ppo' lists all keys)"));
  EXPECT_THAT(file_error("env: {id: FrozenLake-v1, mapp: 4x4}\nagent: {name: ppo}\n"),
              StartsWith("a.yaml:1: unknown key 'env.mapp'. Did you mean 'map'?"));
  EXPECT_THAT(file_error("env: {id: CartPole-v1}\nagent: {name: ppo}\nrun: {totl_steps: 9}\n"),
              StartsWith("a.yaml:3: unknown key 'run.totl_steps'. Did you mean 'total_steps'?"));
  EXPECT_THAT(error_with("ppo", "CartPole-v1", {"clip_rnage=1"}),
              HasSubstr("Did you mean 'agent.clip_range'?"));
  EXPECT_THAT(error_with("ppo", "CartPole-v1", {"env.id=Pendulm-v1"}),
              HasSubstr("Did you mean 'Pendulum-v1'?"));
}

// Both ways to give a key end in the sentence that the agent has for it.
TEST(ResolveConfigErrors, AKeyOfOtherAgentsIsAnsweredByTheAgent) {
  const char no_memory[] = "command line: agent.recurrent: dqn has no recurrent networks; use ppo";
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"agent.recurrent=gru"}), StartsWith(no_memory));
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"recurrent=gru"}), StartsWith(no_memory));
  EXPECT_EQ(error_with("crossq", "Pendulum-v1", {"dueling=true"}),
            "command line: unknown key 'agent.dueling'. ('tern describe crossq' lists all keys)");
}

TEST(ResolveConfigErrors, HindsightNeedsGoalsAndSingleTransitions) {
  EXPECT_EQ(error_with("dqn", "CartPole-v1", {"hindsight=future"}),
            "command line: agent.hindsight: future needs an env whose observation has the fields "
            "\"achieved goal\" and \"desired goal\", which CartPole-v1 has not; expected none");
  for (const std::string other : {"prioritized=true", "n_step=3"}) {
    EXPECT_THAT(error_with("dqn", "BitFlip-v0", {"hindsight=final", other}),
                AllOf(StartsWith("command line: agent.hindsight: final draws single transitions"),
                      HasSubstr("does not go with agent." + other.substr(0, 6))));
  }
  EXPECT_THAT(error_with("dqn", "BitFlip-v0", {"hindsight=past"}), HasSubstr("hindsight"));
  EXPECT_THAT(error_with("sac", "Pendulum-v1", {"hindsight=future"}),
              HasSubstr("Pendulum-v1 has not"));
}

TEST(ResolveConfigErrors, MissingAgentName) {
  EXPECT_THAT(file_error("env: {id: CartPole-v1}\n"), StartsWith("a.yaml: agent.name is missing"));
}

TEST(ResolveConfigErrors, WordsInTheWrongOrderOrNumber) {
  EXPECT_EQ(error_with("CartPole-v1", "ppo", {}), "the agent comes first: ppo CartPole-v1");
  const auto one_word = [](const std::string& word) {
    return error_of([&] { config_from_words({word}); }, ExitCode::kUsage);
  };
  EXPECT_THAT(one_word("ppo"), HasSubstr("needs an env beside it: ppo CartPole-v1"));
  EXPECT_THAT(one_word("CartPole-v1"), HasSubstr("needs an agent before it: ppo CartPole-v1"));
  EXPECT_THAT(one_word("configs/nothing.yaml"), StartsWith("no configuration file"));
}

// Error texts: values.
TEST(ResolveConfigErrors, WrongTypeAndRangeNameThePlace) {
  EXPECT_EQ(file_error("env: {id: CartPole-v1}\nagent:\n  name: ppo\n  gamma: lots\n"),
            "a.yaml:4: agent.gamma: 'lots' is not a number");
  EXPECT_EQ(file_error("env: {id: CartPole-v1}\nagent:\n  name: ppo\n  gamma: 1.5\n"),
            "a.yaml:4: agent.gamma: 1.5 is out of range; expected [0, 1]");
  EXPECT_EQ(file_error("env: {id: CartPole-v1}\nagent: {name: ppo}\nrun:\n  num_envs: [1, 2]\n"),
            "a.yaml:4: run.num_envs: '[1, 2]' is not a whole number");
  EXPECT_THAT(
      error_with("ppo", "CartPole-v1", {"activation=tan"}),
      HasSubstr(
          "command line: agent.activation: 'tan' is not one of tanh|relu|elu|silu. Did you mean "
          "'tanh'?"));
  EXPECT_THAT(file_error("env:\n  id: FrozenLake-v1\n  map: SFX/FFG\nagent: {name: ppo}\n"),
              StartsWith("a.yaml:3: env"));
}

TEST(ResolveConfigErrors, NumbersMayBeWrittenAsPeopleDo) {
  EXPECT_EQ(resolve("ppo", "CartPole-v1", {"total_steps=1e6"}).run.total_steps, 1'000'000);
  EXPECT_EQ(resolve("ppo", "CartPole-v1", {"total_steps=100_000"}).run.total_steps, 100'000);
  EXPECT_EQ(resolve("ppo", "CartPole-v1", {"num_envs=010"}).run.num_envs, 10);
}

// Error texts: options that do not fit each other.
TEST(ResolveConfigErrors, MinibatchLargerThanTheRollout) {
  EXPECT_EQ(file_error("env: {id: CartPole-v1}\nagent:\n  name: ppo\n  minibatch_size: 4096\n"),
            "a.yaml:4: agent.minibatch_size: 4096 is larger than a rollout of 2048 samples "
            "(run.num_envs 8 * agent.rollout_steps 256); expected at most 2048");
}

TEST(ResolveConfigErrors, MinibatchThatDoesNotDivideTheRollout) {
  EXPECT_THAT(error_with("ppo", "CartPole-v1", {"minibatch_size=300"}),
              HasSubstr("does not divide a rollout of 2048 samples (run.num_envs 8 * "
                        "agent.rollout_steps 256); near it do 256 or 512"));
}

TEST(ResolveConfigErrors, KernelsLargerThanTheImage) {
  EXPECT_EQ(file_error("env: {id: Catch-v0}\nagent:\n  name: ppo\n  encoder: cnn\n"),
            "a.yaml:4: agent.cnn_kernels: 8 is larger than the image 'board', 10x5x1; for small "
            "images write cnn_channels: [16], cnn_kernels: [3], cnn_strides: [1] (Catch-v0)");
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"encoder=cnn"}),
              HasSubstr("agent.encoder: cnn needs an image, and the observation has none"));
}

TEST(ResolveConfigErrors, MemoryThatDoesNotFit) {
  EXPECT_EQ(file_error("env: {id: CartPole-v1}\nagent:\n  name: ppo\n  recurrent: gru\n  "
                       "minibatch_size: 128\n"),
            "a.yaml:5: agent.minibatch_size: 128 is no multiple of agent.rollout_steps: 256; "
            "agent.recurrent: gru learns from whole rollouts of an env");
  EXPECT_THAT(file_error("env: {id: CartPole-v1}\nagent:\n  name: dqn\n  recurrent: gru\n"),
              StartsWith("a.yaml:4: agent.recurrent: dqn has no recurrent networks; use ppo"));
  EXPECT_NO_THROW(resolve("ppo", "Catch-v0",
                          {"recurrent=gru", "minibatch_size=256", "encoder=cnn", "cnn_channels=[8]",
                           "cnn_kernels=[3]", "cnn_strides=[1]"}));
}

TEST(ResolveConfigErrors, RunShorterThanOneRollout) {
  EXPECT_THAT(error_with("ppo", "CartPole-v1", {"total_steps=2047"}),
              StartsWith("command line: run.total_steps: 2047 is less than one rollout"));
  // The place is that of the steps, whatever the file says of rollouts.
  EXPECT_THAT(file_error("env: {id: CartPole-v1}\n"
                         "agent: {name: a2c,\n  rollout_steps: 64}\n"
                         "run: {num_envs: 8,\n  total_steps: 511}\n"),
              StartsWith("a.yaml:5: run.total_steps: 511 is less than one rollout"));
  EXPECT_EQ(resolve("ppo", "CartPole-v1", {"total_steps=2048"}).run.total_steps, 2048);
}

TEST(ResolveConfigErrors, AWeightDecayThatNobodyReads) {
  EXPECT_EQ(file_error("env: {id: CartPole-v1}\nagent:\n  name: ppo\n  weight_decay: 0.01\n"),
            "a.yaml:4: agent.weight_decay: agent.optimizer adam decays no weights; expected 0, or "
            "optimizer adamw");
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"optimizer=rmsprop", "weight_decay=0.01"}),
              HasSubstr("agent.weight_decay: agent.optimizer rmsprop decays no weights"));
  EXPECT_NO_THROW(resolve("dqn", "CartPole-v1", {"optimizer=adamw", "weight_decay=0.01"}));
}

TEST(ResolveConfigErrors, DqnNeedsDiscreteActions) {
  EXPECT_EQ(error_with("dqn", "Pendulum-v1", {}),
            "dqn needs Discrete actions; Pendulum-v1 has Box. Use ppo, a2c, sac, td3, ddpg, tqc or "
            "crossq");
}

TEST(ResolveConfigErrors, DqnOptionsThatDoNotFit) {
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"train_every=4", "num_envs=6"}),
              HasSubstr("agent.train_every: 4 and run.num_envs: 6 do not fit"));
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"batch_size=64", "buffer_size=50"}),
              HasSubstr("agent.batch_size: 64 is larger than agent.buffer_size: 50"));
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"learning_starts=5000", "buffer_size=4000"}),
              HasSubstr("collects more than agent.buffer_size: 4000 keeps"));
  EXPECT_THAT(
      error_with("dqn", "CartPole-v1", {"total_steps=999"}),
      HasSubstr("run.total_steps: 999 ends before the first gradient step, which is due after "
                "1000 (agent.learning_starts: 1000, agent.train_every: 4, run.num_envs: 1)"));
  EXPECT_EQ(resolve("dqn", "CartPole-v1", {"total_steps=1000"}).run.total_steps, 1000);
}

// No env step at all, or none that a multiple of train_every comes with.
TEST(ResolveConfigErrors, DqnRunsInWhichNothingWouldBeLearned) {
  EXPECT_THAT(
      error_with("dqn", "CartPole-v1", {"total_steps=5", "num_envs=8", "learning_starts=0"}),
      HasSubstr("run.total_steps: 5 ends before the first gradient step, which is due after 8"));
  EXPECT_THAT(error_with("dqn", "CartPole-v1", {"total_steps=3", "learning_starts=0"}),
              HasSubstr("due after 4"));
  EXPECT_THAT(
      error_with("dqn", "CartPole-v1", {"total_steps=23", "num_envs=8", "learning_starts=17"}),
      HasSubstr("due after 24"));
  EXPECT_EQ(resolve("dqn", "CartPole-v1", {"total_steps=24", "num_envs=8", "learning_starts=17"})
                .run.total_steps,
            24);
}

TEST(ResolveConfigErrors, LevelsOfAnEnvWithoutLevels) {
  EXPECT_THAT(error_with("ppo", "CartPole-v1", {"train_level_end=5"}),
              HasSubstr("CartPole-v1 has no levels; remove these keys"));
}

// The catalogue.
TEST(Catalog, RunDefaultsOfAnAgentAreShown) {
  for (const ParamInfo& info : list_run_params(&find_agent("dqn"))) {
    if (info.name == "num_envs") {
      EXPECT_EQ(info.default_value, "1");
    }
  }
}

// Error texts of an agent that takes one gradient step for each rollout.
TEST(ResolveConfig, A2cRefusesRunsInWhichNothingIsLearned) {
  EXPECT_EQ(error_with("a2c", "CartPole-v1", {"num_envs=4", "total_steps=19"}),
            "command line: run.total_steps: 19 is less than one rollout of 20 samples (run.num_envs 4 "
            "* agent.rollout_steps 5); expected at least 20");
  EXPECT_EQ(resolve("a2c", "CartPole-v1", {"num_envs=4", "total_steps=20"}).agent, "a2c");
  EXPECT_EQ(error_with("a2c", "CartPole-v1",
                       {"num_envs=1", "rollout_steps=1", "normalize_advantage=true"}),
            "command line: agent.normalize_advantage: a rollout of one sample has no deviation to "
            "scale by; expected at least 2 (run.num_envs * agent.rollout_steps)");
  EXPECT_THAT(error_with("a2c", "CartPole-v1", {"recurrent=gru"}), HasSubstr("recurrent"));
  EXPECT_THAT(error_with("a2c", "CartPole-v1", {"weight_decay=0.1"}), HasSubstr("adamw"));
}

// Error texts of agents with bounded Box actions and a replay buffer.
TEST(ResolveConfig, ContinuousAgentsRefuseOtherActionsAndNameAgentsThatFit) {
  for (const std::string agent : {"td3", "ddpg", "tqc", "crossq"}) {
    EXPECT_EQ(error_with(agent, "CartPole-v1", {}),
              agent + " needs bounded Box actions; CartPole-v1 has Discrete. Use ppo, a2c, dqn or sac");
    EXPECT_EQ(resolve(agent, "Pendulum-v1").run.num_envs, 1);
  }
}

TEST(ResolveConfig, OffPolicyAgentsRefuseRunsInWhichNothingIsLearned) {
  for (const std::string agent : {"sac", "td3", "ddpg", "tqc", "crossq"}) {
    EXPECT_EQ(
        error_with(agent, "Pendulum-v1", {"learning_starts=5000", "total_steps=3000"}),
        "command line: run.total_steps: 3000 ends before the first gradient step, which is due "
        "after 5000 (agent.learning_starts: 5000, agent.train_every: 1, run.num_envs: 1); "
        "expected at least that");
    EXPECT_THAT(error_with(agent, "Pendulum-v1", {"updates_per_train=0"}),
                HasSubstr("agent.updates_per_train: 0 is out of range"));
    EXPECT_THAT(error_with(agent, "Pendulum-v1", {"train_every=3", "num_envs=2"}),
                HasSubstr("one must divide the other"));
    EXPECT_THAT(error_with(agent, "Pendulum-v1", {"batch_size=64", "buffer_size=32"}),
                HasSubstr("agent.batch_size: 64 is larger than agent.buffer_size: 32"));
    EXPECT_THAT(error_with(agent, "Pendulum-v1",
                           {"n_step=20", "buffer_size=32", "batch_size=8", "learning_starts=10",
                            "num_envs=2", "train_every=2"}),
                HasSubstr("agent.n_step: 20 is more than agent.buffer_size: 32 keeps of each of "
                          "run.num_envs: 2; expected at most 16"));
  }
}

TEST(ResolveConfig, MemoryFromReplayNeedsSequences) {
  for (const std::string agent : {"sac", "td3", "ddpg", "tqc"}) {
    const auto error = [&](std::vector<std::string> words) {
      words.insert(words.begin(), "recurrent=gru");
      return error_with(agent, "Pendulum-v1", words);
    };
    EXPECT_EQ(error({"prioritized=true"}),
              "command line: agent.prioritized: priorities are of single transitions, and "
              "agent.recurrent: gru learns from sequences, which are drawn alike; expected false");
    EXPECT_EQ(error({"sequence_length=30"}),
              "command line: agent.sequence_length: 30 does not divide agent.batch_size: 256, which is "
              "made of whole sequences");
    EXPECT_EQ(error({"num_envs=4", "train_every=4"}),
              "command line: agent.learning_starts: 100 is before the first sequence is there, of 48 "
              "steps (agent.burn_in: 16, agent.sequence_length: 32) of each of run.num_envs: 4; "
              "expected at least 192");
    EXPECT_THAT(error({"buffer_size=40", "batch_size=32"}),
                HasSubstr("agent.buffer_size: 40 does not hold a sequence of 48 steps"));
    EXPECT_EQ(error({"n_step=33"}),
              "command line: agent.n_step: 33 is more than agent.sequence_length: 32, beyond which "
              "nobody knows what is remembered; expected at most that");
    EXPECT_EQ(resolve(agent, "Pendulum-v1", {"recurrent=gru", "n_step=3"}).agent, agent);
  }
  EXPECT_NO_THROW(resolve("sac", "CartPole-v1", {"recurrent=gru", "frame_stack=2"}));
  EXPECT_EQ(file_error("env: {id: Pendulum-v1}\nagent:\n  name: crossq\n  recurrent: gru\n"),
            "a.yaml:4: agent.recurrent: crossq normalises its layers over a batch of independent "
            "rows, which steps of a sequence are not; use ppo, sac or td3, or an env that shows what "
            "must be remembered");
}

TEST(ResolveConfig, ActorsNeedAReplayBufferAndAnEnvEach) {
  EXPECT_EQ(
      error_with("ppo", "CartPole-v1", {"actors=2"}),
      "command line: run.actors: 2 needs an agent that learns from a replay buffer (dqn, sac, td3, "
      "ddpg, tqc, crossq); ppo learns from its newest steps. Use run.threads");
  EXPECT_EQ(
      error_with("sac", "Pendulum-v1", {"actors=2"}),
      "command line: run.actors: 2 are more than run.num_envs: 1; each acts in envs of its own");
}

TEST(ResolveConfig, StateDependentNoiseNeedsABoxAndHiddenLayers) {
  EXPECT_EQ(
      error_with("sac", "CartPole-v1", {"use_sde=true"}),
      "command line: agent.use_sde: state-dependent noise is added to Box actions; CartPole-v1 has "
      "Discrete ones, which sac samples by their probabilities. Leave it out");
  for (const std::string agent : {"sac", "tqc"}) {
    EXPECT_EQ(error_with(agent, "Pendulum-v1", {"use_sde=true", "hidden_sizes=[]"}),
              "command line: agent.use_sde: the noise is a function of the last hidden layer, and "
              "agent.hidden_sizes: [] has none; expected at least one");
  }
}

TEST(ResolveConfig, TqcLeavesOutFewerQuantilesThanThereAre) {
  EXPECT_THAT(error_with("tqc", "Pendulum-v1", {"quantiles=5", "dropped_quantiles=5"}),
              HasSubstr("agent.dropped_quantiles: 5 leaves none of agent.quantiles: 5"));
}

TEST(ResolveConfig, CrossqRefusesWhatDoesNotGoWithBatchNormalisation) {
  EXPECT_EQ(error_with("crossq", "Pendulum-v1", {"layer_norm=true"}),
            "command line: agent.layer_norm: crossq normalises its layers over the batch, and a "
            "layer has "
            "one norm; expected false (sac and td3 take layer_norm)");
  EXPECT_EQ(
      error_with("crossq", "Pendulum-v1", {"batch_size=1"}),
      "command line: agent.batch_size: 1 has no deviation for crossq to normalise by; expected at "
      "least 2");
  EXPECT_EQ(
      error_with("crossq", "Pendulum-v1", {"optimizer=rmsprop", "adam_beta1=0.9"}),
      "command line: agent.adam_beta1: agent.optimizer rmsprop has none; leave it out, or use adam "
      "or adamw");
  EXPECT_EQ(resolve("crossq", "Pendulum-v1", {"optimizer=rmsprop"}).agent, "crossq");
  EXPECT_THAT(error_with("crossq", "Pendulum-v1", {"batch_norm_momentum=1"}),
              HasSubstr("agent.batch_norm_momentum: 1 is out of range"));
  EXPECT_THAT(error_with("crossq", "Pendulum-v1", {"adam_beta1=nan"}),
              HasSubstr("agent.adam_beta1"));
  EXPECT_THAT(error_with("crossq", "Pendulum-v1", {"policy_delay=0"}),
              HasSubstr("agent.policy_delay: 0 is out of range"));
}

// Error texts: an agent that learns for one player is not given two.
TEST(ResolveConfig, RefusesPlayersWhoTakeTurns) {
  const std::string advice =
      "replace opponent=none by opponent=random (env.opponent may be random|greedy|minimax|none)";
  for (const std::string agent : {"ppo", "dqn"}) {
    EXPECT_THAT(error_with(agent, "ConnectFour-v1", {"opponent=none"}),
                testing::AllOf(HasSubstr("ConnectFour-v1 has 2 players who take turns"),
                               HasSubstr(agent + " learns for a single one"), HasSubstr(advice)));
  }
  EXPECT_THAT(error_with("ppo", "ConnectFour-v1", {"opponent=none", "env.opponent=none"}),
              HasSubstr(advice));
  EXPECT_THAT(file_error("env:\n  id: ConnectFour-v1\n  opponent: none\nagent: {name: ppo}\n"),
              testing::AllOf(StartsWith("a.yaml:3: "), HasSubstr(advice)));
  EXPECT_EQ(resolve("ppo", "ConnectFour-v1").env_id, "ConnectFour-v1");
}

}  // namespace
}  // namespace tern
