#include "envs/wrappers/frame_stack.h"

#include <algorithm>
#include <utility>

#include "envs/goal_fields.h"

namespace tern {
namespace {

ObsSpace stacked(const ObsSpace& space, int frames) {
  ObsSpace all;
  for (Field field : space.fields()) {
    field.shape.back() *= frames;
    all.of(field.dtype).add(field);
  }
  return all;
}

}  // namespace

FrameStack::FrameStack(std::unique_ptr<Env> inner, int frames)
    : ObservationWrapper(std::move(inner)),
      layout_(stacked(spec_.obs, frames), static_cast<std::size_t>(frames)),
      frames_(static_cast<std::size_t>(frames) * layout_.frame_bytes()) {
  for (const Field& field : spec_.obs.fields()) {
    if (is_goal(field)) {
      throw Error("env.frame_stack: " + spec_.id + " has goals ('" + field.name +
                  "'), which its rewards are computed from; leave the key out");
    }
  }
  spec_.obs = stacked(spec_.obs, frames);
  spec_.frame_stack = frames;
}

void FrameStack::observe(ObsRow inner, ObsRow seen) {
  const std::size_t bytes = layout_.frame_bytes();
  const auto* const frame = static_cast<const std::uint8_t*>(inner.data());
  auto* const stack = static_cast<std::uint8_t*>(seen.data());
  if (is_first_) {
    for (std::size_t k = 0; k < layout_.frames(); ++k) {
      std::copy_n(frame, bytes, frames_.data() + k * bytes);
    }
  } else {
    std::copy(frames_.begin() + static_cast<std::ptrdiff_t>(bytes), frames_.end(), frames_.begin());
    std::copy_n(frame, bytes, frames_.end() - static_cast<std::ptrdiff_t>(bytes));
  }
  is_first_ = false;
  const std::uint8_t* frames[kMostFrames];
  for (std::size_t k = 0; k < layout_.frames(); ++k) frames[k] = frames_.data() + k * bytes;
  layout_.join(frames, stack);
}

void FrameStack::save(StateWriter& out) const {
  inner_->save(out);
  out.write(is_first_);
  out.write(frames_);
}

bool FrameStack::load(StateReader& in) {
  if (!inner_->load(in)) return false;
  in.read(is_first_);
  in.read(Row<std::uint8_t>(frames_));
  return true;
}

}  // namespace tern
