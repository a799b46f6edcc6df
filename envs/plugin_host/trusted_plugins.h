#pragma once
// Plugins whose code may run although the user did not name them in this call: a run that somebody
// else made may name any file. They stand in a file of the user's, one line a plugin:
//   SHA-256 (64 hexadecimal digits), two spaces, the absolute path it had

#include <string>

namespace tern {

/// $XDG_DATA_HOME/tern/trusted_plugins, or ~/.local/share/tern/trusted_plugins; "" without a home.
std::string trusted_plugins_file();

/// Whether the user has trusted these very bytes, or else this path, which then must be a file of
/// his own or of root that not everybody may write to: whoever can write to his own files needs no
/// plugin. path: canonical.
bool is_trusted_plugin(const std::string& path, const std::string& checksum);

/// Adds it, unless it stands there. Throws Error::failure if that cannot be written down.
void trust_plugin(const std::string& path, const std::string& checksum);

}  // namespace tern
