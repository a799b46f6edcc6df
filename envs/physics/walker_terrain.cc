#include "envs/physics/walker_terrain.h"

#include <cassert>

#include "core/rng.h"

namespace tern {
namespace {

constexpr double kStep = WalkerTerrain::kStep;
constexpr double kMaxPush = 5;  // N
constexpr int kPitDepth = 4;    // steps, as are the next
constexpr int kStairWidth = 4;

/// Draws the ground from left to right. A section of grass is followed by another or, hardcore, by
/// an obstacle, and that by grass again; each begins with one point that continues the last height.
class Generator {
 public:
  Generator(std::uint64_t level, bool is_hardcore, double roughness, WalkerTerrain& terrain)
      : rng_(level, "bipedal walker terrain"),
        is_hardcore_(is_hardcore),
        roughness_(roughness),
        terrain_(terrain) {}

  void run() {
    terrain_.num_blocks = 0;
    for (int i = 0; i < WalkerTerrain::kPoints; ++i) {
      const double x = i * kStep;
      if (section_ == Section::kGrass) {
        if (!is_first_) roll_on(i);
      } else if (is_first_) {
        begin_obstacle(x);
      } else {
        go_on();
      }
      is_first_ = false;
      terrain_.heights[static_cast<std::size_t>(i)] = y_;
      if (--left_ == 0) next_section();
    }
    draw_clouds();
    terrain_.push = rng_.uniform(-kMaxPush, kMaxPush);
    terrain_.is_laid_from_right = rng_.chance(0.5);
  }

 private:
  enum class Section : std::uint8_t { kGrass, kStump, kStairs, kPit };

  int between(int low, int high) {
    return low + static_cast<int>(rng_.below(static_cast<std::uint32_t>(high - low + 1)));
  }

  /// Grass: the slope is pulled towards the first height and pushed at random.
  void roll_on(int i) {
    const double above = y_ - WalkerTerrain::kHeight;
    const double pull = above < 0 ? 1 : above > 0 ? -1 : 0;
    slope_ = 0.8 * slope_ + 0.01 * pull;
    if (i > WalkerTerrain::kStartPad) {
      slope_ += roughness_ * rng_.uniform(-1, 1) / WalkerTerrain::kScale;
    }
    y_ += slope_;
  }

  void begin_obstacle(double x) {
    original_y_ = y_;
    switch (section_) {
      case Section::kStump: {
        left_ = between(1, 2);
        const double side = left_ * kStep;
        add_block(WalkerTerrain::Kind::kStump, x, x + side, y_, y_ + side);
        break;
      }
      case Section::kStairs: {
        rise_ = rng_.uniform() > 0.5 ? 1 : -1;
        stairs_ = between(3, 4);
        for (int s = 0; s < stairs_; ++s) {
          const double top = y_ + s * rise_ * kStep, left = x + s * kStairWidth * kStep;
          add_block(WalkerTerrain::Kind::kStair, left, left + kStairWidth * kStep, top - kStep, top);
        }
        left_ = stairs_ * kStairWidth;
        break;
      }
      default: {
        const int width = between(3, 4);
        for (const double left : {x, x + width * kStep}) {
          add_block(WalkerTerrain::Kind::kPitWall, left, left + kStep, y_ - kPitDepth * kStep, y_);
        }
        left_ = width + 2;  // both walls included
      }
    }
  }

  /// The line below a stump or stair, or the bottom of a pit.
  void go_on() {
    if (section_ == Section::kPit) {
      y_ = original_y_ - (left_ > 1 ? kPitDepth * kStep : 0);
    } else if (section_ == Section::kStairs) {
      const double passed = stairs_ * kStairWidth - left_ - rise_;
      y_ = original_y_ + passed / kStairWidth * rise_ * kStep;
    }
  }

  void next_section() {
    left_ = between(WalkerTerrain::kMinSection, WalkerTerrain::kMaxSection);
    const bool obstacle = section_ == Section::kGrass && is_hardcore_;
    section_ = obstacle ? static_cast<Section>(between(1, 3)) : Section::kGrass;
    is_first_ = true;
  }

  void add_block(WalkerTerrain::Kind kind, double left, double right, double bottom, double top) {
    assert(terrain_.num_blocks < WalkerTerrain::kMaxBlocks);
    terrain_.blocks[static_cast<std::size_t>(terrain_.num_blocks++)] = {kind, left, right, bottom, top};
  }

  void draw_clouds() {
    for (WalkerTerrain::Cloud& cloud : terrain_.clouds) {
      cloud.x = static_cast<float>(rng_.uniform(0, WalkerTerrain::kPoints * kStep));
      cloud.y = static_cast<float>(rng_.uniform(9.3, 11.8));
      cloud.size = static_cast<float>(rng_.uniform(0.7, 1.3));
    }
  }

  Rng rng_;
  bool is_hardcore_;
  double roughness_;
  WalkerTerrain& terrain_;

  Section section_ = Section::kGrass;
  bool is_first_ = false;  // point of its section
  int left_ = WalkerTerrain::kStartPad;  // points of this section, this one included
  double y_ = WalkerTerrain::kHeight, slope_ = 0;  // m, and m a step
  double original_y_ = 0;  // where the obstacle began
  int rise_ = 0, stairs_ = 0;
};

}  // namespace

void generate_walker_terrain(std::uint64_t level, bool is_hardcore, double roughness,
                             WalkerTerrain& terrain) {
  Generator(level, is_hardcore, roughness, terrain).run();
}

}  // namespace tern
