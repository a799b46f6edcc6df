#pragma once
// The one exception type for what a user can cause. Header-only and C++17: plugin authors use it too.

#include <stdexcept>
#include <string>

namespace tern {

/// What the process returns when an Error reaches main().
enum class ExitCode : int {
  kSuccess = 0,
  kFailure = 1,  // the work failed: a check did not hold, NaN, disk full, damaged file
  kUsage = 2,    // the call was wrong: unknown name, value out of range, syntax error
};

/// An error caused by what the user gave us or by the machine it runs on, never by a bug of ours.
/// The message says what happened, the value, what was expected and what to do.
class __attribute__((visibility("default"))) Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::kUsage)
      : std::runtime_error(message), code_(code) {}

  /// The call was fine, the work was not.
  static Error failure(const std::string& message) { return Error(message, ExitCode::kFailure); }

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace tern
