#include "render/drawings.h"

#include "core/state_io.h"

namespace tern {
namespace {

/// Equal for equal calls only.
std::string bytes_of(const DrawCall& call) {
  StateWriter out;
  out.write(call.kind, call.align, call.color.r, call.color.g, call.color.b, call.color.a);
  out.write(call.size, call.scale, call.rows, call.columns, call.bytes, call.line);
  out.write(static_cast<std::uint64_t>(call.points.size()));
  for (const Point& point : call.points) out.write(point.x, point.y);
  for (const CellStyle& style : call.styles) {
    out.write(style.color.r, style.color.g, style.color.b, style.color.a, style.glyph);
  }
  return {out.bytes().begin(), out.bytes().end()};
}

}  // namespace

std::size_t Drawings::add(const RecordingCanvas& picture) {
  std::vector<std::uint32_t>& numbers = pictures_.emplace_back();
  for (const DrawCall& call : picture.calls()) {
    const auto next = static_cast<std::uint32_t>(calls_.size());
    const auto [found, is_new] = numbers_.try_emplace(bytes_of(call), next);
    if (is_new) {
      calls_.push_back(call);
      bytes_ += sizeof(DrawCall) + 3 * found->first.size();  // twice as bytes, once as a call
    }
    numbers.push_back(found->second);
  }
  bytes_ += numbers.size() * sizeof numbers[0];
  return pictures_.size() - 1;
}

void Drawings::replay(std::size_t picture, RecordingCanvas& canvas) const {
  canvas.clear();
  for (const std::uint32_t number : pictures_.at(picture)) canvas.add(calls_[number]);
}

}  // namespace tern
