#include "agents/config/run_config.h"

#include "core/number_text.h"

namespace tern {

double discount(const RunConfig& config) {
  double gamma = 0.99;
  for (const ParamValue& value : config.agent_params) {
    if (value.key != "gamma") continue;
    double given = 0;
    const bool is_one =
        parse_number(value.text, given) == NumberText::kRead && given >= 0 && given <= 1;
    if (is_one) gamma = given;
  }
  return gamma;
}

}  // namespace tern
