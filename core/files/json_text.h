#pragma once
// JSON as all our files and documents write it. JSON has no numbers for infinities and NaN, and its
// texts are UTF-8; what training meets need not be either.
//
// Infinities and NaN are the texts "inf", "-inf" and "nan", which Python's float() and ours read.
// Bytes that are no UTF-8 become U+FFFD. Json: nlohmann::json or ordered_json, which headers do not
// include.

#include <cmath>
#include <string>

#include "core/params.h"

namespace tern {

/// Puts the texts in the place of numbers that JSON does not have.
template <class Json>
void name_nonfinite_numbers(Json& document) {
  if (document.is_structured()) {
    for (Json& member : document) name_nonfinite_numbers(member);
  } else if (document.is_number_float()) {
    const double value = document.template get<double>();
    if (!std::isfinite(value)) document = format_number(value);
  }
}

/// The document as text, on one line unless indent >= 0. Numbers read back as the same doubles.
template <class Json>
std::string json_text(Json document, int indent = -1) {
  name_nonfinite_numbers(document);
  return document.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// Whether json_number() can read it.
template <class Json>
bool is_json_number(const Json& value) {
  if (!value.is_string()) return value.is_number();
  const std::string& text = value.template get_ref<const std::string&>();
  return text == "inf" || text == "-inf" || text == "nan";
}

/// A number that json_text() wrote.
template <class Json>
double json_number(const Json& value) {
  if (value.is_number()) return value.template get<double>();
  const std::string& text = value.template get_ref<const std::string&>();
  if (text == "nan") return std::nan("");
  return text == "-inf" ? -HUGE_VAL : HUGE_VAL;
}

}  // namespace tern
