#pragma once
// The whole command line of tern, for its launcher and for programs that add agents or envs of their
// own to it.

namespace tern::cli {

/// Runs `tern WORDS...` and returns the exit status. A program that links libtern_agents is started
/// once more where that is needed to choose the BLAS core, so call this first in main(), after
/// add_agent() and registry().add().
int run_program(int argc, char** argv);

}  // namespace tern::cli
