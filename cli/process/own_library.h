#pragma once
// Libraries of Tern's own that the launcher loads when a command needs them.

#include <string>

namespace tern::cli {

/// The running executable's own path.
std::string executable_path();

/// Where a library such as "libtern_agents.so" lies: beside the library of the launcher, or where
/// the executable's installation or build tree keeps libraries; "" if it was not built.
std::string own_library_path(const std::string& file);

/// Loads it. Throws Error::failure if it was not built, saying how to, or cannot be loaded. why: of
/// the command, "needs networks".
void* load_own_library(const std::string& file, const std::string& why);

/// Its one function. Throws Error::failure if it has none of that name.
void* function_of_own_library(void* library, const std::string& file, const char* name);

}  // namespace tern::cli
