#include "envs/metric_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace tern {
namespace {

/// What Tern reports itself, beside an env's metrics, as rollout/... and eval/... .
constexpr const char* kReserved[] = {"return", "return_std", "length", "episodes"};

std::string reserved_list() {
  std::string list;
  for (const char* const word : kReserved) list += (list.empty() ? "" : ", ") + std::string(word);
  return list;
}

/// The bytes of the UTF-8 character that begins at `text[at]`; 0 if there is none.
std::size_t utf8_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2
                             : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

/// What a file could not hold in this name, in words; "" if all is well.
std::string bad_character(const std::string& name) {
  if (name.front() == ' ' || name.back() == ' ') return "a space at its edge";
  for (std::size_t i = 0; i < name.size();) {
    const std::size_t length = utf8_length(name, i);
    if (length == 0) return "bytes that are no UTF-8";
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte < ' ' || byte == 0x7F) return "a control character";
    for (const char c : {',', '"', '/', '\\'}) {
      if (name[i] == c) return std::string("a '") + c + "'";
    }
    i += length;
  }
  return "";
}

/// Printable ASCII of it, for messages.
std::string shown(const std::string& name) {
  std::string text;
  for (const char c : name) text += c < ' ' || c > '~' ? '?' : c;
  return "'" + text + "'";
}

/// Names that are empty, there twice or of characters that files cannot hold.
std::string wrong_name(const std::vector<std::string>& names, const std::string& kind) {
  const std::string article = kind == "info value" ? "an " : "a ";
  for (const std::string& name : names) {
    if (name.empty()) return article + kind + " has no name";
    const std::string character = bad_character(name);
    if (character.empty()) continue;
    return "the " + kind + " " + shown(name) + " has " + character +
           " in its name, which tables cannot hold; use words, as in 'tiles visited'";
  }
  const std::string repeated = repeated_name(names);
  if (repeated.empty()) return "";
  return "the " + kind + " '" + repeated + "' is there twice; give each its own name";
}

}  // namespace

std::string repeated_name(const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) return *name;
  }
  return "";
}

std::string wrong_metric_name(const std::vector<std::string>& names) {
  const std::string wrong = wrong_name(names, "metric");
  if (!wrong.empty()) return wrong;
  for (const std::string& name : names) {
    const bool is_reserved = std::find(std::begin(kReserved), std::end(kReserved), name) !=
                             std::end(kReserved);
    if (is_reserved) {
      return "a metric may not be called '" + name +
             "': Tern reports a number of that name itself; choose another (reserved: " +
             reserved_list() + ")";
    }
  }
  return "";
}

std::string wrong_info_name(const std::vector<std::string>& names) {
  return wrong_name(names, "info value");
}

}  // namespace tern
