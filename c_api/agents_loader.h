#pragma once
// libtern_agents, loaded when a C program first needs a policy.

#include "agents/api.h"

namespace tern::c_api {

/// The library beside this one, or the one that the program links. While it is loaded, OpenBLAS
/// finds which core it is to use, as in `tern`; the environment is then as it was. Throws
/// Error::failure.
AgentsApi& agents_library();

}  // namespace tern::c_api
