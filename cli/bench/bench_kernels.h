#pragma once

#include "cli/text/command.h"

namespace tern::cli {

/// Becomes the benchmark program of tests/bench that measures networks and optimisers alone. Throws
/// Error::failure if it was not built.
ExitCode bench_kernels(const Args& args);

}  // namespace tern::cli
