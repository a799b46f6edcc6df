#include "envs/physics/bodies.h"

namespace tern {

b2PolygonShape polygon_shape(std::initializer_list<b2Vec2> corners, float scale) {
  b2Vec2 scaled[b2_maxPolygonVertices];
  int count = 0;
  for (const b2Vec2& corner : corners) scaled[count++] = scale * corner;
  b2PolygonShape shape;
  shape.Set(scaled, count);
  return shape;
}

b2PolygonShape box_shape(float half_width, float half_height) {
  b2PolygonShape shape;
  shape.SetAsBox(half_width, half_height);
  return shape;
}

b2FixtureDef fixture_of(const b2Shape& shape, const Material& material) {
  b2FixtureDef fixture;
  fixture.shape = &shape;
  fixture.density = material.density;
  fixture.friction = material.friction;
  fixture.restitution = material.restitution;
  fixture.filter.categoryBits = material.category;
  fixture.filter.maskBits = material.mask;
  return fixture;
}

b2Body* add_body(b2World& world, b2BodyType type, b2Vec2 position, float angle,
                 const b2FixtureDef& fixture) {
  b2BodyDef def;
  def.type = type;
  def.position = position;
  def.angle = angle;
  b2Body* body = world.CreateBody(&def);
  body->CreateFixture(&fixture);
  return body;
}

void OldLimits::apply() {
  constexpr float kNoLimit = 1e3f;  // rad, further than any joint turns within an episode
  const float angle = joint_->GetJointAngle();
  if (angle <= lower_) {
    joint_->SetLimits(lower_, kNoLimit);
  } else if (angle >= upper_) {
    joint_->SetLimits(-kNoLimit, upper_);
  } else {
    joint_->SetLimits(-kNoLimit, kNoLimit);
  }
}

void draw_body(Canvas& canvas, const b2Body& body, Color color) {
  for (const b2Fixture* fixture = body.GetFixtureList(); fixture != nullptr;
       fixture = fixture->GetNext()) {
    if (fixture->GetType() == b2Shape::e_polygon) {
      const auto& shape = static_cast<const b2PolygonShape&>(*fixture->GetShape());
      Point corners[b2_maxPolygonVertices];
      for (int i = 0; i < shape.m_count; ++i) {
        const b2Vec2 corner = body.GetWorldPoint(shape.m_vertices[i]);
        corners[i] = {corner.x, corner.y};
      }
      canvas.polygon(corners, static_cast<std::size_t>(shape.m_count), color);
    } else if (fixture->GetType() == b2Shape::e_circle) {
      const auto& shape = static_cast<const b2CircleShape&>(*fixture->GetShape());
      const b2Vec2 center = body.GetWorldPoint(shape.m_p);
      canvas.circle({center.x, center.y}, shape.m_radius, color);
    }
  }
}

}  // namespace tern
