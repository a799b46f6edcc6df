#pragma once
// Results and options of the conformance checks.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "envs/conformance/process_state.h"

namespace tern {

/// One rule and whether the env keeps it.
struct Finding {
  std::string rule;     // "obs-written"
  std::string text;     // the rule as a sentence
  bool passed = false;
  std::string message;  // failed: what was seen and what to do; passed: a remark or ""
  std::string docs;     // where the rule is explained: "docs/plugins.md#facts-spec"
  std::string repeat = {};  // failed: a command that shows it again; "": none is known
};

struct ConformanceReport {
  std::string env;
  std::vector<Finding> findings;
  double steps_per_second = 0;  // one env, one thread, random actions; 0 when it does not run
  int steps = 0;                // that each rule watched

  bool passed() const {
    for (const Finding& finding : findings) {
      if (!finding.passed) return false;
    }
    return !findings.empty();
  }
};

struct ConformanceOptions {
  std::uint64_t seed = 0;
  int steps = 500;               // that each rule watches
  bool fits_steps = false;       // fewer where that many would take long
  double bench_seconds = 0.1;    // spent on measuring the speed; 0: not measured
  std::vector<std::string> only = {};  // names of the rules to check; none: all
  std::string after = {};              // rules up to this one, by name, were checked before
  std::optional<ProcessState> process = {};                  // before the env was loaded; none: now
  std::function<void(const Finding&)> on_rule = nullptr;     // before a rule: its names
  std::function<void(const Finding&)> on_finding = nullptr;  // after it
};

}  // namespace tern
