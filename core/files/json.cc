#include "core/files/json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/params.h"

namespace tern {
namespace {

using Document = nlohmann::ordered_json;

constexpr std::size_t kMostDepth = 64;

/// What the parser calls: builds a value from the outside in.
class Builder : public nlohmann::json_sax<Document> {
 public:
  Json take() { return std::move(root_); }

  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& text) override { return put(std::move(text)); }
  bool binary(binary_t&) override { return false; }  // not in texts
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::list()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    keys_.back() = std::move(key);
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&,
                   const Document::exception& error) override {
    const bool is_out_of_range = dynamic_cast<const Document::out_of_range*>(&error) != nullptr;
    throw JsonSyntaxError(is_out_of_range ? "a number in it is too large"
                                          : "not JSON at byte " + std::to_string(byte),
                          byte, is_out_of_range);
  }

 private:
  bool put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object()) {
      open_.back()[keys_.back()] = std::move(value);
    } else {
      open_.back().push_back(std::move(value));
    }
    return true;
  }
  bool open(Json value) {
    if (open_.size() == kMostDepth) {
      throw JsonSyntaxError("nested more than " + std::to_string(kMostDepth) + " deep", 0, false);
    }
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(value));
  }

  Json root_;
  std::vector<Json> open_;         // lists and objects whose end has not come
  std::vector<std::string> keys_;  // of the member that comes next in each
};

Document document_of(const Json& value) {
  if (value.is_null()) return nullptr;
  if (value.is_boolean()) return value.boolean();
  if (value.is_integer()) return value.integer();
  if (value.is_real()) {
    const double number = value.number();
    return std::isfinite(number) ? Document(number) : Document(format_number(number));
  }
  if (value.is_text()) return value.text();
  if (value.is_list()) {
    Document list = Document::array();
    for (const Json& item : value) list.push_back(document_of(item));
    return list;
  }
  // Not by key: an object may be large, and the library looks through all members for each.
  Document::object_t members;
  for (std::size_t i = 0; i < value.size(); ++i) {
    members.emplace_back(value.key(i), document_of(value[i]));
  }
  return Document(std::move(members));
}

}  // namespace

Json::Json(std::initializer_list<Json> items) {
  const bool is_object = std::all_of(items.begin(), items.end(), [](const Json& item) {
    return item.is_list() && item.size() == 2 && item[std::size_t{0}].is_text();
  });
  if (!is_object) {
    kind_ = Kind::kList;
    items_ = items;
    return;
  }
  kind_ = Kind::kObject;
  for (const Json& item : items) (*this)[item[std::size_t{0}].text()] = item[1];
}

Json Json::list() {
  Json list;
  list.kind_ = Kind::kList;
  return list;
}

Json Json::object() {
  Json object;
  object.kind_ = Kind::kObject;
  return object;
}

Json Json::parse(std::string_view text) {
  Builder builder;
  Document::sax_parse(text, &builder);
  return builder.take();
}

std::optional<Json> Json::try_parse(std::string_view text) {
  try {
    return parse(text);
  } catch (const JsonSyntaxError&) {
    return std::nullopt;
  }
}

bool Json::is_number_or_name() const {
  return is_number() || (is_text() && (text_ == "inf" || text_ == "-inf" || text_ == "nan"));
}

void Json::expect(Kind kind) const {
  constexpr const char* kNames[] = {"null", "true or false", "a whole number", "a number",
                                    "a text", "a list", "an object"};
  if (kind_ == kind) return;
  throw JsonError(std::string("there is ") + kNames[static_cast<int>(kind_)] + " in the place of " +
                  kNames[static_cast<int>(kind)]);
}

bool Json::boolean() const {
  expect(Kind::kBoolean);
  return integer_ != 0;
}

std::int64_t Json::integer() const {
  expect(Kind::kInteger);
  return integer_;
}

double Json::number() const {
  if (is_integer()) return static_cast<double>(integer_);
  if (is_real()) return real_;
  if (!is_number_or_name()) expect(Kind::kReal);
  if (text_ == "nan") return std::nan("");
  return text_ == "-inf" ? -HUGE_VAL : HUGE_VAL;
}

const std::string& Json::text() const {
  expect(Kind::kText);
  return text_;
}

void Json::push_back(Json item) {
  if (is_null()) kind_ = Kind::kList;
  expect(Kind::kList);
  items_.push_back(std::move(item));
}

const Json* Json::find(std::string_view key) const {
  const auto place = std::find(keys_.begin(), keys_.end(), key);
  return place == keys_.end() ? nullptr : &items_[static_cast<std::size_t>(place - keys_.begin())];
}

const Json& Json::operator[](std::string_view key) const {
  static const Json none;
  const Json* member = find(key);
  return member == nullptr ? none : *member;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) kind_ = Kind::kObject;
  expect(Kind::kObject);
  if (const Json* member = find(key)) return const_cast<Json&>(*member);
  keys_.emplace_back(key);
  return items_.emplace_back();
}

std::string Json::text_or(std::string_view key, const char* other) const {
  const Json* member = find(key);
  return member == nullptr ? other : member->text();
}

std::int64_t Json::integer_or(std::string_view key, std::int64_t other) const {
  const Json* member = find(key);
  return member == nullptr ? other : member->integer();
}

double Json::number_or(std::string_view key, double other) const {
  const Json* member = find(key);
  return member == nullptr ? other : member->number();
}

void Json::set_integer(std::int64_t value) {
  kind_ = Kind::kInteger;
  integer_ = value;
}

void Json::set_unsigned(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    set_integer(static_cast<std::int64_t>(value));
  } else {
    kind_ = Kind::kReal;
    real_ = static_cast<double>(value);
  }
}

std::string Json::dump(int indent) const {
  return document_of(*this).dump(indent, ' ', /*ensure_ascii=*/false,
                                 Document::error_handler_t::replace);
}

}  // namespace tern
