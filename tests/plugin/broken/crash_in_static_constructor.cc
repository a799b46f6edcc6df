// Writes to address 0 while the loader runs its static constructors.

#include "envs/plugin.h"
#include "tests/plugin/worlds/mirror_env.h"

namespace {

struct Crasher {
  Crasher() {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
};
const Crasher crasher;

}  // namespace

TERN_EXPORT_ENVS(tern::MirrorEnv)
