#pragma once
// What the characters of a keyboard mean to a viewer, in windows and in terminals.

#include <cstdint>
#include <optional>

#include "render/window.h"

namespace tern {

constexpr std::optional<ViewerKey> key_of_character(std::uint32_t character) {
  if (character >= '1' && character <= '9') {
    const auto first = static_cast<std::uint32_t>(ViewerKey::kBranch1);
    return static_cast<ViewerKey>(first + (character - '1'));
  }
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
    case '0':
      return ViewerKey::kBranch10;
    case 'g':
      return ViewerKey::kGrid;
    case 't':
      return ViewerKey::kNextTile;
    case 'T':
      return ViewerKey::kPreviousTile;
    case 'o':
      return ViewerKey::kOtherSide;
    case 'v':
      return ViewerKey::kValues;
    case 'w':
      return ViewerKey::kWhy;
    case 'e':
      return ViewerKey::kWhyOutput;
    case '\t':
      return ViewerKey::kTakeOver;
    case 'h':
    case '?': return ViewerKey::kHelp;
    case 'q': return ViewerKey::kQuit;
    default: return std::nullopt;
  }
}

}  // namespace tern
