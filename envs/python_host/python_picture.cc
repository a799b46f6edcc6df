#include "envs/python_host/python_picture.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/files/json.h"

namespace tern {
namespace {

struct CallName {
  const char* name;
  DrawCall::Kind kind;
  std::size_t points;  // that it has; 0: any number
};

constexpr CallName kCalls[] = {
    {"set_view", DrawCall::Kind::kSetView, 2}, {"polygon", DrawCall::Kind::kPolygon, 0},
    {"circle", DrawCall::Kind::kCircle, 1},    {"capsule", DrawCall::Kind::kCapsule, 2},
    {"line", DrawCall::Kind::kLine, 2},        {"cells", DrawCall::Kind::kCells, 1},
    {"image", DrawCall::Kind::kImage, 2},      {"text", DrawCall::Kind::kText, 1},
    {"push", DrawCall::Kind::kPush, 1},        {"pop", DrawCall::Kind::kPop, 0}};

const Json& item(const Json& list, std::size_t i) {
  if (i >= list.size()) throw JsonError("a point, a colour or a style is too short");
  return list[i];
}

std::uint8_t byte(const Json& list, std::size_t i) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(item(list, i).integer(), 0, 255));
}

Color color(const Json& parts) {
  return {byte(parts, 0), byte(parts, 1), byte(parts, 2), byte(parts, 3)};
}

int digit(char c) {
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

std::vector<std::uint8_t> from_hex(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(16 * digit(text[2 * i]) + digit(text[2 * i + 1]));
  }
  return bytes;
}

/// Whether the bytes are as many as rows and columns say, and of cells name styles.
bool fits(const DrawCall& call) {
  const std::int64_t cells = std::int64_t{call.rows} * call.columns;
  const std::int64_t size = call.kind == DrawCall::Kind::kImage ? 3 * cells : cells;
  if (call.rows < 0 || call.columns < 0 || static_cast<std::int64_t>(call.bytes.size()) != size) {
    return false;
  }
  return call.kind != DrawCall::Kind::kCells ||
         std::all_of(call.bytes.begin(), call.bytes.end(),
                     [&](std::uint8_t kind) { return kind < call.styles.size(); });
}

DrawCall read_call(const Json& told) {
  const std::string name = told["kind"].text();
  const auto* const known = std::find_if(std::begin(kCalls), std::end(kCalls),
                                         [&](const CallName& call) { return name == call.name; });
  if (known == std::end(kCalls)) throw JsonError("there is no call '" + name + "'");
  DrawCall call;
  call.kind = known->kind;
  call.color = color(told["color"]);
  for (const Json& point : told["points"]) {
    call.points.push_back(
        {static_cast<float>(item(point, 0).number()), static_cast<float>(item(point, 1).number())});
  }
  if (known->points > 0 && call.points.size() != known->points) {
    throw JsonError(name + " has " + std::to_string(call.points.size()) + " points");
  }
  call.size = static_cast<float>(told["size"].number());
  call.scale = static_cast<float>(told.number_or("scale", 1));
  call.align = static_cast<Align>(std::clamp<std::int64_t>(told.integer_or("align", 0), 0, 2));
  call.rows = static_cast<int>(told.integer_or("rows", 0));
  call.columns = static_cast<int>(told.integer_or("columns", 0));
  call.bytes = from_hex(told.text_or("bytes", ""));
  for (const Json& style : told["styles"]) {
    call.styles.push_back({color(style), static_cast<char>(byte(style, 4))});
  }
  call.line = told.text_or("line", "");
  if (!fits(call)) throw JsonError(name + " has bytes of another size than its rows and columns");
  return call;
}

}  // namespace

RecordingCanvas read_python_picture(const std::string& json, const std::string& where) {
  RecordingCanvas canvas;
  try {
    for (const Json& call : Json::parse(json)) canvas.add(read_call(call));
  } catch (const JsonError& error) {
    throw Error::failure(where + ": its picture cannot be read: " + error.what());
  }
  return canvas;
}

}  // namespace tern
