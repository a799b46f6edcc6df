#pragma once
// Helpers of the Box2D envs: shapes and fixtures in one line each, and bodies on a canvas.
// Box2D is included in this folder only. Each env makes a fresh b2World at every reset, since a
// used one remembers contacts and the order of its bodies.

#include <box2d/box2d.h>

#include <cstdint>
#include <initializer_list>

#include "core/canvas.h"

namespace tern {

/// What a fixture is made of and what it touches: it collides with fixtures whose category is in
/// its mask, and whose mask has its category.
struct Material {
  float density = 0;      // kg/m^2
  float friction = 0.2f;
  float restitution = 0;  // 0: does not bounce, 1: loses nothing
  std::uint16_t category = 0x0001;
  std::uint16_t mask = 0xFFFF;
};

/// A convex polygon of 3 to 8 corners, counter-clockwise, in metres after multiplication by `scale`.
b2PolygonShape polygon_shape(std::initializer_list<b2Vec2> corners, float scale = 1);
/// A box about the origin.
b2PolygonShape box_shape(float half_width, float half_height);

b2FixtureDef fixture_of(const b2Shape& shape, const Material& material);

/// A body with one fixture.
b2Body* add_body(b2World& world, b2BodyType type, b2Vec2 position, float angle,
                 const b2FixtureDef& fixture);

/// A motor and the limits of a revolute joint, as Box2D 2.3 solved them.
///
/// Before 2.4 a limit acted in steps that began at or beyond it; a joint that was within its limits
/// moved freely for that step and could overshoot. 2.4 stops it just there ("speculatively"), which
/// makes legs that are hit by the ground as hard as stone. The references were made with 2.3, and
/// their landings and gaits depend on it. Call apply() before each step.
class OldLimits {
 public:
  OldLimits() = default;
  OldLimits(b2RevoluteJoint* joint, float lower, float upper)
      : joint_(joint), lower_(lower), upper_(upper) {}
  void apply();

 private:
  b2RevoluteJoint* joint_ = nullptr;
  float lower_ = 0, upper_ = 0;  // rad
};

/// Draws all polygons and circles of a body, where it is.
void draw_body(Canvas& canvas, const b2Body& body, Color color);

}  // namespace tern
