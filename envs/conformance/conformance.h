#pragma once
// The contract of an env, executable: every registered env is held to it by the tests, a user's
// by `tern check-env`.

#include <string>
#include <vector>

#include "envs/conformance/conformance_report.h"
#include "envs/env_entry.h"

namespace tern {

/// Holds the env to every rule, in the order of conformance_rules(), or to those that the options
/// name. When it cannot be run at all (rule "runs"), the list ends there. Throws Error for bad
/// parameters only.
ConformanceReport check_conformance(const EnvEntry& entry, const ParamValues& params,
                                    const ConformanceOptions& options = {});

/// Names of all rules.
std::vector<std::string> conformance_rules();

/// Hash of all that an env of this seed says, after each of some numbers of calls up to `steps`:
/// "34 calls: 0123456789abcdef". The same lines in every process and on every machine.
std::vector<std::string> conformance_hashes(const EnvEntry& entry, const ParamValues& params,
                                            const ConformanceOptions& options);

}  // namespace tern
