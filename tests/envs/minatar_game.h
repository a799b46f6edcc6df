#pragma once
// A MinAtar game set up from letters and numbers, for worked examples.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"

namespace tern::minatar {

enum Action : std::int32_t { kN, kL, kU, kR, kD, kF };  // of the games with all six moves

/// A game with all six moves; nothing sticks unless the parameters say so.
class Game {
 public:
  explicit Game(const std::string& name, ParamValues params = {}, std::uint64_t seed = 0)
      : rng(seed, "game") {
    params.insert(params.begin(), {"sticky_actions", "0", "test"});
    env = registry().find("MinAtar-" + name + "-v0").make(params);
    bytes.resize(env->spec().obs.bytes());
    ResetContext ctx{rng, 0};
    env->reset(ctx, obs());
  }

  /// Sets the named fields of the documented state; the others keep what they have.
  void set(const std::map<std::string, double>& fields) {
    DoubleVec state;
    env->get_state(state);
    for (const auto& [name, value] : fields) state[index_of(name)] = value;
    env->set_state(state);
  }
  double get(const std::string& name) const {
    DoubleVec state;
    env->get_state(state);
    return state[index_of(name)];
  }

  StepResult step(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, obs());
  }
  /// Takes the actions; the sum of the rewards, and whether the last one ended the episode.
  StepResult play(const std::vector<std::int32_t>& actions) {
    StepResult sum;
    for (const std::int32_t action : actions) {
      EXPECT_FALSE(sum.terminated) << "the episode ended early";
      const StepResult result = step(action);
      sum.reward += result.reward;
      sum.terminated = result.terminated;
    }
    return sum;
  }
  StepResult wait(int frames) {
    return play(std::vector<std::int32_t>(static_cast<std::size_t>(frames), kN));
  }
  std::string text() const {
    TextCanvas canvas(20, 10);
    env->draw(canvas);
    return "\n" + canvas.str();
  }
  /// Rows `first` to `last` of the text.
  std::string rows(int first, int last) const {
    std::string all = text().substr(1), some = "\n";
    for (int row = 0; row <= last; ++row) {
      const std::size_t end = all.find('\n') + 1;
      if (row >= first) some += all.substr(0, end);
      all.erase(0, end);
    }
    return some;
  }
  /// Channel `channel` of the last observation, '1' and '.', rows `first` to `last`.
  std::string seen(int channel, int first = 0, int last = 9) const {
    const std::size_t channels = bytes.size() / 100;
    std::string out = "\n";
    for (int row = first; row <= last; ++row) {
      for (int column = 0; column < 10; ++column) {
        const auto cell = static_cast<std::size_t>(10 * row + column);
        out += bytes[cell * channels + static_cast<std::size_t>(channel)] != 0 ? '1' : '.';
      }
      out += '\n';
    }
    return out;
  }
  ObsRow obs() { return ObsRow(Row<std::uint8_t>(bytes)); }

  Rng rng;
  std::unique_ptr<Env> env;
  std::vector<std::uint8_t> bytes;  // of the last observation

 private:
  std::size_t index_of(const std::string& name) const {
    const std::vector<std::string>& names = env->spec().state_fields;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return i;
    }
    ADD_FAILURE() << "no state field '" << name << "'";
    return 0;
  }
};

}  // namespace tern::minatar
