// Compiled once for all who link the library.

#include "core/space.h"

#define TERN_SPACE_INLINE
#include "core/space-inl.h"
