#pragma once
// What core/params.h declares. Included by it where libtern_core, which holds this compiled, is not
// linked: in plugins. C++17.

#include <algorithm>
#include <cmath>

#include "core/did_you_mean.h"
#include "core/number_text.h"

namespace tern {

namespace params_detail {

TERN_CORE_INLINE std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

TERN_CORE_INLINE std::vector<std::string> split_list(const std::string& raw) {
  std::string text = trimmed(raw);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  std::vector<std::string> items;
  if (trimmed(text).empty()) return items;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    items.push_back(trimmed(text.substr(begin, comma - begin)));
    if (comma == std::string::npos) return items;
    begin = comma + 1;
  }
}

TERN_CORE_INLINE std::string range_text(const Limits& limits) {
  if (!limits.choices.empty()) {
    std::string text;
    for (const std::string& choice : limits.choices) text += (text.empty() ? "" : "|") + choice;
    return text;
  }
  const bool low = std::isfinite(limits.low), high = std::isfinite(limits.high);
  if (!low && !high) return "";
  if (!high) return (limits.low_open ? "> " : ">= ") + format_number(limits.low);
  if (!low) return (limits.high_open ? "< " : "<= ") + format_number(limits.high);
  return (limits.low_open ? "(" : "[") + format_number(limits.low) + ", " +
         format_number(limits.high) + (limits.high_open ? ")" : "]");
}

inline Error out_of_range(const std::string& value, const Limits& limits) {
  return Error(value + " is out of range; expected " + range_text(limits));
}

inline void check_range(double value, const Limits& limits) {
  const bool below = limits.low_open ? value <= limits.low : value < limits.low;
  const bool over = limits.high_open ? value >= limits.high : value > limits.high;
  if (below || over || std::isnan(value)) throw out_of_range(format_number(value), limits);
}

inline void check_range(std::int64_t value, const Limits& limits) {
  const int low = compare(value, limits.low), high = compare(value, limits.high);
  if (low < (limits.low_open ? 1 : 0) || high > (limits.high_open ? -1 : 0)) {
    throw out_of_range(std::to_string(value), limits);
  }
}

/// As YAML spells its booleans: true, True or TRUE.
inline bool is_word(const std::string& word, std::string name) {
  if (word == name) return true;
  const auto upper = [](char c) { return static_cast<char>(c - 'a' + 'A'); };
  name[0] = upper(name[0]);
  if (word == name) return true;
  for (std::size_t i = 1; i < name.size(); ++i) name[i] = upper(name[i]);
  return word == name;
}

inline bool has(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// A schedule may go to 0 where a start must be above it.
inline Limits end_limits(Limits limits) {
  if (limits.low == 0) limits.low_open = false;
  return limits;
}

inline Schedule parse_parts(const std::string& text, const Limits& limits) {
  Schedule schedule;
  std::vector<std::string> given;
  for (const std::string& part : split_list(text)) {
    const std::size_t colon = part.find(':');
    const std::string key = trimmed(part.substr(0, colon));
    const std::string value = colon == std::string::npos ? "" : trimmed(part.substr(colon + 1));
    if (has(given, key)) throw Error("'" + key + "' is given twice; keep one of them");
    given.push_back(key);
    if (key == "start") {
      schedule.start = ParamCodec<double>::parse(value, limits);
    } else if (key == "end") {
      schedule.end = ParamCodec<double>::parse(value, end_limits(limits));
    } else if (key == "steps") {
      schedule.steps = ParamCodec<std::int64_t>::parse(value, at_least(1));
    } else {
      throw Error("a schedule has start, end and steps, not '" + key + "'." +
                  did_you_mean(key, {"start", "end", "steps"}));
    }
  }
  if (!has(given, "start") || !has(given, "end")) {
    throw Error("a schedule needs both start and end");
  }
  return schedule;
}

}  // namespace params_detail

TERN_CORE_INLINE const char* ParamCodec<bool>::type() {
  return "bool";
}
TERN_CORE_INLINE bool ParamCodec<bool>::parse(const std::string& text, const Limits&) {
  const std::string word = params_detail::trimmed(text);
  for (const char* name : {"true", "yes", "on"}) {
    if (params_detail::is_word(word, name)) return true;
  }
  for (const char* name : {"false", "no", "off"}) {
    if (params_detail::is_word(word, name)) return false;
  }
  throw Error("'" + text + "' is not true or false");
}
TERN_CORE_INLINE std::string ParamCodec<bool>::format(bool value) {
  return value ? "true" : "false";
}

TERN_CORE_INLINE const char* ParamCodec<double>::type() {
  return "float";
}
TERN_CORE_INLINE double ParamCodec<double>::parse(const std::string& text, const Limits& limits) {
  double value = 0;
  const NumberText read = parse_number(text, value);
  if (read == NumberText::kNone) throw Error("'" + text + "' is not a number");
  if (read == NumberText::kOutOfRange) {
    throw Error("'" + text + "' is out of range; numbers reach from " +
                format_number(std::numeric_limits<double>::min()) + " to " +
                format_number(std::numeric_limits<double>::max()) + ", and the same below 0");
  }
  params_detail::check_range(value, limits);
  return value;
}
TERN_CORE_INLINE std::string ParamCodec<double>::format(double value) {
  return format_number(value);
}

TERN_CORE_INLINE const char* ParamCodec<std::int64_t>::type() {
  return "int";
}
TERN_CORE_INLINE std::int64_t ParamCodec<std::int64_t>::parse(const std::string& text,
                                                              const Limits& limits) {
  std::int64_t value = 0;
  const NumberText read = parse_whole(text, value);
  if (read == NumberText::kNone) throw Error("'" + text + "' is not a whole number");
  if (read == NumberText::kOutOfRange) {
    throw Error("'" + text + "' is out of range; whole numbers reach from " +
                std::to_string(std::numeric_limits<std::int64_t>::min()) + " to " +
                std::to_string(std::numeric_limits<std::int64_t>::max()));
  }
  params_detail::check_range(value, limits);
  return value;
}
TERN_CORE_INLINE std::string ParamCodec<std::int64_t>::format(std::int64_t value) {
  return std::to_string(value);
}

TERN_CORE_INLINE const char* ParamCodec<int>::type() {
  return "int";
}
TERN_CORE_INLINE int ParamCodec<int>::parse(const std::string& text, const Limits& given) {
  Limits limits = given;
  limits.low = std::max<double>(limits.low, std::numeric_limits<int>::min());
  limits.high = std::min<double>(limits.high, std::numeric_limits<int>::max());
  return static_cast<int>(ParamCodec<std::int64_t>::parse(text, limits));
}
TERN_CORE_INLINE std::string ParamCodec<int>::format(int value) {
  return std::to_string(value);
}

TERN_CORE_INLINE const char* ParamCodec<std::string>::type() {
  return "text";
}
TERN_CORE_INLINE std::string ParamCodec<std::string>::parse(const std::string& text,
                                                            const Limits& limits) {
  if (limits.choices.empty()) return text;
  for (const std::string& choice : limits.choices) {
    if (choice == text) return text;
  }
  throw Error("'" + text + "' is not one of " + params_detail::range_text(limits) + "." +
              did_you_mean(text, limits.choices));
}
TERN_CORE_INLINE std::string ParamCodec<std::string>::format(const std::string& value) {
  return value;
}

TERN_CORE_INLINE const char* ParamCodec<std::vector<int>>::type() {
  return "list of int";
}
TERN_CORE_INLINE std::vector<int> ParamCodec<std::vector<int>>::parse(const std::string& text,
                                                                      const Limits& limits) {
  std::vector<int> values;
  for (const std::string& item : params_detail::split_list(text)) {
    values.push_back(ParamCodec<int>::parse(item, limits));
  }
  return values;
}
TERN_CORE_INLINE std::string ParamCodec<std::vector<int>>::format(const std::vector<int>& values) {
  std::string text;
  for (const int value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "[" + text + "]";
}

TERN_CORE_INLINE const char* ParamCodec<Schedule>::type() {
  return "schedule";
}
TERN_CORE_INLINE Schedule ParamCodec<Schedule>::parse(const std::string& raw,
                                                      const Limits& limits) {
  const std::string text = params_detail::trimmed(raw);
  Schedule schedule;
  if (text.rfind("lin_", 0) == 0) {
    schedule = Schedule::linear(ParamCodec<double>::parse(text.substr(4), limits));
    params_detail::check_range(schedule.end, params_detail::end_limits(limits));
  } else if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
    schedule = params_detail::parse_parts(text.substr(1, text.size() - 2), limits);
  } else {
    double value = 0;
    if (parse_number(text, value) == NumberText::kNone) {
      throw Error(
          "'" + raw +
          "' is not a schedule; write 3e-4, lin_3e-4 or {start: 1, end: 0.05, steps: 10000}");
    }
    schedule = Schedule::constant(ParamCodec<double>::parse(text, limits));
  }
  return schedule;
}
TERN_CORE_INLINE std::string ParamCodec<Schedule>::format(const Schedule& schedule) {
  if (schedule.is_constant()) return format_number(schedule.start);
  if (schedule.end == 0 && schedule.steps == 0) return "lin_" + format_number(schedule.start);
  std::string text =
      "{start: " + format_number(schedule.start) + ", end: " + format_number(schedule.end);
  if (schedule.steps > 0) text += ", steps: " + std::to_string(schedule.steps);
  return text + "}";
}

namespace params_detail {

template <class T>
void Lister::operator()(const char* name, T& field, const char* doc, const Limits& limits) {
  infos.push_back(
      {name, ParamCodec<T>::type(), ParamCodec<T>::format(field), range_text(limits), doc});
}

template <class T>
void Formatter::operator()(const char* name, T& field, const char*, const Limits&) {
  values.push_back({name, ParamCodec<T>::format(field), ""});
}

template <class T>
void Loader::operator()(const char* name, T& field, const char*, const Limits& limits) {
  for (const ParamValue& value : values_) {  // a later value overrides an earlier one
    if (value.key != name) continue;
    try {
      field = ParamCodec<T>::parse(value.text, limits);
    } catch (const Error& error) {
      throw Error(value.where + ": " + section_ + "." + name + ": " + error.what(), error.code());
    }
  }
}

}  // namespace params_detail

TERN_CORE_INLINE void check_param_keys(const std::vector<ParamInfo>& infos,
                                       const std::vector<ParamValue>& values,
                                       const std::string& section, const std::string& hint) {
  std::vector<std::string> names;
  for (const ParamInfo& info : infos) names.push_back(info.name);
  for (const ParamValue& value : values) {
    bool known = false;
    for (const std::string& name : names) known = known || name == value.key;
    if (!known) {
      throw Error(value.where + ": unknown key '" + section + "." + value.key + "'." +
                  did_you_mean(value.key, names) + (hint.empty() ? "" : " (" + hint + ")"));
    }
  }
}

TERN_CORE_INLINE Error with_place(const Error& error, const std::vector<ParamValue>& values,
                                  const std::string& section) {
  const std::string text = error.what();
  std::string where;
  for (const ParamValue& value : values) {
    if (text.rfind(section + "." + value.key + ": ", 0) == 0) where = value.where;
  }
  return where.empty() ? error : Error(where + ": " + text, error.code());
}

}  // namespace tern
