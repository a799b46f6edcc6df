#include "cli/text/describe_replay.h"

#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "agents/catalog/catalog.h"
#include "cli/text/table.h"
#include "core/error.h"
#include "core/params.h"
#include "envs/action_units.h"
#include "envs/vector/vec_env.h"

namespace tern::cli {
namespace {

std::string rounded(double value) {
  return format_number(std::round(value * 1000) / 1000);
}

void add_row(std::vector<std::vector<std::string>>& rows, const std::string& name,
             const Distribution& values) {
  if (values.count == 0) {
    rows.push_back({name, "none"});
    return;
  }
  std::string bins;
  for (const std::int64_t bin : values.bins)
    bins += (bins.empty() ? "" : " ") + std::to_string(bin);
  rows.push_back({name, rounded(values.least), rounded(values.mean), rounded(values.most), bins});
  if (values.not_finite > 0) {
    rows.back().back() += ", " + std::to_string(values.not_finite) + " not finite";
  }
}

/// Agents keep Box actions in units of their range; people are shown the env's own.
void in_env_units(const EnvSpec& spec, ReplaySummary& summary) {
  const ActionUnits units(spec.action);
  for (std::size_t i = 0; i < summary.actions.size(); ++i) {
    Distribution& values = summary.actions[i].values;
    for (double* each : {&values.least, &values.mean, &values.most}) *each = units.to_env(i, *each);
  }
}

}  // namespace

ReplaySummary replay_of(const Checkpoint& checkpoint, const EnvEntry& env) {
  const RunConfig& config = checkpoint.manifest().config;
  const AgentInfo& agent = find_agent(config.agent);
  if (!agent.replay_schema) {
    throw Error("--replay: " + agent.name +
                " learns from its newest steps and keeps no replay buffer");
  }
  // As training made it: parameters and wrappers decide what is stored.
  const EnvSpec spec = VecEnv(env, config.env, VecEnvOptions()).spec();
  ReplaySchema schema = agent.replay_schema(config);
  schema.file.clear();  // where the run wants it is not for a look
  ReplayBuffer replay(spec, schema);
  checkpoint.read_stream("replay.bin", [&](ByteSource& in) { replay.load(in); });
  ReplaySummary summary = summarize(spec, replay);
  if (spec.action.is_box()) in_env_units(spec, summary);
  return summary;
}

void print_replay(const ReplaySummary& replay) {
  std::cout << "\nReplay buffer: " << replay.size << " of " << replay.capacity << " transitions of "
            << replay.num_envs << (replay.num_envs == 1 ? " env; " : " envs; ") << replay.terminated
            << " terminated, " << replay.truncated << " truncated\n";
  std::vector<std::vector<std::string>> rows = {
      {"", "least", "mean", "most", "how many in ten bins of equal width"}};
  add_row(rows, "age (steps of its env)", replay.ages);
  add_row(rows, "reward, as learned from", replay.rewards);
  add_row(rows, "return of whole episodes", replay.returns);
  add_row(rows, "length of whole episodes", replay.lengths);
  for (const ActionSummary& action : replay.actions) {
    if (action.options.empty()) add_row(rows, action.name, action.values);
  }
  print_table(rows);
  rows.clear();
  for (const ActionSummary& action : replay.actions) {
    for (std::size_t k = 0; k < action.options.size(); ++k) {
      rows.push_back({action.name + " " + action.options[k], std::to_string(action.counts[k])});
    }
  }
  if (!rows.empty()) print_table(rows);
}

}  // namespace tern::cli
