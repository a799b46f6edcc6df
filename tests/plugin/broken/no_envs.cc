// Exports a list of worlds with nothing in it.

#include "envs/plugin.h"

TERN_EXPORT_ENVS()
