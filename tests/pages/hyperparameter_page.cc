#include "tests/pages/hyperparameter_page.h"

#include "agents/catalog/catalog.h"
#include "core/config/param_markdown.h"

namespace tern {
std::string hyperparameter_page() {
  std::string page =
      "# Hyper-parameters\n\n"
      "Every key of the `agent` and `run` sections, as `tern describe AGENT` prints it. Made from "
      "the declarations in `agents/*/*_config.h` and `agents/config/run_config.h`; a test keeps it "
      "so.\n\n"
      "A schedule is a number (`3e-4`), `lin_3e-4` (linear to 0 over the run) or "
      "`{start: 1, end: 0.05, steps: 10000}`.\n\n";
  for (const AgentInfo& agent : agents()) {
    page += "## agent: " + agent.name + "\n\n" + agent.summary + ". " + agent.reference + ".\n\n" +
            markdown_table(agent.params);
    for (const ParamValue& value : agent.run_defaults) {
      page += "With " + agent.name + ", `run." + value.key + "` is " + value.text +
              " unless it is given.\n\n";
    }
  }
  page += "## run\n\n" + markdown_table(list_run_params());
  page.pop_back();
  return page;
}

}  // namespace tern
