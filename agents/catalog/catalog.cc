#include "agents/catalog/catalog.h"

#include "agents/catalog/builtin_agents.h"
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
