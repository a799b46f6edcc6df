#pragma once
// Checks that texts are UTF-8, and makes others fit to be shown.

#include <string>

namespace tern {

/// Whether the bytes are UTF-8, without overlong forms, surrogates and what lies past U+10FFFF.
bool is_utf8(const std::string& text);

/// What a terminal can show of a text from somewhere else: '?' for each byte that is not part of
/// UTF-8, and control characters other than new lines and tabs written out, as "\x1b".
std::string shown(const std::string& text);

}  // namespace tern
