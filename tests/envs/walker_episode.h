#pragma once
// An episode of a BipedalWalker for tests, and where its parts are: worked out from the observation
// by the geometry of the legs, never asked of the env.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "envs/registry/registry.h"

namespace tern {

struct WalkerEpisode {
  using Action = std::array<float, 4>;

  explicit WalkerEpisode(const ParamValues& params = {}, std::uint64_t level = 0,
                         const std::string& id = "BipedalWalker-v3")
      : env(registry().find(id).make(params)) {
    ResetContext ctx{rng, level};
    env->reset(ctx, ObsRow(FloatRow(obs)));
  }
  StepResult step(const Action& action) {
    return env->step(ActionRow(Row<const float>(action.data(), 4)), rng, ObsRow(FloatRow(obs)));
  }
  /// Success, and the metres walked.
  std::array<float, 2> metrics() const {
    std::array<float, 2> values = {};
    env->metrics(FloatRow(values.data(), 2));
    return values;
  }
  std::array<float, 4> terms() const {
    std::array<float, 4> values = {};
    env->reward_terms(FloatRow(values.data(), 4));
    return values;
  }

  Rng rng{0, "walker episode"};
  std::unique_ptr<Env> env;
  std::vector<float> obs = std::vector<float>(24);
};

/// Lengths in m, angles in rad. The reference's numbers are divided by 30.
namespace walker_geometry {

constexpr double kGround = 400.0 / 30 / 4;
constexpr double kHipDrop = 8.0 / 30;
constexpr double kLegLength = 34.0 / 30;
constexpr double kReach = 160.0 / 30;  // of the lidar

struct Vec {
  double x, y;
};
inline Vec rotated(Vec v, double angle) {
  return {std::cos(angle) * v.x - std::sin(angle) * v.y,
          std::sin(angle) * v.x + std::cos(angle) * v.y};
}

/// The hull: its area by the shoelace formula, times 5 kg/m^2, and its centre of mass.
struct Hull {
  double mass = 0;
  Vec center = {0, 0};
};
inline Hull hull() {
  constexpr Vec kCorners[5] = {{-30, 9}, {-30, -8}, {34, -8}, {34, 1}, {6, 9}};
  double area = 0, x = 0, y = 0;
  for (int i = 0; i < 5; ++i) {
    const Vec a = {kCorners[i].x / 30, kCorners[i].y / 30};
    const Vec b = {kCorners[(i + 1) % 5].x / 30, kCorners[(i + 1) % 5].y / 30};
    const double cross = a.x * b.y - b.x * a.y;
    area += cross / 2;
    x += (a.x + b.x) * cross / 6;
    y += (a.y + b.y) * cross / 6;
  }
  return {5 * area, {x / area, y / area}};
}
constexpr double kThighMass = 8.0 / 30 * kLegLength;  // 1 kg/m^2
constexpr double kShinMass = 0.8 * kThighMass;

/// Of the whole walker, kg m/s, from the speeds of its joints: exact where these hold, which they
/// do while no motor turns and nothing touches the ground.
inline Vec momentum_of(const std::vector<float>& obs) {
  const auto at = [&](std::size_t i) { return static_cast<double>(obs[i]); };
  const Hull body = hull();
  // How fast the end of an arm runs ahead of its beginning.
  const auto turned = [](double speed, Vec arm) { return Vec{-speed * arm.y, speed * arm.x}; };
  const double tilt = at(0), spin = 25 * at(1);
  const Vec velocity = {25.0 / 3 * at(2), 12.5 * at(3)};
  const Vec hip_arm = rotated({-body.center.x, -kHipDrop - body.center.y}, tilt);
  const Vec to_hip = turned(spin, hip_arm);
  Vec sum = {body.mass * velocity.x, body.mass * velocity.y};
  for (const std::size_t leg : {4, 9}) {
    const double thigh = tilt + at(leg), thigh_spin = spin + 4 * at(leg + 1);
    const double shin = thigh + at(leg + 2) - 1, shin_spin = thigh_spin + 6 * at(leg + 3);
    const Vec half_thigh = turned(thigh_spin, rotated({0, -kLegLength / 2}, thigh));
    const Vec half_shin = turned(shin_spin, rotated({0, -kLegLength / 2}, shin));
    for (const auto& [axis, result] : {std::pair{&Vec::x, &sum.x}, {&Vec::y, &sum.y}}) {
      const double hip = velocity.*axis + to_hip.*axis;
      *result += kThighMass * (hip + half_thigh.*axis);
      *result += kShinMass * (hip + 2 * half_thigh.*axis + half_shin.*axis);
    }
  }
  return sum;
}

struct Posture {
  double center_height = 0;  // of the whole walker's centre of mass, above the ground
  double lowest_foot = 0;    // lower end of a shin's middle line, above the ground
};

/// On level ground: the first ray points straight down, so it measures the hull's height.
inline Posture posture_of(const std::vector<float>& obs) {
  const Hull body = hull();
  const double tilt = static_cast<double>(obs[0]);
  const double y = static_cast<double>(obs[14]) * kReach;
  double mass = body.mass, moment = body.mass * (y + rotated(body.center, tilt).y);
  double lowest = y;
  for (const std::size_t at : {4, 9}) {
    const double thigh = tilt + static_cast<double>(obs[at]);
    const double shin = thigh + static_cast<double>(obs[at + 2]) - 1;
    const double hip = y + rotated({0, -kHipDrop}, tilt).y;
    const double knee = hip + rotated({0, -kLegLength}, thigh).y;
    moment += kThighMass * (hip + rotated({0, -kLegLength / 2}, thigh).y);
    moment += kShinMass * (knee + rotated({0, -kLegLength / 2}, shin).y);
    mass += kThighMass + kShinMass;
    lowest = std::min(lowest, knee + rotated({0, -kLegLength}, shin).y);
  }
  return {moment / mass, lowest};
}

}  // namespace walker_geometry
}  // namespace tern
