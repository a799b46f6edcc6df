// Compiled once for all who link the library.

#include "core/state_io.h"

#define TERN_STATE_INLINE
#include "core/state_io-inl.h"
