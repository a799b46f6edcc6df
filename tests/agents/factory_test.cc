// Laws: every agent of the catalog can be made, trains, and its policy is loaded from its state.

#include "agents/training/factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/catalog/catalog.h"
#include "agents/training/platform.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/agents/training.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using ::testing::HasSubstr;

RunConfig config_of(const std::string& agent) {
  RunConfig config;
  config.env_id = "CartPole-v1";
  config.agent = agent;
  config.run.num_envs = 8;
  config.run.seed = 3;
  config.run.total_steps = 2048;
  return config;
}

/// Small, and of CartPole, or of Pendulum for those who do not take that.
RunConfig small_config_of(const AgentInfo& entry) {
  RunConfig config = config_of(entry.name);
  for (const ParamInfo& info : entry.params) {
    if (info.name == "hidden_sizes" || info.name == "critic_hidden_sizes") {
      config.agent_params.push_back({info.name, "[16]", "test"});
    }
  }
  try {
    check_demand(entry, {registry().find(config.env_id).spec, config.run, config.agent_params, {}});
  } catch (const Error&) {
    config.env_id = "Pendulum-v1";
    config.agent_params.push_back({"batch_size", "32", "test"});
    check_demand(entry, {registry().find(config.env_id).spec, config.run, config.agent_params, {}});
  }
  return config;
}

TEST(Factory, EveryAgentOfTheCatalogIsMadeTrainsAndLoads) {
  set_up_platform();
  for (const AgentInfo& entry : agents()) {
    const RunConfig config = small_config_of(entry);
    const auto envs = make_envs(config.env_id, 8, /*seed=*/3);
    const auto agent = make_agent(config, envs->spec());
    Training training(config.run.total_steps);
    agent->train(*envs, training);
    EXPECT_GT(agent->step(), 0) << entry.name;
    const AgentState state = agent->save();
    const auto policy =
        load_policy(config, envs->spec(), Row<const std::uint8_t>(state.policy));
    const auto snapshot = agent->snapshot();
    EXPECT_EQ(policy->agent(), entry.name);
    EXPECT_EQ(policy->step(), agent->step());
    Rng rng(1, "observations"), unused(2, "not used");
    for (int i = 0; i < 50; ++i) {
      const EnvSpec& spec = envs->spec();
      std::vector<float> obs(spec.obs.size());
      for (float& x : obs) x = static_cast<float>(rng.uniform(-0.2, 0.2));
      std::vector<std::uint8_t> mask(spec.action.mask_size(), 1);
      std::int32_t one = -1, two = -1;  // or the bits of a float
      for (const auto& [from, action] : {std::pair{policy.get(), &one}, {snapshot.get(), &two}}) {
        from->act(ActRow{ObsRow(FloatRow(obs)), MaskRow(mask), &unused,
                         ActionRows(action, spec.action, 1)[0], {}},
                  /*deterministic=*/true);
      }
      EXPECT_EQ(one, two) << entry.name;
      EXPECT_NE(one, -1) << entry.name;
    }
  }
}

TEST(Factory, AnUnknownAgentIsNamedWithItsNearest) {
  const EnvSpec& spec = registry().find("CartPole-v1").spec;
  const auto make = [&] { make_agent(config_of("pp"), spec); };
  EXPECT_THAT(error_of(make, ExitCode::kUsage), HasSubstr("ppo"));
  const auto load = [&] { load_policy(config_of("pp"), spec, {}); };
  EXPECT_THAT(error_of(load, ExitCode::kUsage), HasSubstr("ppo"));
}

TEST(Factory, ABadHyperParameterIsRefused) {
  RunConfig config = config_of("ppo");
  config.agent_params = {{"clip_rnage", "0.2", "test"}};
  const EnvSpec& spec = registry().find("CartPole-v1").spec;
  const auto make = [&] { make_agent(config, spec); };
  EXPECT_THAT(error_of(make, ExitCode::kUsage), HasSubstr("clip_range"));
}

}  // namespace
}  // namespace tern
