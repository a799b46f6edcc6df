// Throws where nobody can catch it: in a static constructor.

#include <stdexcept>

#include "envs/plugin.h"
#include "tests/plugin/envs/mirror_env.h"

namespace {

struct Thrower {
  Thrower() { throw std::runtime_error("no table of tides"); }
};
const Thrower thrower;

}  // namespace

TERN_EXPORT_ENVS(tern::MirrorEnv)
