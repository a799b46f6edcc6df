#pragma once
// One picture that uses every method of Canvas, and a hash of pictures, for the canvas tests.

#include <cstdint>
#include <vector>

#include "core/canvas.h"

namespace tern {

/// FNV-1a of the bytes.
inline std::uint64_t picture_hash(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

inline void draw_scene(Canvas& canvas) {
  canvas.set_view({-4, -3}, {4, 3}, palette::kBackground);
  const std::uint8_t kinds[6] = {0, 1, 0, 1, 0, 1};
  const CellStyle styles[2] = {{palette::kFloor, '.'}, {palette::kIce, '~'}};
  canvas.cells({-3.9f, 2.9f}, 0.7f, 2, 3, kinds, styles, 2);
  const std::uint8_t pixels[12] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
  canvas.image({2, 1.5f}, {3.5f, 2.7f}, 2, 2, pixels);
  const Point arrow[4] = {{-1, -1}, {0, 1.5f}, {1, -1}, {0, -0.3f}};
  canvas.polygon(arrow, 4, palette::kAgent);
  canvas.circle({2.2f, -1.2f}, 0.8f, {213, 94, 0, 128});
  canvas.capsule({-3, -2}, {-1.5f, -0.5f}, 0.3f, palette::kItem);
  canvas.line({-4, -2.5f}, {4, -2.5f}, 0.01f, palette::kMuted);
  canvas.text({0, 2.2f}, 0.4f, "Scene 1", palette::kInk, Align::kCenter);
  canvas.push({2.2f, -1.2f}, 0.6f, 0.5f);
  canvas.rectangle({-0.5f, -0.5f}, {0.5f, 0.5f}, palette::kGoal);
  canvas.line({0, 0}, {3, 0}, 0.1f, palette::kInk);
  canvas.text({0, 1}, 0.5f, "turned", palette::kAccent);
  canvas.image({1, 1}, {2, 2}, 2, 2, pixels);
  canvas.cells({-2, -1}, 0.5f, 2, 3, kinds, styles, 2);
  canvas.pop();
}

}  // namespace tern
