#pragma once
// libtern_agents, loaded when a command needs networks: LibTorch costs half a second and 150 MB.

#include <string>

#include "agents/api.h"

namespace tern::cli {

/// Where the program itself links libtern_agents, its BLAS was loaded before anybody could choose the
/// core: chooses it and starts the program once more. Does nothing in the launcher.
void settle_compute_of_linked_agents(char** argv);

/// Where the library lies, in a build tree or installed; "" if it was not built.
std::string agents_library_path();

/// Settles the compute path, loads the library and returns its interface, the same each time.
/// Throws Error::failure if it was not built, saying how to, or cannot be loaded.
AgentsApi& agents_library();

}  // namespace tern::cli
