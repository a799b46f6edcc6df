#pragma once

namespace tern {

/// "0.1.0".
const char* version();
/// The commit of the sources, short; "" where they were not built from a repository.
const char* source_commit();

}  // namespace tern
