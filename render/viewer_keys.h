#pragma once
// What the characters of a keyboard mean to a viewer, in windows and in terminals.

#include <cstdint>
#include <optional>

#include "render/window.h"

namespace tern {

constexpr std::optional<ViewerKey> key_of_character(std::uint32_t character) {
  switch (character) {
    case ' ': return ViewerKey::kPause;
    case 'n':
    case '.': return ViewerKey::kStep;
    case 'b':
    case ',': return ViewerKey::kBack;
    case '+':
    case '=': return ViewerKey::kFaster;
    case '-': return ViewerKey::kSlower;
    case 'r': return ViewerKey::kNextEpisode;
    case 's': return ViewerKey::kPicture;
    case 'f':
      return ViewerKey::kNewestPolicy;
    case '[':
      return ViewerKey::kOlderPolicy;
    case ']':
      return ViewerKey::kNewerPolicy;
    case 'v':
      return ViewerKey::kValues;
    case 'h':
    case '?': return ViewerKey::kHelp;
    case 'q': return ViewerKey::kQuit;
    default: return std::nullopt;
  }
}

}  // namespace tern
