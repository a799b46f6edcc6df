#include "envs/stacked_frames.h"

#include <cstring>

namespace tern {

StackedFrames::StackedFrames(const ObsSpace& space, std::size_t frames)
    : frames_(frames),
      frame_bytes_(frames == 1 ? space.bytes() : space.used_bytes() / frames),
      stack_bytes_(space.bytes()) {
  if (frames == 1) {
    fields_.push_back({1, frame_bytes_});
    return;
  }
  for (const Field& field : space.fields()) {
    const std::size_t value_bytes = field.dtype == DType::kFloat32 ? sizeof(float) : 1;
    const std::size_t last = static_cast<std::size_t>(field.shape.back());
    fields_.push_back({field.size() / last, last / frames * value_bytes});
  }
}

void StackedFrames::take(const std::uint8_t* stack, std::size_t place, std::uint8_t* frame) const {
  for (const Pieces& field : fields_) {
    const std::uint8_t* from = stack + place * field.bytes;
    const std::size_t stride = frames_ * field.bytes;
    if (field.bytes == 1) {  // a grey image
      for (std::size_t i = 0; i < field.count; ++i) frame[i] = from[i * stride];
    } else {
      for (std::size_t i = 0; i < field.count; ++i) {
        std::memcpy(frame + i * field.bytes, from + i * stride, field.bytes);
      }
    }
    frame += field.count * field.bytes;
    stack += field.count * stride;
  }
}

void StackedFrames::join(const std::uint8_t* const* frames, std::uint8_t* stack) const {
  std::size_t begin = 0;  // of the field in a frame
  for (const Pieces& field : fields_) {
    const std::size_t stride = frames_ * field.bytes;
    if (field.bytes == 1 && frames_ == 4) {  // the stack of Mnih et al. 2015: vectors, not bytes
      const std::uint8_t *a = frames[0] + begin, *b = frames[1] + begin, *c = frames[2] + begin,
                         *d = frames[3] + begin;
      for (std::size_t i = 0; i < field.count; ++i) {
        stack[4 * i] = a[i];
        stack[4 * i + 1] = b[i];
        stack[4 * i + 2] = c[i];
        stack[4 * i + 3] = d[i];
      }
    } else {
      for (std::size_t k = 0; k < frames_; ++k) {
        const std::uint8_t* from = frames[k] + begin;
        std::uint8_t* to = stack + k * field.bytes;
        for (std::size_t i = 0; i < field.count; ++i) {
          std::memcpy(to + i * stride, from + i * field.bytes, field.bytes);
        }
      }
    }
    begin += field.count * field.bytes;
    stack += field.count * stride;
  }
}

}  // namespace tern
