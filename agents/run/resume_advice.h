#pragma once
// What a person is told whose training failed: what is kept, and how it goes on.

#include <string>

namespace tern {

struct FailedRun {
  std::string run;              // as the user writes it
  bool has_checkpoint = false;  // else a resume begins again
  bool is_of_plugin = false;    // whose env is to blame: the library will be another one
};

/// "The run is kept up to its last checkpoint. It goes on with: tern resume runs/a".
std::string resume_advice(const FailedRun& failed);

}  // namespace tern
