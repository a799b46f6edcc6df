#include "agents/run/resume_advice.h"

#include "core/shell_word.h"

namespace tern {

std::string resume_advice(const FailedRun& failed) {
  const std::string kept = failed.has_checkpoint ? "The run is kept up to its last checkpoint. "
                                                 : "The run has no checkpoint yet. ";
  const std::string when = failed.is_of_plugin ? "Once the env is mended, it " : "It ";
  return kept + when + (failed.has_checkpoint ? "goes on" : "begins again") +
         " with: tern resume " + shell_word(failed.run) +
         (failed.is_of_plugin ? " --accept-changed" : "");
}

}  // namespace tern
