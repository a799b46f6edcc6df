#include "core/version.h"

namespace tern {

const char* version() { return TERN_VERSION; }

}  // namespace tern
