#pragma once

namespace tern {

/// "0.1.0".
const char* version();

}  // namespace tern
