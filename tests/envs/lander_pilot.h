#pragma once
// An episode of LunarLander for tests, and a pilot who lands it: the controller that Gymnasium
// ships beside its lunar_lander to show a landing, as formulas.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "envs/registry/registry.h"

namespace tern {

/// What the pilot wants of the engines, each in units of its controller.
struct PilotWish {
  double lift = 0, turn = 0;  // turn: counter-clockwise
};

inline PilotWish pilot_wish(FloatRow obs) {
  const auto at = [&](std::size_t i) { return static_cast<double>(obs[i]); };
  if (at(6) != 0 || at(7) != 0) return {-0.5 * at(3), 0};           // on a leg: only brake
  const double angle = std::clamp(0.5 * at(0) + at(2), -0.4, 0.4);  // towards the pad
  const double height = 0.55 * std::fabs(at(0));                    // a cone above the pad
  return {0.5 * (height - at(1)) - 0.5 * at(3), 0.5 * (angle - at(4)) - at(5)};
}

inline void fly(FloatRow obs, bool is_continuous, MutableActionRow action) {
  const PilotWish wish = pilot_wish(obs);
  if (is_continuous) {
    action[0] = static_cast<float>(std::clamp(20 * wish.lift - 1, -1.0, 1.0));
    action[1] = static_cast<float>(std::clamp(-20 * wish.turn, -1.0, 1.0));
  } else if (wish.lift > std::fabs(wish.turn) && wish.lift > 0.05) {
    action.discrete() = 2;
  } else {
    action.discrete() = wish.turn < -0.05 ? 3 : wish.turn > 0.05 ? 1 : 0;
  }
}

/// One lander. Actions are numbers (main, lateral) of the continuous form, or a choice.
struct LanderEpisode {
  explicit LanderEpisode(const std::string& id = "LunarLander-v3", const ParamValues& params = {},
                         std::uint64_t level = 0, std::uint64_t seed = 0)
      : rng(seed, "lander episode"), env(registry().find(id).make(params)) {
    ResetContext ctx{rng, level};
    env->reset(ctx, ObsRow(FloatRow(obs)));
  }
  StepResult choose(int choice) {
    const std::int32_t action = choice;
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, ObsRow(FloatRow(obs)));
  }
  StepResult throttle(float main, float lateral) {
    const float action[2] = {main, lateral};
    return env->step(ActionRow(Row<const float>(action, 2)), rng, ObsRow(FloatRow(obs)));
  }
  std::vector<double> state() const {
    std::vector<double> values;
    env->get_state(values);
    return values;
  }
  /// In the order of the spec: distance, speed, tilt, leg contact, main engine, side engine, crash,
  /// landing.
  std::array<float, 8> terms() const {
    std::array<float, 8> values = {};
    env->reward_terms(FloatRow(values.data(), values.size()));
    return values;
  }
  float success() const {
    float value = 0;
    env->metrics(FloatRow(&value, 1));
    return value;
  }

  Rng rng;
  std::unique_ptr<Env> env;
  std::vector<float> obs = std::vector<float>(8);
};

/// The state turned about the hull by `angle` and moved so that the hull is at (x, y), at rest.
inline void place(LanderEpisode& flight, double x, double y, double angle) {
  std::vector<double> state = flight.state();
  const double from_x = state[0], from_y = state[1], turn = angle - state[2];
  for (std::size_t body = 0; body < 3; ++body) {
    double* at = &state[6 * body];
    const double dx = at[0] - from_x, dy = at[1] - from_y;
    at[0] = x + std::cos(turn) * dx - std::sin(turn) * dy;
    at[1] = y + std::sin(turn) * dx + std::cos(turn) * dy;
    at[2] += turn;
    at[3] = at[4] = at[5] = 0;
  }
  ASSERT_TRUE(flight.env->set_state(state));
}

}  // namespace tern
