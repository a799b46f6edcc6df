#pragma once
// Results and options of the conformance checks.

#include <cstdint>
#include <string>
#include <vector>

namespace tern {

/// One rule and whether the env keeps it.
struct Finding {
  std::string rule;     // "obs-written"
  std::string text;     // the rule as a sentence
  bool passed = false;
  std::string message;  // failed: what was seen and what to do; passed: a remark or ""
};

struct ConformanceReport {
  std::string env;
  std::vector<Finding> findings;
  double steps_per_second = 0;  // one env, one thread, random actions; 0 when it does not run

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
  double bench_seconds = 0.1;    // spent on measuring the speed; 0: not measured
};

}  // namespace tern
