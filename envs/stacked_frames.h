#pragma once
// Where frames lie in an observation that is a stack of them. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/space.h"

namespace tern {

/// A stack has at most so many.
inline constexpr std::size_t kMostFrames = 64;

/// An observation of the frame_stack wrapper: the last axis of each field holds that of K frames, the
/// oldest first, so that an image's channels become K times as many. With K = 1 a stack is its frame.
class StackedFrames {
 public:
  /// space: of the stack. frames: K, which divides the last axis of each field.
  StackedFrames(const ObsSpace& space, std::size_t frames);

  std::size_t frames() const { return frames_; }
  std::size_t frame_bytes() const { return frame_bytes_; }
  /// Memory of a whole stack, in bytes: K frames, and what ends a row (ObsSpace::bytes).
  std::size_t stack_bytes() const { return stack_bytes_; }
  /// Copies frame `place` of a stack, 0 being the oldest.
  void take(const std::uint8_t* stack, std::size_t place, std::uint8_t* frame) const;
  /// Writes a whole stack. frames: K, the oldest first.
  void join(const std::uint8_t* const* frames, std::uint8_t* stack) const;

 private:
  /// Rows of a field along its last axis.
  struct Pieces {
    std::size_t count = 0, bytes = 0;  // of one frame
  };

  std::size_t frames_, frame_bytes_, stack_bytes_;
  std::vector<Pieces> fields_;
};

}  // namespace tern
