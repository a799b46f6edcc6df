// Exports a list of envs with nothing in it.

#include "envs/plugin.h"

TERN_EXPORT_ENVS()
