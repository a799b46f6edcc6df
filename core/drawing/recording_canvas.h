#pragma once
// A canvas that remembers what was drawn: a frame that outlives the env's next step, and a way to
// test drawings. Std only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/canvas.h"

namespace tern {

/// One call, with copies of what it was given.
struct DrawCall {
  enum class Kind : std::uint8_t {
    kSetView,
    kPolygon,
    kCircle,
    kCapsule,
    kLine,
    kCells,
    kImage,
    kText,
    kPush,
    kPop,
  };
  Kind kind = Kind::kPop;
  Color color;
  Align align = Align::kLeft;
  std::vector<Point> points;        // corners; center; ends; low and high; top left; at; move
  float size = 0;                   // radius, width, cell size, text height, angle in rad
  float scale = 1;                  // of a push
  int rows = 0, columns = 0;        // cells; height and width of an image
  std::vector<std::uint8_t> bytes;  // kinds of cells, pixels of an image
  std::vector<CellStyle> styles;
  std::string line;
};

class RecordingCanvas final : public Canvas {
 public:
  /// The calls since the last set_view, that one included.
  const std::vector<DrawCall>& calls() const { return calls_; }
  bool empty() const { return calls_.empty(); }
  void clear() { calls_.clear(); }
  void add(DrawCall call) { calls_.push_back(std::move(call)); }

  /// Makes the same calls on `canvas`. An env that popped too often or too rarely is put right, so
  /// that it cannot disturb what is drawn around it.
  void replay(Canvas& canvas) const;
  /// One line a call: "circle (0, 0.1) radius 0.05 #0072b2".
  std::string str() const;

  void set_view(Point low, Point high, Color background) override;
  void polygon(const Point* corners, std::size_t count, Color color) override;
  void circle(Point center, float radius, Color color) override;
  void capsule(Point a, Point b, float radius, Color color) override;
  void line(Point a, Point b, float width, Color color) override;
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle* styles, std::size_t count) override;
  void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) override;
  void text(Point at, float height, std::string_view line, Color color,
            Align align = Align::kLeft) override;
  void push(Point move, float angle, float scale = 1) override;
  void pop() override;
  /// Enough for pictures from 2:5 to 3:1: what is recorded may be shown at any of them.
  Rectangle shown(Point low, Point high) const override;

 private:
  DrawCall& add(DrawCall::Kind kind, std::vector<Point> points, float size, Color color);

  std::vector<DrawCall> calls_;
};

}  // namespace tern
