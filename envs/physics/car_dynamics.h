#pragma once
// The car of CarRacing: a hull on four wheels seen from above, with an engine, brakes and tyres that
// slide. The model is Gymnasium's (after Chris Campbell's top-down car).

#include <cstddef>
#include <cstdint>

#include "envs/physics/bodies.h"

namespace tern {

// Dimensions are drawn in units of kCarUnit.
constexpr float kCarUnit = 0.02f;
constexpr float kWheelRadius = 27, kWheelHalfWidth = 14;
/// The outline of the hull, the union of its four fixtures; forward is +y.
extern const Point kHullOutline[20];

/// One wheel. The order in a car: front left, front right, rear left, rear right.
struct Wheel {
  b2Body* body = nullptr;
  b2RevoluteJoint* joint = nullptr;
  double gas = 0;    // 0..1, what the engine gives now
  double brake = 0;  // from 0.9 on the wheel is blocked
  double steer = 0;  // rad, where it is to turn
  double phase = 0;  // rad, how far it has rolled
  double omega = 0;  // rad/s, how fast it rolls
  int tiles = 0;     // of the road that it touches; the contact listener counts
  // The mark it leaves while it slides.
  bool has_skid_start = false;
  b2Vec2 skid_start = {0, 0};
  int skid = -1;     // index of the mark being drawn
};

/// The bright mark on a tyre that shows how it rolls: between which parts of the radius, -1 to 1, it
/// is seen from above; false: it is below.
bool rolling_mark(double phase, float& from, float& to);

/// What a sliding tyre left on the ground: a line.
struct SkidMark {
  static constexpr int kMaxPoints = 30;
  b2Vec2 points[kMaxPoints];
  int count = 0;
  bool on_grass = false;
};

class Car {
 public:
  static constexpr int kWheels = 4;
  static constexpr int kSkidMarks = 30;  // the oldest one gives way

  /// Puts a car at rest into `world`, which has to outlive it; whatever was before is forgotten.
  void build(b2World& world, b2Vec2 position, float angle);

  /// Where the front wheels are to turn, rad; positive is left. It takes time, and stops at 0.4.
  void steer(double angle);
  /// 0 to 1, clipped. It grows by at most 0.1 a call and falls at once.
  void gas(double gas);
  void brake(double brake);

  /// Engine, brakes and tyres for `dt` seconds; the forces act in the next step of the env.
  ///
  ///   omega += dt * gas * P / I / (|omega| + 5)                power P = 40000, inertia I = 1.6
  ///   omega  = 0 if brake >= 0.9, else 15 * brake nearer to 0
  ///   force  = 82 * (omega * r - v_forward, -v_side), cut to the limit of 400 (240 on grass)
  ///   omega -= dt * force_forward * r / I                      r = 0.54
  void step(double dt);

  const b2Body& hull() const { return *hull_; }
  b2Body& hull() { return *hull_; }
  const Wheel& wheel(int i) const { return wheels_[i]; }
  Wheel& wheel(int i) { return wheels_[i]; }
  /// Marks in no order; those with a count of 0 are none.
  const SkidMark& skid_mark(int i) const { return skids_[i]; }

 private:
  void add_wheel(b2World& world, int i, b2Vec2 position, float angle);
  void turn_by_engine_and_brake(Wheel& wheel, double dt) const;
  void leave_mark(Wheel& wheel, bool is_sliding, bool on_grass);

  b2Body* hull_ = nullptr;
  Wheel wheels_[kWheels];
  SkidMark skids_[kSkidMarks];
  int next_skid_ = 0;
};

}  // namespace tern
