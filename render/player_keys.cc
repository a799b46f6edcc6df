#include "render/player_keys.h"

#include <algorithm>
#include <cstdint>

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
      text += component.name + " " + format_number(static_cast<double>(action[i]));
      continue;
    }
    if (space.size() > 1) text += component.name + " ";
    const auto choice = static_cast<std::size_t>(action[i]);
    text += choice < component.options.size() ? component.options[choice] : std::to_string(choice);
  }
  return text;
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
  std::vector<KeyMeaning> meanings;
  for (int k = 0; k < kNumKeys; ++k) {
    Keys keys;
    keys.press(static_cast<Key>(k));
    const std::vector<double> action = meant_by(env, keys);
    if (action.empty() || action == idle) continue;
    const std::string name = key_name(static_cast<Key>(k));
    const std::string text = action_text(env.spec().action, action, idle);
    const auto same = std::find_if(meanings.begin(), meanings.end(),
                                   [&](const KeyMeaning& other) { return other.meaning == text; });
    if (same == meanings.end()) {
      meanings.push_back({name, text});
    } else {
      same->keys += ", " + name;
    }
  }
  if (!idle.empty()) meanings.push_back({"no key", action_text(env.spec().action, idle, {})});
  const bool is_playable = meanings.size() > (idle.empty() ? 0u : 1u);
  return is_playable ? meanings : std::vector<KeyMeaning>();
}

}  // namespace tern
