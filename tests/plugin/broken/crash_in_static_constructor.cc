// Ends like an invalid memory access while the loader runs its static constructors.

#include <csignal>

#include "envs/plugin.h"
#include "tests/plugin/envs/mirror_env.h"

namespace {

struct Crasher {
  Crasher() { std::raise(SIGSEGV); }
};
const Crasher crasher;

}  // namespace

TERN_EXPORT_ENVS(tern::MirrorEnv)
