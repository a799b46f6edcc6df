#pragma once
// The moon, the lander and its two legs as bodies of Box2D: LunarLander without actions and
// rewards. Metres, seconds, kilograms; x to the right, y up, the origin in the lower left corner of
// the view.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "envs/physics/bodies.h"

namespace tern {

constexpr double kLanderScale = 30;                // the reference's pixels in a metre
constexpr double kMoonWidth = 600 / kLanderScale;  // m
constexpr double kMoonSky = 400 / kLanderScale;    // m, height of the reference's view
constexpr double kPadHeight = kMoonSky / 4;        // m, what heights are observed from
constexpr std::size_t kMoonPoints = 11;            // corners of the ground, kMoonStride apart
constexpr double kMoonStride = kMoonWidth / (kMoonPoints - 1);
constexpr float kLanderTimeStep = 1.0f / 50;  // s
constexpr int kVelocityIterations = 180, kPositionIterations = 60;
/// Where something may touch the ground. Box2D 2.3 solved the limit and the point of a joint at
/// once, 2.4 one after the other: between a heavy hull and light legs that takes longer to settle.
constexpr int kLowVelocityIterations = 600;

/// Heights of the ground at x = 0, 2, .. 20 m. The five in the middle are the landing pad's.
using MoonGround = std::array<double, kMoonPoints>;

/// The ground of a level: heights uniform in [0, kMoonSky / 2), the pad's set, each then replaced
/// by 0.33 of the sum of itself and its neighbours (so the pad lies 1 % below kPadHeight).
MoonGround moon_ground(std::uint64_t level);

/// A body's place and motion.
struct BodyState {
  b2Vec2 position;
  float angle = 0;
  b2Vec2 velocity;  // of the centre of mass
  float angular_velocity = 0;
};

BodyState state_of(const b2Body& body);
void put_body(b2Body& body, const BodyState& state);

/// How far an engine's thrust strays in one step: m, each uniform in [-1, 1) / kLanderScale.
struct EngineNoise {
  double along = 0, across = 0;
};

/// Not copyable: Box2D keeps pointers into it.
class LanderBodies final : private b2ContactListener {
 public:
  LanderBodies() = default;
  LanderBodies(const LanderBodies&) = delete;
  LanderBodies& operator=(const LanderBodies&) = delete;

  /// A fresh env: the lander at the top, upright and at rest, its legs spread.
  void start(const MoonGround& ground, double gravity);
  /// An impulse of the main engine, upwards in the hull's own direction: 13 power (0.133 + 2 along)
  /// N s, from below, and 13 power across to the side.
  void burn_main(double power, const EngineNoise& noise);
  /// An impulse of a side engine to the left (direction -1) or right (1) in the hull's own
  /// direction: 0.6 power (0.4 + 3 across) N s, from above, which also turns the hull.
  void burn_side(double power, int direction, const EngineNoise& noise);
  /// A force along x (N) on the hull and a torque (N m), until the next step is over.
  void blow(double force, double torque);
  /// One time step with the forces and impulses that were applied since the last one.
  void advance();
  /// Finds out what touches what, without a step in time.
  void find_contacts() { world_->Step(0, 0, 0); }

  b2Body& lander() const { return *lander_; }
  /// 0: the right leg, 1: the left one, as the reference observes them.
  b2Body& leg(std::size_t i) const { return *legs_[i]; }
  bool leg_touches(std::size_t i) const { return leg_touches_[i]; }
  /// Whether the lander's hull has touched the ground since start().
  bool has_crashed() const { return has_crashed_; }

 private:
  /// An impulse of -power times (x, y) on the hull, which attacks at (at_x, at_y) from its origin.
  void push(double power, double x, double y, double at_x, double at_y);
  void BeginContact(b2Contact* contact) override;
  void EndContact(b2Contact* contact) override;

  std::optional<b2World> world_;  // in place: a reset takes no memory but Box2D's own
  b2Body* lander_ = nullptr;
  std::array<b2Body*, 2> legs_ = {};
  std::array<OldLimits, 2> limits_ = {};
  std::array<bool, 2> leg_touches_ = {};
  bool has_crashed_ = false;
};

}  // namespace tern
