#include "agents/hyperparameter_page.h"

#include "agents/catalog.h"

namespace tern {
namespace {

/// `|` would end a cell.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

std::string table(const std::vector<ParamInfo>& infos) {
  std::string text = "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";
  for (const ParamInfo& info : infos) {
    text += "| " + code(info.name) + " | " + info.type + " | " + code(info.default_value) + " | " +
            code(info.range) + " | " + cell(info.doc) + " |\n";
  }
  return text + "\n";
}

}  // namespace

std::string hyperparameter_page() {
  std::string page =
      "# Hyper-parameters\n\n"
      "Every key of the `agent` and `run` sections, as `tern describe AGENT` prints it. Made from "
      "the declarations in `agents/*/*_config.h` and `agents/run/run_config.h`; a test keeps it "
      "so.\n\n"
      "A schedule is a number (`3e-4`), `lin_3e-4` (linear to 0 over the run) or "
      "`{start: 1, end: 0.05, steps: 10000}`.\n\n";
  for (const AgentEntry& agent : agents()) {
    page += "## agent: " + agent.name + "\n\n" + agent.summary + ". " + agent.reference + ".\n\n" +
            table(agent.params);
    for (const ParamValue& value : agent.run_defaults) {
      page += "With " + agent.name + ", `run." + value.key + "` is " + value.text +
              " unless it is given.\n\n";
    }
  }
  page += "## run\n\n" + table(list_run_params());
  page.pop_back();
  return page;
}

}  // namespace tern
