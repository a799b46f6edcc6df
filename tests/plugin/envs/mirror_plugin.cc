#include "envs/plugin.h"
#include "tests/plugin/envs/mirror_env.h"

TERN_EXPORT_ENVS(tern::MirrorEnv)
