#pragma once
// The conformance check in a child process with a watchdog: a crash, an exit() or an endless loop of
// the env is one more finding.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "envs/conformance/conformance_report.h"
#include "envs/env_entry.h"

namespace tern {

/// What is checked, and who hears of it meanwhile.
struct ChildCheck {
  /// The env and its parameters. Called in the child: loading and making an env may crash, too. What
  /// it throws as Error of a wrong call is thrown in the parent.
  std::function<std::pair<const EnvEntry*, ParamValues>()> choose;
  std::string word;            // how the env was named, for a report before it is loaded
  ConformanceOptions options;  // its functions are called in the parent
  std::chrono::milliseconds call_limit = std::chrono::seconds(10);  // that one call may take
  /// A command that repeats what a rule does, for Finding::repeat.
  std::function<std::string(const std::string& rule, int steps)> repeat;
  std::function<void(const std::string& env)> on_start;
  /// After a second and a half without a finding, then after ever longer: the present rule and the
  /// env's calls so far.
  std::function<void(const Finding& rule, std::uint64_t calls)> on_waiting;
};

/// As check_conformance. Where the child ended in the middle, the rule that it was at is broken: its
/// message names the call and what happened; the rules after it are checked in
/// another child, unless the env cannot be run at all. A plugin that does not load breaks the rule
/// "loads". What an env prints to standard output breaks the rule "printing". Throws Error as
/// check_conformance.
ConformanceReport check_in_child(const ChildCheck& check);

/// conformance_hashes in a child. Throws Error::failure if it ends in the middle.
std::vector<std::string> hashes_in_child(const ChildCheck& check);

}  // namespace tern
