#pragma once
// JSON written piece by piece, for pages: numbers as short as their digits.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "core/files/json.h"

namespace tern {

class PageWriter {
 public:
  std::string take() { return std::move(text_); }
  PageWriter& raw(const std::string& text) {
    text_ += text;
    return *this;
  }
  /// null where it is not finite.
  PageWriter& number(double value, int digits = 6) {
    if (!std::isfinite(value)) return raw("null");
    char text[40];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return raw(text);
  }
  PageWriter& coordinate(float value) { return number(static_cast<double>(value), 5); }
  PageWriter& text(const std::string& line) { return raw(Json(line).dump()); }
  /// "[a,b,..]"; each(i) writes element i.
  template <class Each>
  PageWriter& list(std::size_t count, const Each& each) {
    text_ += '[';
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text_ += ',';
      each(i);
    }
    text_ += ']';
    return *this;
  }
  template <class T>
  PageWriter& numbers(const std::vector<T>& values) {
    return list(values.size(), [&](std::size_t i) { number(static_cast<double>(values[i])); });
  }
  PageWriter& base64(const std::vector<std::uint8_t>& bytes);

 private:
  std::string text_;
};

}  // namespace tern
