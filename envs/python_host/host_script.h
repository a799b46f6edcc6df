#pragma once
// The text of host.py, which CMake puts into the library.

namespace tern {

extern const char kPythonHost[];

}  // namespace tern
