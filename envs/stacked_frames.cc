#include "envs/stacked_frames.h"

#include <cstring>

namespace tern {

StackedFrames::StackedFrames(const ObsSpace& space, std::size_t frames)
    : frames_(frames), frame_bytes_(space.bytes() / frames) {
  if (frames == 1) {
    fields_.push_back({1, frame_bytes_});
    return;
  }
  const std::size_t value_bytes = space.bytes() / space.size();
  for (const Field& field : space.fields()) {
    const std::size_t last = static_cast<std::size_t>(field.shape.back());
    fields_.push_back({field.size() / last, last / frames * value_bytes});
  }
}

void StackedFrames::take(const std::uint8_t* stack, std::size_t place, std::uint8_t* frame) const {
  for (const Pieces& field : fields_) {
    const std::uint8_t* from = stack + place * field.bytes;
    for (std::size_t i = 0; i < field.count; ++i) {
      std::memcpy(frame, from, field.bytes);
      frame += field.bytes;
      from += frames_ * field.bytes;
    }
    stack += frames_ * field.count * field.bytes;
  }
}

void StackedFrames::put(const std::uint8_t* frame, std::size_t place, std::uint8_t* stack) const {
  for (const Pieces& field : fields_) {
    std::uint8_t* to = stack + place * field.bytes;
    if (field.bytes == 1) {  // grey images
      for (std::size_t i = 0; i < field.count; ++i) to[i * frames_] = frame[i];
      frame += field.count;
    } else {
      for (std::size_t i = 0; i < field.count; ++i) {
        std::memcpy(to, frame, field.bytes);
        frame += field.bytes;
        to += frames_ * field.bytes;
      }
    }
    stack += frames_ * field.count * field.bytes;
  }
}

}  // namespace tern
