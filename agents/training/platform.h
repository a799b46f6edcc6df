#pragma once
// Threads, BLAS core and versions of the network library in this process.

#include "agents/run/results.h"
#include "agents/run/run_record.h"

namespace tern {

/// One thread for each operation: small networks lose by more (docs/performance.md). Once a process.
void set_up_platform();

/// "SkylakeX", "Haswell", ..; "" if the BLAS does not say.
std::string blas_core();

NetworkPlatform network_platform();
/// What run.json stores of it.
ComputePath compute_path(int env_threads);

}  // namespace tern
