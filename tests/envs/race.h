#pragma once
// One CarRacing env, driven by hand.

#include <cmath>
#include <memory>
#include <vector>

#include "envs/registry/registry.h"

namespace tern {

struct Race {
  /// Starts an episode in `level`.
  explicit Race(std::uint64_t level, const ParamValues& params = {})
      : env(registry().find("CarRacing-v3").make(params)), pixels(env->spec().obs.size()) {
    reset(level);
  }
  void reset(std::uint64_t level) {
    ResetContext ctx{rng, level};
    env->reset(ctx, row());
  }
  StepResult step(float steering, float gas, float brake) {
    const float action[3] = {steering, gas, brake};
    return env->step(ActionRow(Row<const float>(action, 3)), rng, row());
  }
  StepResult step(std::int32_t choice) {
    return env->step(ActionRow(Row<const std::int32_t>(&choice, 1)), rng, row());
  }

  ObsRow row() { return ObsRow(Row<std::uint8_t>(pixels)); }
  /// Red, green, blue.
  const std::uint8_t* pixel(int y, int x) const {
    return &pixels[static_cast<std::size_t>(3 * (96 * y + x))];
  }
  DoubleVec state() const {
    DoubleVec values;
    env->get_state(values);
    return values;
  }
  double speed() const { return std::hypot(state()[3], state()[4]); }
  float metric(std::size_t i) const {
    float values[2];
    env->metrics(FloatRow(values, 2));
    return values[i];
  }
  std::vector<float> terms() const {
    std::vector<float> values(3);
    env->reward_terms(FloatRow(values));
    return values;
  }

  std::unique_ptr<Env> env;
  Rng rng{0, "race"};
  std::vector<std::uint8_t> pixels;
};

/// A driver that sees only the pixels: steers towards the middle of the road ahead, slower where it
/// bends. The same as the one that drove in the reference for tests/data/golden/car_racing.json.
inline void drive_by_pixels(const Race& race, float* action) {
  const auto middle = [&race](int y, double& x) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < 96; ++i) {
      const std::uint8_t* p = race.pixel(y, i);
      const bool is_grey = std::abs(p[0] - p[1]) < 12 && std::abs(p[1] - p[2]) < 12;
      if (!is_grey || p[0] < 90 || p[0] > 120) continue;
      sum += i;
      ++count;
    }
    if (count > 0) x = sum / count - 47.5;
    return count > 0;
  };
  double near = 0, far = 16, steering = 0, column = 0;
  if (middle(60, near)) steering += near / 24;
  if (middle(44, far)) steering += far / 32;
  for (int y = 84; y < 94; ++y) column += race.pixel(y, 13)[0];
  const double speed = column / 255 / 0.048, over = speed - (45 - 1.2 * std::fabs(far));
  action[0] = static_cast<float>(std::fmax(-1, std::fmin(1, steering)));
  action[1] = static_cast<float>(std::fmax(0, std::fmin(0.5, -0.05 * over)));
  action[2] = static_cast<float>(std::fmax(0, std::fmin(0.6, 0.05 * (over - 4))));
}

}  // namespace tern
