#pragma once
// Tells of a plugin that changes what belongs to the whole program while it trains.

#include <string>

#include "envs/conformance/process_state.h"
#include "envs/env_entry.h"

namespace tern {

class ProcessWatch {
 public:
  explicit ProcessWatch(const EnvEntry& entry) : entry_(entry) {}

  /// What has become of the process since this was made, "" for nothing and where it was told already.
  std::string look() {
    if (entry_.checksum.empty() || was_told_) return "";
    const std::string wrong = difference(before_, ProcessState::now());
    was_told_ = !wrong.empty();
    return was_told_ ? entry_.spec.id + ": " + wrong : "";
  }

 private:
  const EnvEntry& entry_;
  ProcessState before_ = ProcessState::now();
  bool was_told_ = false;
};

}  // namespace tern
