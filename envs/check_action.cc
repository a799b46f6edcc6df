#include "envs/check_action.h"

#include <string>

#include "core/error.h"
#include "core/number_text.h"

namespace tern {

void refuse_action(const EnvSpec& spec, ActionRow action, std::size_t i) {
  if (spec.action.is_box()) {
    throw Error(spec.id + ": action component " + std::to_string(i) + " ('" +
                spec.action.components()[i].name + "') is " + format_number(action[i]) +
                "; expected a finite number");
  }
  throw Error(spec.id + ": action " + std::to_string(action.discrete(i)) +
              " is outside the space; expected 0 to " +
              std::to_string(spec.action.options(i) - 1));
}

}  // namespace tern
