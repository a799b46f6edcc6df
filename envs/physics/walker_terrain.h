#pragma once
// The ground that BipedalWalker walks on: a line of 199 pieces and, in the hardcore form, blocks to
// climb and pits to step over. Everything follows from the level.

#include <array>
#include <cstdint>
#include <vector>

namespace tern {

/// What the ground is made of; as Gymnasium's bipedal_walker, lengths in m.
struct WalkerTerrain {
  static constexpr int kPoints = 200;
  static constexpr double kScale = 30;           // the reference's pixels in a metre
  static constexpr double kStep = 14 / kScale;   // between two points
  static constexpr double kHeight = 400 / kScale / 4;  // where the ground begins
  static constexpr int kStartPad = 20;           // points of level ground at the start
  static constexpr int kMinSection = 5, kMaxSection = 9;  // points of grass between obstacles
  static constexpr int kMaxBlocks = 64;          // more than 200 points can hold
  static constexpr int kClouds = 10;

  enum class Kind : std::uint8_t { kStump, kStair, kPitWall };
  /// A solid block with upright sides.
  struct Block {
    Kind kind = Kind::kStump;
    double left = 0, right = 0, bottom = 0, top = 0;
  };
  /// Decoration only.
  struct Cloud {
    float x = 0, y = 0, size = 0;
  };

  std::array<double, kPoints> heights = {};  // of the point i, at x = i kStep
  std::array<Block, kMaxBlocks> blocks = {};
  int num_blocks = 0;
  std::array<Cloud, kClouds> clouds = {};
  double push = 0;  // N, on the hull during the first step, to the right
  bool is_laid_from_right = false;  // in which order Box2D is given the line's pieces
};

/// The terrain of a level. `is_hardcore`: with obstacles, each with probability 1/3 a stump (1 or 2
/// steps wide and high), stairs (3 or 4, each 4 steps wide and 1 high, up or down) or a pit (3 or 4
/// steps wide, 4 deep). `roughness` scales the random slope of the grass; 1 is the reference's.
/// Writes all of `terrain`; takes no memory.
void generate_walker_terrain(std::uint64_t level, bool is_hardcore, double roughness,
                             WalkerTerrain& terrain);

}  // namespace tern
