#pragma once
// An env whose observation is a row of bytes, in an episode: for worked examples and golden texts.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"

namespace tern {

struct GameOnABoard {
  explicit GameOnABoard(const std::string& id, const ParamValues& params = {},
                        std::uint64_t level = 0)
      : env(registry().find(id).make(params)), bytes(env->spec().obs.size(), 0xA5) {
    start(level);
  }
  void start(std::uint64_t level) {
    ResetContext ctx{rng, level};
    env->reset(ctx, ObsRow(Row<std::uint8_t>(bytes)));
  }
  StepResult step(std::int32_t action) {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0xA5});
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng,
                     ObsRow(Row<std::uint8_t>(bytes)));
  }
  /// The last step's result.
  StepResult play(const std::vector<std::int32_t>& actions) {
    StepResult result;
    for (const std::int32_t action : actions) result = step(action);
    return result;
  }
  std::vector<std::uint8_t> mask() const {
    std::vector<std::uint8_t> flags(env->spec().action.mask_size(), 0xA5);
    env->action_mask(MaskRow(flags));
    return flags;
  }
  std::vector<float> metrics() const {
    std::vector<float> values(env->spec().metrics.size());
    env->metrics(FloatRow(values));
    return values;
  }
  DoubleVec state() const {
    DoubleVec values;
    env->get_state(values);
    return values;
  }
  void set(const DoubleVec& state) { env->set_state(state); }
  std::string text(int columns, int rows) const {
    TextCanvas canvas(columns, rows);
    env->draw(canvas);
    std::string text = canvas.str();
    text.insert(0, 1, '\n');  // as the golden texts begin
    return text;
  }
  /// The action that a key means; -1: none.
  int key(Key key) const {
    Keys keys;
    keys.press(key);
    std::int32_t action = -1;
    const bool means = env->human_action(keys, MutableActionRow(Row<std::int32_t>(&action, 1)));
    return means ? action : -1;
  }

  Rng rng{0, "episode"};
  std::unique_ptr<Env> env;
  std::vector<std::uint8_t> bytes;
};

}  // namespace tern
