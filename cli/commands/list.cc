// tern list: which envs and agents there are.

#include <algorithm>
#include <iostream>

#include "agents/catalog/catalog.h"
#include "cli/text/command.h"
#include "cli/text/print_json.h"
#include "core/did_you_mean.h"
#include "envs/registry/registry.h"

namespace tern::cli {
namespace {

void print_row(const std::string& name, std::size_t width, const std::string& text) {
  std::cout << "  " << name << std::string(width + 2 - name.size(), ' ') << text << "\n";
}

void print_envs() {
  std::size_t width = 0;
  for (const EnvEntry* entry : registry().entries()) {
    width = std::max(width, entry->spec.id.size());
  }
  std::string family;
  for (const EnvEntry* entry : registry().entries()) {
    if (entry->spec.family != family) {
      family = entry->spec.family;
      std::cout << "Envs: " << family << "\n";
    }
    print_row(entry->spec.id, width, entry->spec.summary);
  }
}

void print_agents() {
  std::cout << "Agents\n";
  std::size_t width = 0;
  for (const AgentInfo& entry : agents()) width = std::max(width, entry.name.size());
  for (const AgentInfo& entry : agents()) print_row(entry.name, width, entry.summary);
}

Json envs_json() {
  Json list = Json::list();
  for (const EnvEntry* entry : registry().entries()) {
    list.push_back(
        {{"id", entry->spec.id}, {"family", entry->spec.family}, {"summary", entry->spec.summary}});
  }
  return list;
}

Json agents_json() {
  Json list = Json::list();
  for (const AgentInfo& entry : agents()) {
    list.push_back({{"name", entry.name}, {"summary", entry.summary}});
  }
  return list;
}

ExitCode run_list(const Args& args) {
  const std::string what = args.words.empty() ? "" : args.words[0];
  if (!what.empty() && what != "envs" && what != "agents") {
    throw Error("unknown word '" + what + "'." + did_you_mean(what, {"envs", "agents"}) +
                " (tern list [envs|agents])");
  }
  if (args.has("--json")) {
    Json document = Json::object();
    if (what != "agents") document["envs"] = envs_json();
    if (what != "envs") document["agents"] = agents_json();
    print_json(document);
    return ExitCode::kSuccess;
  }
  if (what != "agents") print_envs();
  if (what.empty()) std::cout << "\n";
  if (what != "envs") print_agents();
  if (what.empty()) std::cout << "\n'tern describe NAME' says more about one of them.\n";
  return ExitCode::kSuccess;
}

}  // namespace

Command make_list_command() {
  Command command;
  command.name = "list";
  command.synopses = {"tern list [envs|agents] [--json]"};
  command.summary = "which envs and agents there are";
  command.help =
      "Envs are ordered by family. Plugins are not listed: name their file where an id stands.\n"
      "\n"
      "Examples\n"
      "  tern list\n"
      "  tern list envs --json\n";
  command.options = {{"--json", "", "{\"envs\":[{id, family, summary}], \"agents\":[..]}"}};
  command.most_words = 1;
  command.run = run_list;
  return command;
}

}  // namespace tern::cli
