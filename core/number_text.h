#pragma once
// Formats numbers as text and reads them back. Header-only and C++17.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace tern {

/// What became of a text that should be a number.
enum class NumberText { kRead, kNone, kOutOfRange };

/// The shortest text that reads back as the same number.
inline std::string format_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, result.ptr);
  const std::size_t exponent = text.find('e');  // 3e-04 is read as well, but written 3e-4
  if (exponent != std::string::npos && text[exponent + 2] == '0') text.erase(exponent + 2, 1);
  return text;
}

namespace number_text_detail {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Without spaces at its ends, digit groups ('_' between digits) and a leading '+'; "" for "+-1".
inline std::string plain(const std::string& raw) {
  const std::size_t first = raw.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  const std::size_t last = raw.find_last_not_of(" \t");
  std::string text;
  for (std::size_t i = first; i <= last; ++i) {
    const bool is_grouping = raw[i] == '_' && i > first && i < last && is_digit(raw[i - 1]) &&
                             is_digit(raw[i + 1]);
    if (!is_grouping) text += raw[i];
  }
  if (text[0] != '+') return text;
  return text.size() > 1 && text[1] == '-' ? "" : text.substr(1);
}

/// The digits from `at` on, which moves behind them.
inline std::string take_digits(const std::string& text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return text.substr(begin, at - begin);
}

}  // namespace number_text_detail

/// A number with optional digit groups: 3e-4, 100_000, 010 (ten), .5, -1. Infinity and NaN are none.
inline NumberText parse_number(const std::string& raw, double& value) {
  const std::string text = number_text_detail::plain(raw);
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end || text.empty()) return NumberText::kNone;
  if (result.ec == std::errc::result_out_of_range) return NumberText::kOutOfRange;
  return result.ec == std::errc() && std::isfinite(value) ? NumberText::kRead : NumberText::kNone;
}

/// A whole number, to the last of its 64 bits: 5, -1, 100_000, 010 (ten), 1e6, 1.5e3.
inline NumberText parse_whole(const std::string& raw, std::int64_t& value) {
  using namespace number_text_detail;
  const std::string text = plain(raw);
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const bool is_negative = at == 1;
  std::string digits = take_digits(text, at), fraction;
  if (at < text.size() && text[at] == '.') fraction = take_digits(text, ++at);
  digits += fraction;
  if (digits.empty()) return NumberText::kNone;
  std::int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool has_sign = ++at < text.size() && (text[at] == '-' || text[at] == '+');
    const bool shrinks = has_sign && text[at] == '-';
    if (has_sign) ++at;
    const std::string power = take_digits(text, at);
    if (power.empty()) return NumberText::kNone;
    constexpr std::int64_t kFar = 1'000'000'000;  // more digits than any text has
    if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec != std::errc() ||
        exponent > kFar) {
      exponent = kFar;
    }
    if (shrinks) exponent = -exponent;
  }
  if (at != text.size()) return NumberText::kNone;

  // Now the number is `digits` times 10 to the power of `exponent`.
  exponent -= static_cast<std::int64_t>(fraction.size());
  const std::size_t last = digits.find_last_not_of('0');
  value = 0;
  if (last == std::string::npos) return NumberText::kRead;
  exponent += static_cast<std::int64_t>(digits.size() - 1 - last);
  digits.erase(last + 1);
  digits.erase(0, digits.find_first_not_of('0'));
  if (exponent < 0) return NumberText::kNone;
  constexpr std::int64_t kMostDigits = 19;  // of 2^63
  if (static_cast<std::int64_t>(digits.size()) + exponent > kMostDigits) {
    return NumberText::kOutOfRange;
  }
  digits = (is_negative ? "-" : "") + digits + std::string(static_cast<std::size_t>(exponent), '0');
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return result.ec == std::errc() ? NumberText::kRead : NumberText::kOutOfRange;
}

/// -1, 0 or 1: how a whole number compares with any other, exactly.
inline int compare(std::int64_t whole, double number) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (number >= kTwoTo63) return -1;
  if (number < -kTwoTo63) return 1;
  const double below = std::floor(number);
  const auto other = static_cast<std::int64_t>(below);
  if (whole != other) return whole < other ? -1 : 1;
  return number > below ? -1 : 0;
}

}  // namespace tern
