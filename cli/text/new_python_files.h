#pragma once
// What `tern new-env --lang python` writes. Marks such as @class_name@ are filled in.

namespace tern::cli {

extern const char kPythonEnv[];

}  // namespace tern::cli
