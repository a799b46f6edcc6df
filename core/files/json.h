#pragma once
// JSON values as all our files and documents hold them. JSON has no numbers for infinities and NaN,
// and its texts are UTF-8; what training meets need not be either.
//
// Infinities and NaN are the texts "inf", "-inf" and "nan", which Python's float() and ours read.
// Bytes that are no UTF-8 become U+FFFD.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tern {

/// What is no JSON, or not the JSON that was expected.
struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What Json::parse refuses: "not JSON at byte 4", "a number in it is too large".
class JsonSyntaxError : public JsonError {
 public:
  JsonSyntaxError(const std::string& what, std::size_t byte, bool is_out_of_range)
      : JsonError(what), byte_(byte), is_out_of_range_(is_out_of_range) {}
  /// Of the text, from 1 on; 0 where it is nested too deep.
  std::size_t byte() const { return byte_; }
  /// What is there is a number, too large for a double.
  bool is_out_of_range() const { return is_out_of_range_; }

 private:
  std::size_t byte_;
  bool is_out_of_range_;
};

/// Null, true or false, a number, a text, a list, or an object whose members keep their order. A
/// value is compiled once here, since the library that reads and writes the text is slow to
/// compile.
///
/// Braces make lists; a list of pairs that begin with a text is an object:
///   Json document = {{"env", "CartPole-v1"}, {"seed", 3}, {"returns", returns}};
class Json {
 public:
  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : kind_(Kind::kBoolean), integer_(value ? 1 : 0) {}
  /// Above the largest std::int64_t a number is kept as a double.
  template <class Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
  Json(Integer value) {
    if constexpr (std::is_unsigned_v<Integer>) {
      set_unsigned(value);
    } else {
      set_integer(value);
    }
  }
  Json(double value) : kind_(Kind::kReal), real_(value) {}
  Json(const char* text) : Json(std::string(text)) {}
  Json(std::string_view text) : Json(std::string(text)) {}
  Json(std::string text) : kind_(Kind::kText), text_(std::move(text)) {}
  template <class T>
  Json(const std::vector<T>& items) : kind_(Kind::kList) {
    items_.reserve(items.size());
    for (const T& item : items) items_.emplace_back(item);
  }
  template <class T>
  Json(const std::optional<T>& value) {
    if (value) *this = Json(*value);
  }
  Json(std::initializer_list<Json> items);

  static Json list();
  static Json object();
  /// Throws JsonSyntaxError: also where lists and objects are nested more than 64 deep, which
  /// nothing of ours is and which would exhaust the stack of whoever follows them. What a key says
  /// last counts.
  static Json parse(std::string_view text);
  /// The same, or nothing.
  static std::optional<Json> try_parse(std::string_view text);

  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_boolean() const { return kind_ == Kind::kBoolean; }
  bool is_integer() const { return kind_ == Kind::kInteger; }
  bool is_real() const { return kind_ == Kind::kReal; }
  bool is_text() const { return kind_ == Kind::kText; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_structured() const { return is_list() || is_object(); }
  bool is_number() const { return is_integer() || is_real(); }
  /// A number, or one of the names that stand for what JSON has no number for.
  bool is_number_or_name() const;

  // Each of its own kind only: throws JsonError for a value of another.
  bool boolean() const;
  std::int64_t integer() const;
  /// Of is_number_or_name().
  double number() const;
  const std::string& text() const;

  /// Items of a list or members of an object; 0 for what is neither.
  std::size_t size() const { return items_.size(); }
  const Json& operator[](std::size_t i) const { return items_[i]; }
  /// Of a list: its items; of an object: the values of its members.
  std::vector<Json>::const_iterator begin() const { return items_.begin(); }
  std::vector<Json>::const_iterator end() const { return items_.end(); }
  void push_back(Json item);
  /// Name of member i of an object.
  const std::string& key(std::size_t i) const { return keys_[i]; }
  /// A member of an object; null where there is none.
  const Json* find(std::string_view key) const;
  /// The same; a JSON null where there is none.
  const Json& operator[](std::string_view key) const;
  const Json& operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  /// A member, made where it is not there yet; null becomes an object.
  Json& operator[](std::string_view key);
  Json& operator[](const char* key) { return (*this)[std::string_view(key)]; }

  // Members of an object, or `other` where there is none; throws JsonError for one of another kind.
  std::string text_or(std::string_view key, const char* other) const;
  std::int64_t integer_or(std::string_view key, std::int64_t other) const;
  double number_or(std::string_view key, double other) const;

  /// As text, on one line unless indent >= 0. Numbers read back as the same doubles.
  std::string dump(int indent = -1) const;

 private:
  enum class Kind : std::uint8_t { kNull, kBoolean, kInteger, kReal, kText, kList, kObject };

  void set_integer(std::int64_t value);
  void set_unsigned(std::uint64_t value);
  void expect(Kind kind) const;

  Kind kind_ = Kind::kNull;
  std::int64_t integer_ = 0;  // also 0 or 1 of a boolean
  double real_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::string> keys_;  // of the members of an object
};

}  // namespace tern
