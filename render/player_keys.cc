#include "render/player_keys.h"

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "render/frame_data.h"

namespace tern {
namespace {

constexpr int kNumKeys = static_cast<int>(Key::k9) + 1;

/// The action that keys mean, as numbers; empty: none.
std::vector<double> meant_by(const Env& env, const Keys& keys) {
  const ActionSpace& space = env.spec().action;
  std::vector<double> values;
  if (space.is_box()) {
    std::vector<float> row(space.size());
    if (!env.human_action(keys, MutableActionRow(Row<float>(row)))) return {};
    values.assign(row.begin(), row.end());
  } else {
    std::vector<std::int32_t> row(space.size());
    if (!env.human_action(keys, MutableActionRow(Row<std::int32_t>(row)))) return {};
    values.assign(row.begin(), row.end());
  }
  return values;
}

/// "push left"; of several components those that differ from `idle`: "torque -2".
std::string action_text(const ActionSpace& space, const std::vector<double>& action,
                        const std::vector<double>& idle) {
  std::string text;
  for (std::size_t i = 0; i < action.size(); ++i) {
    if (!idle.empty() && action[i] == idle[i]) continue;
    const ActionComponent& component = space.components()[i];
    if (!text.empty()) text += ", ";
    if (space.is_box()) {
      text += component.name + " " + short_number(action[i]);
      continue;
    }
    if (space.size() > 1) text += component.name + " ";
    const auto choice = static_cast<std::size_t>(action[i]);
    text += choice < component.options.size() ? component.options[choice] : std::to_string(choice);
  }
  return text;
}

Keys only(Key key) {
  Keys keys;
  keys.press(key);
  return keys;
}

struct Meaning {
  std::vector<double> action;
  KeyMeaning line;
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool is_next_number(const std::string& a, const std::string& b) {
  const auto is_number = [](const std::string& word) {
    return !word.empty() && word.size() < 9 &&
           word.find_first_not_of("0123456789") == std::string::npos;
  };
  return is_number(a) && is_number(b) && std::stoi(b) == std::stoi(a) + 1;
}

/// The word in which `next` counts on from `text` ("column 1 as is", "column 2 as is"); -1: none.
int counted_word(const std::string& text, const std::string& next) {
  const std::vector<std::string> a = words_of(text), b = words_of(next);
  int counted = -1;
  for (std::size_t i = 0; i < a.size() && a.size() == b.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (counted >= 0 || !is_next_number(a[i], b[i])) return -1;
    counted = static_cast<int>(i);
  }
  return counted;
}

/// Meanings `begin` to `last` in one line: "1 .. 7", "column 1 .. 7".
KeyMeaning counted_line(const KeyMeaning& begin, const KeyMeaning& last, int word) {
  KeyMeaning line{begin.keys + " .. " + last.keys, ""};
  const std::vector<std::string> words = words_of(begin.meaning);
  for (std::size_t i = 0; i < words.size(); ++i) {
    line.meaning += (i == 0 ? "" : " ") + words[i];
    if (static_cast<int>(i) == word) line.meaning += " .. " + words_of(last.meaning)[i];
  }
  return line;
}

/// Rows of numbered choices become a line each; the rest of too many is counted.
std::vector<KeyMeaning> in_few_lines(std::vector<Meaning> meanings) {
  constexpr std::size_t kShortRow = 4, kMost = 12;
  if (meanings.size() > kMost) {  // rows of the keyboard are no rows of the alphabet
    std::stable_sort(meanings.begin(), meanings.end(),
                     [](const Meaning& a, const Meaning& b) { return a.action < b.action; });
  }
  std::vector<KeyMeaning> lines;
  for (std::size_t i = 0; i < meanings.size();) {
    std::size_t end = i + 1;
    int word = -1;
    for (; end < meanings.size(); ++end) {
      const int next = counted_word(meanings[end - 1].line.meaning, meanings[end].line.meaning);
      if (next < 0 || (word >= 0 && next != word)) break;
      word = next;
    }
    if (end - i >= kShortRow) {
      lines.push_back(counted_line(meanings[i].line, meanings[end - 1].line, word));
    } else {
      for (std::size_t k = i; k < end; ++k) lines.push_back(meanings[k].line);
    }
    i = end;
  }
  if (lines.size() > kMost) {
    const std::size_t missing = lines.size() - kMost + 1;
    lines.resize(kMost - 1);
    lines.push_back({"..", std::to_string(missing) + " more keys"});
  }
  return lines;
}

}  // namespace

std::string key_name(Key key) {
  static const char* const kNamed[] = {"left", "right", "up", "down", "space", "enter", "shift"};
  if (key < Key::kA) return kNamed[static_cast<int>(key)];
  if (key <= Key::kZ) {
    return std::string(1, static_cast<char>('a' + static_cast<int>(key) - static_cast<int>(Key::kA)));
  }
  return std::string(1, static_cast<char>('0' + static_cast<int>(key) - static_cast<int>(Key::k0)));
}

std::vector<KeyMeaning> key_meanings(const Env& env) {
  const std::vector<double> idle = meant_by(env, Keys());
  std::vector<Meaning> meanings;
  for (int k = 0; k < kNumKeys; ++k) {
    const std::vector<double> action = meant_by(env, only(static_cast<Key>(k)));
    if (action.empty() || action == idle) continue;
    const std::string name = key_name(static_cast<Key>(k));
    const auto same = std::find_if(meanings.begin(), meanings.end(),
                                   [&](const Meaning& other) { return other.action == action; });
    if (same == meanings.end()) {
      meanings.push_back({action, {name, action_text(env.spec().action, action, idle)}});
    } else {
      same->line.keys += ", " + name;
    }
  }
  if (meanings.empty()) return {};
  std::vector<KeyMeaning> lines = in_few_lines(std::move(meanings));
  if (!idle.empty()) {
    const bool only_left_rests = meant_by(env, only(Key::kLeft)) == idle &&
                                 meant_by(env, only(Key::kRight)) != idle;
    lines.push_back({only_left_rests ? "left, no key" : "no key",
                     action_text(env.spec().action, idle, {})});
  }
  return lines;
}

}  // namespace tern
