#pragma once
// A run that is made longer than it was begun: `tern resume RUN run.total_steps=N`. Std only.

#include <cstdint>
#include <string>

#include "agents/config/run_config.h"

namespace tern {

/// Makes run.total_steps of a run's config.yaml that of `config`, if it is larger, and notes at the
/// file's top that it was less before `step`, where the run stands. All else stays as it is, keys
/// that `config` overrides for this process included. Needs the lock; a crash at any moment leaves
/// the old file or the new one, and the checkpoints of the shorter run go on with either.
void write_longer_config(const std::string& run, const RunConfig& config, std::int64_t step);

/// What that does to the schedules, for a person: ".. run.total_steps is 5000, until step 1000 it
/// was 1000. ..: learning_rate lin_3e-4". before: total_steps of the checkpoint at `step`.
std::string longer_run_text(const RunConfig& config, std::int64_t before, std::int64_t step);

}  // namespace tern
