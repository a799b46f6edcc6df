#pragma once
// Runs the built `tern` as a user does and keeps what it says.

#include <sys/types.h>

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

/// One that goes on until it is ended. Killed with this object.
class RunningTern {
 public:
  RunningTern(const std::vector<std::string>& words, const std::string& folder = "",
              const std::string& executable = "");
  ~RunningTern();
  RunningTern(const RunningTern&) = delete;
  RunningTern& operator=(const RunningTern&) = delete;

  /// The first line of its standard output, waited for; "" if it ends before it says one.
  std::string first_line() const;
  /// Sends the signal and waits for the end.
  Said end(int signal);

 private:
  std::string out_path_, err_path_;
  pid_t process_;
};

}  // namespace tern
