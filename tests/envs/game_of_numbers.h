#pragma once
// An env whose observation is a row of real numbers and whose state has names, in an episode: for
// worked examples and golden texts.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"

namespace tern {

struct GameOfNumbers {
  explicit GameOfNumbers(const std::string& id, const ParamValues& params = {},
                         std::uint64_t level = 0, std::uint64_t seed = 0)
      : rng(seed, "episode"), env(registry().find(id).make(params)), obs(env->spec().obs.size()) {
    start(level);
  }
  void start(std::uint64_t level) {
    ResetContext ctx{rng, level};
    env->reset(ctx, ObsRow(FloatRow(obs)));
  }
  StepResult step(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, ObsRow(FloatRow(obs)));
  }
  /// `count` times the same action; the last result.
  StepResult repeat(int count, std::int32_t action) {
    StepResult result;
    for (int i = 0; i < count; ++i) {
      EXPECT_FALSE(result.terminated) << "the episode ended early";
      result = step(action);
    }
    return result;
  }
  DoubleVec state() const {
    DoubleVec values;
    env->get_state(values);
    return values;
  }
  /// Sets the named fields of the documented state; the others keep what they have.
  void set(const std::map<std::string, double>& fields) {
    DoubleVec values = state();
    for (const auto& [name, value] : fields) values[index_of(name)] = value;
    env->set_state(values);
  }
  double get(const std::string& name) const { return state()[index_of(name)]; }
  std::vector<float> metrics() const {
    std::vector<float> values(env->spec().metrics.size());
    env->metrics(FloatRow(values));
    return values;
  }
  std::string text(int columns, int rows) const {
    TextCanvas canvas(columns, rows);
    env->draw(canvas);
    return "\n" + canvas.str();
  }
  /// The action that keys mean; -1: none.
  int keys(const std::vector<Key>& pressed) const {
    Keys keys;
    for (const Key key : pressed) keys.press(key);
    std::int32_t action = -1;
    const bool means = env->human_action(keys, MutableActionRow(Row<std::int32_t>(&action, 1)));
    return means ? action : -1;
  }
  std::vector<std::uint8_t> saved() const {
    StateWriter out;
    env->save(out);
    return out.bytes();
  }

  Rng rng;
  std::unique_ptr<Env> env;
  std::vector<float> obs;

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

}  // namespace tern
