#include "envs/plugin.h"
#include "tests/plugin/worlds/mirror_env.h"

TERN_EXPORT_ENVS(tern::MirrorEnv)
