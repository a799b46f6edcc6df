#include "core/drawing/recording_canvas.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace tern {
namespace {

std::string number(float value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

std::string place(Point p) {
  return '(' + number(p.x) + ", " + number(p.y) + ')';
}

std::string hex(Color color) {
  char buffer[10];
  const char* format = color.a == 255 ? "#%02x%02x%02x" : "#%02x%02x%02x%02x";
  std::snprintf(buffer, sizeof buffer, format, color.r, color.g, color.b, color.a);
  return buffer;
}

std::string describe_cells(const DrawCall& call) {
  std::string text = "cells " + place(call.points[0]) + " size " + number(call.size);
  for (int row = 0; row < call.rows; ++row) {
    text += "\n  ";
    for (int column = 0; column < call.columns; ++column) {
      const std::size_t kind = call.bytes[static_cast<std::size_t>(row * call.columns + column)];
      text += kind < call.styles.size() ? call.styles[kind].glyph : '?';
    }
  }
  return text;
}

std::string describe(const DrawCall& call) {
  const std::string color = ' ' + hex(call.color);
  switch (call.kind) {
    case DrawCall::Kind::kSetView:
      return "set_view " + place(call.points[0]) + " " + place(call.points[1]) + color;
    case DrawCall::Kind::kPolygon: {
      std::string text = "polygon";
      for (const Point& corner : call.points) text += " " + place(corner);
      return text + color;
    }
    case DrawCall::Kind::kCircle:
      return "circle " + place(call.points[0]) + " radius " + number(call.size) + color;
    case DrawCall::Kind::kCapsule:
      return "capsule " + place(call.points[0]) + " " + place(call.points[1]) + " radius " +
             number(call.size) + color;
    case DrawCall::Kind::kLine:
      return "line " + place(call.points[0]) + " " + place(call.points[1]) + " width " +
             number(call.size) + color;
    case DrawCall::Kind::kCells:
      return describe_cells(call);
    case DrawCall::Kind::kImage:
      return "image " + place(call.points[0]) + " " + place(call.points[1]) + " of " +
             std::to_string(call.columns) + "x" + std::to_string(call.rows);
    case DrawCall::Kind::kText: {
      constexpr const char* kAligns[] = {"left", "center", "right"};
      return "text " + place(call.points[0]) + " height " + number(call.size) + " " +
             kAligns[static_cast<int>(call.align)] + " '" + call.line + "'" + color;
    }
    case DrawCall::Kind::kPush:
      return "push " + place(call.points[0]) + " angle " + number(call.size) + " scale " +
             number(call.scale);
    case DrawCall::Kind::kPop:
      return "pop";
  }
  return "";
}

void repeat(const DrawCall& call, Canvas& canvas) {
  const std::vector<Point>& p = call.points;
  switch (call.kind) {
    case DrawCall::Kind::kSetView:
      canvas.set_view(p[0], p[1], call.color);
      break;
    case DrawCall::Kind::kPolygon:
      canvas.polygon(p.data(), p.size(), call.color);
      break;
    case DrawCall::Kind::kCircle:
      canvas.circle(p[0], call.size, call.color);
      break;
    case DrawCall::Kind::kCapsule:
      canvas.capsule(p[0], p[1], call.size, call.color);
      break;
    case DrawCall::Kind::kLine:
      canvas.line(p[0], p[1], call.size, call.color);
      break;
    case DrawCall::Kind::kCells:
      canvas.cells(p[0], call.size, call.rows, call.columns, call.bytes.data(), call.styles.data(),
                   call.styles.size());
      break;
    case DrawCall::Kind::kImage:
      canvas.image(p[0], p[1], call.columns, call.rows, call.bytes.data());
      break;
    case DrawCall::Kind::kText:
      canvas.text(p[0], call.size, call.line, call.color, call.align);
      break;
    case DrawCall::Kind::kPush:
      canvas.push(p[0], call.size, call.scale);
      break;
    case DrawCall::Kind::kPop:
      canvas.pop();
      break;
  }
}

}  // namespace

void RecordingCanvas::replay(Canvas& canvas) const {
  int depth = 0;
  for (const DrawCall& call : calls_) {
    if (call.kind == DrawCall::Kind::kPop && depth == 0) continue;
    if (call.kind == DrawCall::Kind::kPop) --depth;
    if (call.kind == DrawCall::Kind::kPush) ++depth;
    repeat(call, canvas);
  }
  for (; depth > 0; --depth) canvas.pop();
}

std::string RecordingCanvas::str() const {
  std::string lines;
  for (const DrawCall& call : calls_) lines += describe(call) + "\n";
  return lines;
}

DrawCall& RecordingCanvas::add(DrawCall::Kind kind, std::vector<Point> points, float size,
                               Color color) {
  calls_.emplace_back();
  DrawCall& call = calls_.back();
  call.kind = kind;
  call.points = std::move(points);
  call.size = size;
  call.color = color;
  return call;
}

Rectangle RecordingCanvas::shown(Point low, Point high) const {
  constexpr float kWidest = 3, kTallest = 2.5f;  // width over height, height over width
  const float width = high.x - low.x, height = high.y - low.y;
  const float beside = std::max(kWidest * height - width, 0.0f) / 2;
  const float above = std::max(kTallest * width - height, 0.0f) / 2;
  return {{low.x - beside, low.y - above}, {high.x + beside, high.y + above}};
}

void RecordingCanvas::set_view(Point low, Point high, Color background) {
  calls_.clear();
  add(DrawCall::Kind::kSetView, {low, high}, 0, background);
}

void RecordingCanvas::polygon(const Point* corners, std::size_t count, Color color) {
  add(DrawCall::Kind::kPolygon, std::vector<Point>(corners, corners + count), 0, color);
}

void RecordingCanvas::circle(Point center, float radius, Color color) {
  add(DrawCall::Kind::kCircle, {center}, radius, color);
}

void RecordingCanvas::capsule(Point a, Point b, float radius, Color color) {
  add(DrawCall::Kind::kCapsule, {a, b}, radius, color);
}

void RecordingCanvas::line(Point a, Point b, float width, Color color) {
  add(DrawCall::Kind::kLine, {a, b}, width, color);
}

void RecordingCanvas::cells(Point top_left, float cell_size, int rows, int columns,
                            const std::uint8_t* kind, const CellStyle* styles, std::size_t count) {
  DrawCall& call = add(DrawCall::Kind::kCells, {top_left}, cell_size, {});
  call.rows = rows;
  call.columns = columns;
  call.bytes.assign(kind, kind + static_cast<std::ptrdiff_t>(rows) * columns);
  call.styles.assign(styles, styles + count);
}

void RecordingCanvas::image(Point low, Point high, int width, int height, const std::uint8_t* rgb) {
  DrawCall& call = add(DrawCall::Kind::kImage, {low, high}, 0, {});
  call.rows = height;
  call.columns = width;
  call.bytes.assign(rgb, rgb + static_cast<std::ptrdiff_t>(3) * width * height);
}

void RecordingCanvas::text(Point at, float height, std::string_view line, Color color,
                           Align align) {
  DrawCall& call = add(DrawCall::Kind::kText, {at}, height, color);
  call.line = line;
  call.align = align;
}

void RecordingCanvas::push(Point move, float angle, float scale) {
  add(DrawCall::Kind::kPush, {move}, angle, {}).scale = scale;
}

void RecordingCanvas::pop() {
  add(DrawCall::Kind::kPop, {}, 0, {});
}

}  // namespace tern
