#include "agents/config/off_policy_config.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "agents/config/agent_checks.h"
#include "core/error.h"
#include "envs/goal_fields.h"

namespace tern {

ReplaySchema replay_schema(const OffPolicyConfig& config, std::size_t num_envs) {
  ReplaySchema schema;
  schema.capacity = static_cast<std::size_t>(config.buffer_size);
  schema.num_envs = num_envs;
  schema.state_size = config.memory.state_size();
  schema.file = config.buffer_file;
  return schema;
}

namespace {

/// What goes with sequences, and whether there is one when learning starts.
void check_memory(const AgentDemand& demand, const OffPolicyConfig& config) {
  const RecurrentConfig& memory = config.memory;
  if (!memory.is_on()) return;
  if (config.prioritized) {
    throw Error(place_of(demand.agent_values, {"prioritized", "recurrent"}) +
                "agent.prioritized: priorities are of single transitions, and agent.recurrent: " +
                memory.recurrent + " learns from sequences, which are drawn alike; expected false");
  }
  if (config.batch_size % memory.sequence_length != 0) {
    throw Error(place_of(demand.agent_values, {"sequence_length", "batch_size"}) +
                "agent.sequence_length: " + std::to_string(memory.sequence_length) +
                " does not divide agent.batch_size: " + std::to_string(config.batch_size) +
                ", which is made of whole sequences");
  }
  const std::int64_t envs = demand.run.num_envs, steps = memory.drawn_steps() * envs;
  const std::string sequence =
      std::to_string(memory.drawn_steps()) +
      " steps (agent.burn_in: " + std::to_string(memory.burn_in) +
      ", agent.sequence_length: " + std::to_string(memory.sequence_length) +
      ") of each of run.num_envs: " + std::to_string(envs);
  if (config.learning_starts < steps) {
    throw Error(place_of(demand, {"learning_starts", "sequence_length", "burn_in"}, {"num_envs"}) +
                "agent.learning_starts: " + std::to_string(config.learning_starts) +
                " is before the first sequence is there, of " + sequence + "; expected at least " +
                std::to_string(steps));
  }
  if (config.buffer_size / envs < memory.drawn_steps()) {
    throw Error(place_of(demand.agent_values, {"buffer_size", "sequence_length", "burn_in"}) +
                "agent.buffer_size: " + std::to_string(config.buffer_size) +
                " does not hold a sequence of " + sequence + "; expected at least " +
                std::to_string(steps));
  }
  if (config.n_step > memory.sequence_length) {
    throw Error(place_of(demand.agent_values, {"n_step", "sequence_length"}) +
                "agent.n_step: " + std::to_string(config.n_step) +
                " is more than agent.sequence_length: " + std::to_string(memory.sequence_length) +
                ", beyond which nobody knows what is remembered; expected at most that");
  }
}

/// Goals that can be changed afterwards, in transitions that stand alone.
void check_hindsight(const AgentDemand& demand, const OffPolicyConfig& config) {
  if (config.hindsight == "none") return;
  const std::string what =
      place_of(demand.agent_values, {"hindsight"}) + "agent.hindsight: " + config.hindsight;
  if (!has_goals(demand.spec.obs)) {
    throw Error(what + " needs an env whose observation has the fields \"" + kAchievedGoal +
                "\" and \"" + kDesiredGoal + "\", which " + demand.spec.id +
                " has not; expected none");
  }
  const char* other = config.prioritized      ? "agent.prioritized: true"
                      : config.memory.is_on() ? "agent.recurrent"
                      : config.n_step > 1     ? "agent.n_step above 1"
                                              : nullptr;
  if (other != nullptr) {
    throw Error(what +
                " draws single transitions alike and changes their goals, which does not go "
                "with " +
                other + "; expected one of the two");
  }
}

}  // namespace

void check_off_policy(const AgentDemand& demand, const OffPolicyConfig& config) {
  check_memory(demand, config);
  check_hindsight(demand, config);
  const std::int64_t envs = demand.run.num_envs;
  if (config.train_every % envs != 0 && envs % config.train_every != 0) {
    throw Error(place_of(demand, {"train_every"}, {"num_envs"}) + "agent.train_every: " +
                std::to_string(config.train_every) + " and run.num_envs: " + std::to_string(envs) +
                " do not fit; one must divide the other");
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
  if (config.buffer_size / envs < config.n_step) {
    throw Error(place_of(demand.agent_values, {"n_step", "buffer_size"}) +
                "agent.n_step: " + std::to_string(config.n_step) +
                " is more than agent.buffer_size: " + std::to_string(config.buffer_size) +
                " keeps of each of run.num_envs: " + std::to_string(envs) + "; expected at most " +
                std::to_string(config.buffer_size / envs));
  }
  // Gradient steps are taken where a multiple of train_every has been passed and all envs have
  // stepped.
  const std::int64_t stride = std::max<std::int64_t>(config.train_every, envs);
  const std::int64_t first =
      stride * std::max<std::int64_t>(1, (config.learning_starts + stride - 1) / stride);
  if (demand.run.total_steps < first) {
    throw Error(place_of(demand, {"learning_starts"}, {"total_steps", "num_envs"}) +
                "run.total_steps: " + std::to_string(demand.run.total_steps) +
                " ends before the first gradient step, which is due after " +
                std::to_string(first) +
                " (agent.learning_starts: " + std::to_string(config.learning_starts) +
                ", agent.train_every: " + std::to_string(config.train_every) +
                ", run.num_envs: " + std::to_string(envs) + "); expected at least that");
  }
}

std::int64_t updates_due(const OffPolicyConfig& config, std::int64_t before, std::int64_t now) {
  if (now < config.learning_starts) return 0;
  return (now / config.train_every - before / config.train_every) * config.updates_per_train;
}

}  // namespace tern
