#pragma once
// A training run from beginning to end: configuration, envs, agent, folder, reports, checkpoints.

#include "agents/run/requests.h"
#include "agents/run/results.h"

namespace tern {

/// Trains from the start in a new folder. Throws Error; ExitCode::kFailure where the call was right
/// and the work failed.
TrainResult start_run(const TrainRequest& request, const TrainHooks& hooks);

/// Goes on from a checkpoint, or from the configuration of a run that has none.
TrainResult resume_run(const ResumeRequest& request, const TrainHooks& hooks);

/// Trains without a folder, reports or evaluations, and says where the time went.
BenchTrainResult bench_run(const RunConfig& config);

}  // namespace tern
