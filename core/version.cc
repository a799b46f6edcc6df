#include "core/version.h"

namespace tern {

const char* version() { return TERN_VERSION; }
const char* source_commit() { return TERN_COMMIT; }

}  // namespace tern
