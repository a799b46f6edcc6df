#include "agents/training/factory.h"

#include <map>
#include <utility>

#include "agents/catalog/builtin_agents.h"
#include "agents/catalog/catalog.h"

namespace tern {

#define TERN_DECLARE_MAKER(name) AgentMaker name##_maker();
TERN_BUILTIN_AGENTS(TERN_DECLARE_MAKER)
#undef TERN_DECLARE_MAKER

namespace {

std::map<std::string, AgentMaker>& table() {
#define TERN_MAKER_ROW(name) {#name, name##_maker()},
  static std::map<std::string, AgentMaker> makers = {TERN_BUILTIN_AGENTS(TERN_MAKER_ROW)};
#undef TERN_MAKER_ROW
  return makers;
}

const AgentMaker& maker_of(const RunConfig& config) {
  const auto found = table().find(find_agent(config.agent).name);
  if (found == table().end()) {
    throw Error("agent '" + config.agent + "' is known by name only: nothing can make it here");
  }
  return found->second;
}

}  // namespace

std::unique_ptr<Agent> make_agent(const RunConfig& config, const EnvSpec& spec) {
  return maker_of(config).make(config, spec);
}

std::unique_ptr<Policy> load_policy(const RunConfig& config, const EnvSpec& spec,
                                    Row<const std::uint8_t> state) {
  return maker_of(config).load_policy(config, spec, state);
}

void add_agent(AgentInfo info, AgentMaker maker) {
  const std::string name = info.name;
  add_agent_info(std::move(info));
  table()[name] = std::move(maker);
}

}  // namespace tern
