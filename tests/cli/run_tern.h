#pragma once
// Runs the built `tern` as a user does and keeps what it says.

#include <string>
#include <vector>

namespace tern {

struct Said {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string out, err;
};

/// folder: to run in; "": the present one. environment: "NAME=value" words over ours.
/// executable: "" for the one of this build.
Said run_tern(const std::vector<std::string>& words, const std::string& folder = "",
              const std::vector<std::string>& environment = {}, const std::string& executable = "");

}  // namespace tern
