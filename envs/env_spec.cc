// Compiled once for all who link the library.

#include "envs/env.h"

#define TERN_SPEC_INLINE
#include "envs/env_spec-inl.h"
