#pragma once
// The host's canvas as the Canvas that an env draws on. Part of the shim: compiled into the
// plugin, header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/canvas.h"
#include "envs/plugin_abi.h"

namespace tern {
namespace plugin __attribute__((visibility("hidden"))) {

static_assert(sizeof(Point) == sizeof(tern_point) && sizeof(Color) == sizeof(tern_color) &&
                  sizeof(CellStyle) == sizeof(tern_cell_style) &&
                  offsetof(CellStyle, glyph) == offsetof(tern_cell_style, glyph),
              "arrays of these cross the border as they are");

inline tern_point c_point(Point p) { return {p.x, p.y}; }
inline tern_color c_color(Color c) { return {c.r, c.g, c.b, c.a}; }

class HostCanvas final : public Canvas {
 public:
  explicit HostCanvas(const tern_canvas* canvas) : c_(canvas) {}

  void set_view(Point low, Point high, Color background) override {
    c_->set_view(c_, c_point(low), c_point(high), c_color(background));
  }
  void polygon(const Point* corners, std::size_t count, Color color) override {
    c_->polygon(c_, reinterpret_cast<const tern_point*>(corners), count, c_color(color));
  }
  void circle(Point center, float radius, Color color) override {
    c_->circle(c_, c_point(center), radius, c_color(color));
  }
  void capsule(Point a, Point b, float radius, Color color) override {
    c_->capsule(c_, c_point(a), c_point(b), radius, c_color(color));
  }
  void line(Point a, Point b, float width, Color color) override {
    c_->line(c_, c_point(a), c_point(b), width, c_color(color));
  }
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle* styles, std::size_t count) override {
    c_->cells(c_, c_point(top_left), cell_size, rows, columns, kind,
              reinterpret_cast<const tern_cell_style*>(styles), count);
  }
  void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) override {
    c_->image(c_, c_point(low), c_point(high), width, height, rgb);
  }
  void text(Point at, float height, std::string_view line, Color color, Align align) override {
    c_->text(c_, c_point(at), height, line.data(), line.size(), c_color(color),
             static_cast<std::int32_t>(align));
  }
  void push(Point move, float angle, float scale) override {
    c_->push(c_, c_point(move), angle, scale);
  }
  void pop() override { c_->pop(c_); }
  Rectangle shown(Point low, Point high) const override {
    constexpr std::size_t kSizeWithShown = offsetof(tern_canvas, shown) + sizeof c_->shown;
    if (c_->struct_size < kSizeWithShown || c_->shown == nullptr) return {low, high};
    tern_point shown_low = c_point(low), shown_high = c_point(high);
    c_->shown(c_, shown_low, shown_high, &shown_low, &shown_high);
    return {{shown_low.x, shown_low.y}, {shown_high.x, shown_high.y}};
  }

 private:
  const tern_canvas* c_;
};

}  // namespace plugin
}  // namespace tern
