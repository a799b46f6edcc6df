#include "render/terminal_keys.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "render/viewer_keys.h"

namespace tern {
namespace {

constexpr char kEscape = '\x1b', kControlC = '\x03', kControlD = '\x04';

/// The first key of the bytes, which are not empty: one byte, or escape and a sequence.
std::string_view first_key(std::string_view bytes) {
  if (bytes[0] != kEscape || bytes.size() == 1) return bytes.substr(0, 1);
  if (bytes[1] != '[' && bytes[1] != 'O') return bytes.substr(0, 1);
  std::size_t end = 2;  // up to the letter or '~' that ends the sequence
  while (end < bytes.size() && (bytes[end] < '@' || bytes[end] > '~')) ++end;
  return bytes.substr(0, end + 1);
}

template <class Visit>
void for_keys(std::string_view bytes, const Visit& visit) {
  while (!bytes.empty()) {
    const std::string_view key = first_key(bytes);
    bytes.remove_prefix(key.size());
    visit(key, /*is_last=*/bytes.empty());
  }
}

template <class Meaning, std::size_t N>
std::optional<Meaning> meaning_of(std::string_view key,
                                  const std::pair<const char*, Meaning> (&table)[N]) {
  for (const auto& [sequence, meaning] : table) {
    if (key == sequence) return meaning;
  }
  return std::nullopt;
}

bool is_quit(std::string_view key, bool is_last) {
  return key[0] == kControlC || key[0] == kControlD || (is_last && key == "\x1b");
}

/// A key of the env.
std::optional<Key> env_key(std::string_view key) {
  static constexpr std::pair<const char*, Key> kSequences[] = {
      {"\x1b[C", Key::kRight}, {"\x1bOC", Key::kRight}, {"\x1b[D", Key::kLeft},
      {"\x1bOD", Key::kLeft},  {"\x1b[A", Key::kUp},    {"\x1bOA", Key::kUp},
      {"\x1b[B", Key::kDown},  {"\x1bOB", Key::kDown},  {" ", Key::kSpace},
      {"\r", Key::kEnter},     {"\n", Key::kEnter}};
  if (const auto named = meaning_of(key, kSequences)) return named;
  if (key.size() != 1) return std::nullopt;
  const auto counted = [&](Key first, char from) {
    return static_cast<Key>(static_cast<int>(first) + (key[0] - from));
  };
  if (key[0] >= 'a' && key[0] <= 'z') return counted(Key::kA, 'a');
  if (key[0] >= 'A' && key[0] <= 'Z') return counted(Key::kA, 'A');
  if (key[0] >= '0' && key[0] <= '9') return counted(Key::k0, '0');
  return std::nullopt;
}

}  // namespace

std::vector<ViewerKey> keys_in(std::string_view bytes) {
  static constexpr std::pair<const char*, ViewerKey> kSequences[] = {
      {"\x1b[C", ViewerKey::kStep},
      {"\x1bOC", ViewerKey::kStep},
      {"\x1b[D", ViewerKey::kBack},
      {"\x1bOD", ViewerKey::kBack},
      {"\x1b[A", ViewerKey::kFaster},
      {"\x1bOA", ViewerKey::kFaster},
      {"\x1b[B", ViewerKey::kSlower},
      {"\x1bOB", ViewerKey::kSlower},
      {"\x1b[H", ViewerKey::kBegin},
      {"\x1bOH", ViewerKey::kBegin},
      {"\x1b[1~", ViewerKey::kBegin},
      {"\x1b[7~", ViewerKey::kBegin},
      {"\x1b[F", ViewerKey::kEnd},
      {"\x1bOF", ViewerKey::kEnd},
      {"\x1b[4~", ViewerKey::kEnd},
      {"\x1b[8~", ViewerKey::kEnd},
      {"\x1b[5~", ViewerKey::kPreviousEpisode},
      {"\x1b[6~", ViewerKey::kFollowingEpisode},
      {"\x1bOP", ViewerKey::kHelp},
      {"\x1b[11~", ViewerKey::kHelp}};
  std::vector<ViewerKey> keys;
  for_keys(bytes, [&](std::string_view key, bool is_last) {
    if (is_quit(key, is_last)) return keys.push_back(ViewerKey::kQuit);
    const auto meaning = key[0] == kEscape ? meaning_of(key, kSequences)
                                           : key_of_character(static_cast<unsigned char>(key[0]));
    if (meaning) keys.push_back(*meaning);
  });
  return keys;
}

SteeringKeys steering_keys_in(std::string_view bytes) {
  static constexpr std::pair<const char*, ViewerKey> kSequences[] = {
      {"\t", ViewerKey::kTakeOver},          {"\x1bOP", ViewerKey::kHelp},
      {"\x1b[11~", ViewerKey::kHelp},        {"\x1bOQ", ViewerKey::kNextEpisode},
      {"\x1b[12~", ViewerKey::kNextEpisode}, {"\x1bOR", ViewerKey::kPause},
      {"\x1b[13~", ViewerKey::kPause},       {"\x1bOS", ViewerKey::kPicture},
      {"\x1b[14~", ViewerKey::kPicture},     {"\x1b[15~", ViewerKey::kSlower},
      {"\x1b[17~", ViewerKey::kFaster}};
  SteeringKeys found;
  for_keys(bytes, [&](std::string_view key, bool is_last) {
    if (is_quit(key, is_last)) return found.keys.push_back(ViewerKey::kQuit);
    if (const std::optional<Key> pressed = env_key(key)) {
      found.presses.emplace_back().press(*pressed);
    } else if (const auto meaning = meaning_of(key, kSequences)) {
      found.keys.push_back(*meaning);
    }
  });
  return found;
}

}  // namespace tern
