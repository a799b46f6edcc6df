#pragma once
// Checks that texts are UTF-8, and makes others fit to be shown.

#include <string>

namespace tern {

/// Whether the bytes are UTF-8, without overlong forms, surrogates and what lies past U+10FFFF.
bool is_utf8(const std::string& text);

/// The text with '?' for each byte that is not part of UTF-8: what a message can show of it.
std::string shown(const std::string& text);

}  // namespace tern
