#include "agents/catalog/catalog.h"

#include <algorithm>
#include <cmath>

#include "agents/catalog/builtin_agents.h"
#include "agents/config/agent_checks.h"
#include "core/did_you_mean.h"
#include "core/error.h"

namespace tern {

#define TERN_DECLARE_INFO(name) AgentInfo name##_info();
TERN_BUILTIN_AGENTS(TERN_DECLARE_INFO)
#undef TERN_DECLARE_INFO

namespace {

std::vector<AgentInfo>& table() {
#define TERN_CALL_INFO(name) name##_info(),
  static std::vector<AgentInfo> infos = {TERN_BUILTIN_AGENTS(TERN_CALL_INFO)};
#undef TERN_CALL_INFO
  return infos;
}

/// The first Box component that lacks a bound, or null.
const ActionComponent* unbounded_component(const ActionSpace& space) {
  if (!space.is_box()) return nullptr;
  const auto& all = space.components();
  const auto found = std::find_if(all.begin(), all.end(), [](const ActionComponent& component) {
    return !std::isfinite(component.low) || !std::isfinite(component.high);
  });
  return found == all.end() ? nullptr : &*found;
}

bool learns_kind(const LearnedActions& learned, const ActionSpace& space) {
  switch (space.kind()) {
    case ActionSpace::Kind::kDiscrete: return learned.discrete;
    case ActionSpace::Kind::kMultiDiscrete: return learned.multi_discrete;
    case ActionSpace::Kind::kBox: return learned.box;
  }
  return false;
}

bool learns(const LearnedActions& learned, const ActionSpace& space) {
  return learns_kind(learned, space) &&
         (learned.unbounded || unbounded_component(space) == nullptr);
}

/// "ppo, a2c or sac"
std::string joined_by_or(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text;
}

/// "bounded Box or Discrete"
std::string kinds_of(const LearnedActions& learned) {
  std::vector<std::string> kinds;
  if (learned.box) kinds.push_back(learned.unbounded ? "Box" : "bounded Box");
  if (learned.discrete) kinds.push_back("Discrete");
  if (learned.multi_discrete) kinds.push_back("MultiDiscrete");
  return joined_by_or(kinds);
}

}  // namespace

const std::vector<AgentInfo>& agents() { return table(); }

void add_agent_info(AgentInfo info) {
  for (const AgentInfo& known : table()) {
    if (known.name == info.name) throw Error("agent '" + info.name + "' is already registered");
  }
  table().push_back(std::move(info));
}

std::vector<std::string> agent_names() {
  std::vector<std::string> names;
  for (const AgentInfo& entry : agents()) names.push_back(entry.name);
  return names;
}

const AgentInfo& find_agent(const std::string& name) {
  for (const AgentInfo& entry : agents()) {
    if (entry.name == name) return entry;
  }
  std::string all;
  for (const std::string& known : agent_names()) all += (all.empty() ? "" : ", ") + known;
  throw Error("unknown agent '" + name + "'." + did_you_mean(name, agent_names()) +
              " (there are: " + all + ")");
}

void check_demand(const AgentInfo& agent, const AgentDemand& demand) {
  const ActionSpace& space = demand.spec.action;
  if (!learns(agent.actions, space)) {
    std::string text = agent.name + " needs " + kinds_of(agent.actions) + " actions; " +
                       demand.spec.id + " has " + kind_name(space);
    const ActionComponent* unbounded = unbounded_component(space);
    const bool lacks_bounds = learns_kind(agent.actions, space) && unbounded != nullptr;
    if (lacks_bounds) text += ", and '" + unbounded->name + "' lacks a bound";
    std::vector<std::string> fitting;
    for (const AgentInfo& other : agents()) {
      if (learns(other.actions, space)) fitting.push_back(other.name);
    }
    if (!fitting.empty()) text += ". Use " + joined_by_or(fitting);
    if (lacks_bounds) text += ", or give it both bounds";
    throw Error(text);
  }
  agent.check(demand);
}

std::vector<ParamInfo> list_run_params(const AgentInfo* agent) {
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
