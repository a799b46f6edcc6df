#pragma once
// The conformance check in a child process with a watchdog: a crash, an exit() or an endless loop of
// the env is one more finding.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "envs/conformance/conformance_report.h"
#include "envs/env_entry.h"

namespace tern {

/// What is checked, and who hears of it meanwhile.
struct ChildCheck {
  /// The env and its parameters. Called in the child: making an env may crash, too. What it throws
  /// as Error is thrown in the parent.
  std::function<std::pair<const EnvEntry*, ParamValues>()> choose;
  ConformanceOptions options;  // its functions are called in the parent
  std::chrono::milliseconds call_limit = std::chrono::seconds(10);  // that one call may take
  std::function<void(const std::string& env)> on_start;
  /// After every two seconds without a finding: the present rule and the calls of the env so far.
  std::function<void(const Finding& rule, std::uint64_t calls)> on_waiting;
};

struct ChildCheckResult {
  ConformanceReport report;
  std::string printed;  // the last that the env wrote to standard output or error
};

/// As check_conformance. Where the child ended in the middle, the rule that it was at is broken: its
/// message names the call, what happened, and how to repeat it; the rules after it are missing.
ChildCheckResult check_in_child(const ChildCheck& check);

}  // namespace tern
