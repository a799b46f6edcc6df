#pragma once
// Words of commands that a person may copy. Header-only.

#include <string>

namespace tern {

/// The word so that a shell reads it back: as it is where it can be, else in single quotes.
inline std::string shell_word(const std::string& word) {
  static constexpr const char* kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace tern
