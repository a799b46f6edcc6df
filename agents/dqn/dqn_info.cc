// DQN as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include <algorithm>

#include "agents/config/agent_checks.h"
#include "agents/dqn/dqn_config.h"
#include "core/error.h"

namespace tern {
namespace {

void check(const AgentDemand& demand) {
  check_not_recurrent(demand, "dqn");
  DqnConfig config;
  load_params(config, demand.agent_values, "agent", "'tern describe dqn' lists all keys");
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  if (demand.spec.action.kind() != ActionSpace::Kind::kDiscrete) {
    throw Error("dqn needs Discrete actions; " + demand.spec.id + " has " +
                kind_name(demand.spec.action) + ". Use ppo");
  }
  check_encoder(demand, config.encoder);
  const std::int64_t envs = demand.run.num_envs;
  if (config.train_every % envs != 0 && envs % config.train_every != 0) {
    throw Error(place_of(demand, {"train_every"}, {"num_envs"}) +
                "agent.train_every: " + std::to_string(config.train_every) +
                " and run.num_envs: " + std::to_string(envs) + " do not fit; one must divide the other");
  }
  if (config.batch_size > config.buffer_size) {
    throw Error(place_of(demand.agent_values, {"batch_size", "buffer_size"}) +
                "agent.batch_size: " + std::to_string(config.batch_size) +
                " is larger than agent.buffer_size: " + std::to_string(config.buffer_size) +
                "; expected at most that");
  }
  if (config.buffer_size < envs) {
    throw Error(place_of(demand, {"buffer_size"}, {"num_envs"}) +
                "agent.buffer_size: " + std::to_string(config.buffer_size) +
                " cannot hold one step of run.num_envs: " + std::to_string(envs) +
                "; expected at least that");
  }
  if (config.learning_starts > config.buffer_size) {
    throw Error(place_of(demand.agent_values, {"learning_starts", "buffer_size"}) +
                "agent.learning_starts: " + std::to_string(config.learning_starts) +
                " collects more than agent.buffer_size: " + std::to_string(config.buffer_size) +
                " keeps; expected at most that");
  }
  // Gradient steps are taken where a multiple of train_every has been passed and all envs have stepped.
  const std::int64_t stride = std::max<std::int64_t>(config.train_every, envs);
  const std::int64_t first =
      stride * std::max<std::int64_t>(1, (config.learning_starts + stride - 1) / stride);
  if (demand.run.total_steps < first) {
    throw Error(place_of(demand, {"learning_starts"}, {"total_steps", "num_envs"}) +
                "run.total_steps: " + std::to_string(demand.run.total_steps) +
                " ends before the first gradient step, which is due after " + std::to_string(first) +
                " (agent.learning_starts: " + std::to_string(config.learning_starts) +
                ", agent.train_every: " + std::to_string(config.train_every) +
                ", run.num_envs: " + std::to_string(envs) + "); expected at least that");
  }
}

}  // namespace

AgentInfo dqn_info() {
  AgentInfo info;
  info.name = "dqn";
  info.summary = "deep Q-learning from a replay buffer: off-policy, Discrete actions";
  info.reference = "Mnih et al. 2015, Nature 518";
  info.params = list_params<DqnConfig>();
  // An update every few steps of one env is what DQN's published settings mean.
  info.run_defaults = {{"num_envs", "1", ""}};
  info.check = check;
  info.replay_schema = [](const RunConfig& run) {
    DqnConfig config;
    load_params(config, run.agent_params, "agent", "'tern describe dqn' lists all keys");
    return replay_schema(config, static_cast<std::size_t>(run.run.num_envs));
  };
  return info;
}

}  // namespace tern
