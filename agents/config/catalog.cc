#include "agents/config/catalog.h"

#include <algorithm>
#include <cstdint>

#include "agents/config/conv_spec.h"
#include "agents/dqn/dqn_config.h"
#include "agents/ppo/ppo_config.h"
#include "core/did_you_mean.h"
#include "core/error.h"

namespace tern {
namespace {

using Values = std::vector<ParamValue>;

/// "configs/a.yaml:7: " of the last value for the first of `keys` that was given, or "".
std::string place_of(const Values& values, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    for (auto value = values.rbegin(); value != values.rend(); ++value) {
      if (value->key == key && !value->where.empty()) return value->where + ": ";
    }
  }
  return "";
}

/// The place of one of the agent's keys if any was given, else of one of the run's.
std::string place_of(const AgentDemand& demand, const std::vector<std::string>& agent_keys,
                     const std::vector<std::string>& run_keys) {
  const std::string place = place_of(demand.agent_values, agent_keys);
  return place.empty() ? place_of(demand.run_values, run_keys) : place;
}

std::string number(std::int64_t value) {
  return std::to_string(value);
}

/// "128 or 256": the divisors of `total` next to `wanted`, from 2 up.
std::string divisors_near(std::int64_t total, std::int64_t wanted) {
  std::int64_t below = 0, above = 0;
  for (std::int64_t d = 2; d <= total; ++d) {
    if (total % d != 0) continue;
    if (d < wanted) below = d;
    if (d > wanted) {
      above = d;
      break;
    }
  }
  if (below == 0) return number(above);
  if (above == 0) return number(below);
  return number(below) + " or " + number(above);
}

std::string kind_name(const ActionSpace& space) {
  switch (space.kind()) {
    case ActionSpace::Kind::kDiscrete:
      return "Discrete";
    case ActionSpace::Kind::kMultiDiscrete:
      return "MultiDiscrete";
    case ActionSpace::Kind::kBox:
      return "Box";
  }
  return "";
}

/// An option that nobody reads is an error.
void check_weight_decay(const std::string& optimizer, double weight_decay, const Values& values) {
  if (weight_decay == 0 || optimizer == "adamw") return;
  throw Error(place_of(values, {"weight_decay", "optimizer"}) +
              "agent.weight_decay: agent.optimizer " + optimizer +
              " decays no weights; expected 0, or optimizer adamw");
}

void check_encoder(const AgentDemand& demand, const EncoderConfig& config) {
  try {
    chosen_convolutions(config, demand.spec.obs);
  } catch (const Error& error) {
    throw Error(place_of(demand.agent_values,
                         {"cnn_kernels", "cnn_channels", "cnn_strides", "encoder"}) +
                error.what() + std::string(" (") + demand.spec.id + ")");
  }
}

void check_ppo(const AgentDemand& demand) {
  PpoConfig config;
  load_params(config, demand.agent_values, "agent", "'tern describe ppo' lists all keys");
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  const std::int64_t rollout = std::int64_t{demand.run.num_envs} * config.rollout_steps;
  const std::string rollout_text = number(rollout) + " samples (run.num_envs " +
                                   number(demand.run.num_envs) + " * agent.rollout_steps " +
                                   number(config.rollout_steps) + ")";
  const std::string place = place_of(demand, {"minibatch_size", "rollout_steps"}, {"num_envs"});
  if (config.minibatch_size > rollout) {
    throw Error(place + "agent.minibatch_size: " + number(config.minibatch_size) +
                " is larger than a rollout of " + rollout_text + "; expected at most " +
                number(rollout));
  }
  if (rollout % config.minibatch_size != 0) {
    throw Error(place + "agent.minibatch_size: " + number(config.minibatch_size) +
                " does not divide a rollout of " + rollout_text + "; near it do " +
                divisors_near(rollout, config.minibatch_size));
  }
  if (config.recurrent != "none") {
    if (config.minibatch_size % config.rollout_steps != 0) {
      throw Error(place + "agent.minibatch_size: " + number(config.minibatch_size) +
                  " is no multiple of agent.rollout_steps: " + number(config.rollout_steps) +
                  "; agent.recurrent: " + config.recurrent + " learns from whole rollouts of an env");
    }
    if (chosen_convolutions(config.encoder, demand.spec.obs)) {
      throw Error(place_of(demand.agent_values, {"recurrent", "encoder"}) + "agent.recurrent: " +
                  config.recurrent + " is not combined with convolutions; write encoder: flat");
    }
  }
  if (demand.run.total_steps < rollout) {
    throw Error(place_of(demand.run_values, {"total_steps", "num_envs"}) + "run.total_steps: " +
                number(demand.run.total_steps) + " is less than one rollout of " + rollout_text +
                "; expected at least " + number(rollout));
  }
}

void check_dqn(const AgentDemand& demand) {
  const std::string recurrent = place_of(demand.agent_values, {"recurrent", "recurrent_size"});
  if (!recurrent.empty()) {
    throw Error(recurrent + "agent.recurrent: dqn has no recurrent networks; use ppo, or an env "
                            "that shows what must be remembered");
  }
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
                "agent.train_every: " + number(config.train_every) +
                " and run.num_envs: " + number(envs) + " do not fit; one must divide the other");
  }
  if (config.batch_size > config.buffer_size) {
    throw Error(place_of(demand.agent_values, {"batch_size", "buffer_size"}) +
                "agent.batch_size: " + number(config.batch_size) +
                " is larger than agent.buffer_size: " + number(config.buffer_size) +
                "; expected at most that");
  }
  if (config.buffer_size < envs) {
    throw Error(place_of(demand, {"buffer_size"}, {"num_envs"}) +
                "agent.buffer_size: " + number(config.buffer_size) +
                " cannot hold one step of run.num_envs: " + number(envs) +
                "; expected at least that");
  }
  if (config.learning_starts > config.buffer_size) {
    throw Error(place_of(demand.agent_values, {"learning_starts", "buffer_size"}) +
                "agent.learning_starts: " + number(config.learning_starts) +
                " collects more than agent.buffer_size: " + number(config.buffer_size) +
                " keeps; expected at most that");
  }
  if (demand.run.total_steps <= config.learning_starts) {
    throw Error(place_of(demand, {"learning_starts"}, {"total_steps"}) +
                "run.total_steps: " + number(demand.run.total_steps) +
                " ends before learning begins (agent.learning_starts " +
                number(config.learning_starts) + "); expected more than that");
  }
}

AgentEntry make_ppo() {
  AgentEntry entry;
  entry.name = "ppo";
  entry.summary = "proximal policy optimisation: on-policy, all kinds of actions";
  entry.reference = "Schulman et al. 2017, arXiv:1707.06347";
  entry.params = list_params<PpoConfig>();
  entry.check = check_ppo;
  return entry;
}

AgentEntry make_dqn() {
  AgentEntry entry;
  entry.name = "dqn";
  entry.summary = "deep Q-learning from a replay buffer: off-policy, Discrete actions";
  entry.reference = "Mnih et al. 2015, Nature 518";
  entry.params = list_params<DqnConfig>();
  // An update every few steps of one env is what DQN's published settings mean.
  entry.run_defaults = {{"num_envs", "1", ""}};
  entry.check = check_dqn;
  return entry;
}

}  // namespace

const std::vector<AgentEntry>& agents() {
  static const std::vector<AgentEntry> entries = {make_ppo(), make_dqn()};
  return entries;
}

std::vector<std::string> agent_names() {
  std::vector<std::string> names;
  for (const AgentEntry& entry : agents()) names.push_back(entry.name);
  return names;
}

const AgentEntry& find_agent(const std::string& name) {
  for (const AgentEntry& entry : agents()) {
    if (entry.name == name) return entry;
  }
  std::string all;
  for (const std::string& known : agent_names()) all += (all.empty() ? "" : ", ") + known;
  throw Error("unknown agent '" + name + "'." + did_you_mean(name, agent_names()) +
              " (there are: " + all + ")");
}

std::vector<ParamInfo> list_run_params(const AgentEntry* agent) {
  std::vector<ParamInfo> infos = list_params<RunParams>();
  if (agent == nullptr) return infos;
  for (const ParamValue& value : agent->run_defaults) {
    for (ParamInfo& info : infos) {
      if (info.name == value.key) info.default_value = value.text;
    }
  }
  return infos;
}

}  // namespace tern
