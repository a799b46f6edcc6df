#pragma once
// Parameters declared once. A struct lists its fields in one `visit`; from that come loading,
// overrides, `describe`, range errors and the resolved configuration. Header-only and C++17.
//
//   struct Params {
//     double gravity = 9.8;
//     int max_steps = 500;
//     template <class V> void visit(V& v) {
//       v("gravity", gravity, "m/s^2, downwards", in_range(0, 100));
//       v("max_steps", max_steps, "time limit of an episode", at_least(1));
//     }
//   };

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/number_text.h"
#include "core/schedule.h"

namespace tern {

/// What values a parameter may have.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;  // low itself is excluded
  bool high_open = false;
  std::vector<std::string> choices = {};  // of a string parameter; empty: any text
};

inline Limits in_range(double low, double high) { return {low, high, false, false, {}}; }
inline Limits in_open_range(double low, double high) { return {low, high, true, true, {}}; }
inline Limits at_least(double low) { return {low, Limits().high, false, false, {}}; }
inline Limits above(double low) { return {low, Limits().high, true, false, {}}; }
inline Limits one_of(std::vector<std::string> choices) {
  Limits limits;
  limits.choices = std::move(choices);
  return limits;
}

/// A value as the user wrote it and where: "configs/ppo.yaml:7" or "command line".
struct ParamValue {
  std::string key;
  std::string text;
  std::string where;
};

/// What `describe` shows of a parameter.
struct ParamInfo {
  std::string name;
  std::string type;           // "bool", "int", "float", "text", "list of int", "schedule"
  std::string default_value;  // as a user would write it
  std::string range;          // "[0, 1]", "tanh|relu", "" when anything goes
  std::string doc;
};

namespace params_detail {

inline std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The elements of "[a, b]" or "a,b".
inline std::vector<std::string> split_list(const std::string& raw) {
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

inline std::string range_text(const Limits& limits) {
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

}  // namespace params_detail

/// How values of one type are read, checked and written. `parse` throws Error saying what was
/// expected; callers put place and key before it.
template <class T>
struct ParamCodec;

template <>
struct ParamCodec<bool> {
  static const char* type() { return "bool"; }
  static bool parse(const std::string& text, const Limits&) {
    const std::string word = params_detail::trimmed(text);
    for (const char* name : {"true", "yes", "on"}) {
      if (is_word(word, name)) return true;
    }
    for (const char* name : {"false", "no", "off"}) {
      if (is_word(word, name)) return false;
    }
    throw Error("'" + text + "' is not true or false");
  }
  static std::string format(bool value) { return value ? "true" : "false"; }

 private:
  /// As YAML spells its booleans: true, True or TRUE.
  static bool is_word(const std::string& word, std::string name) {
    if (word == name) return true;
    const auto upper = [](char c) { return static_cast<char>(c - 'a' + 'A'); };
    name[0] = upper(name[0]);
    if (word == name) return true;
    for (std::size_t i = 1; i < name.size(); ++i) name[i] = upper(name[i]);
    return word == name;
  }
};

template <>
struct ParamCodec<double> {
  static const char* type() { return "float"; }
  static double parse(const std::string& text, const Limits& limits) {
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
  static std::string format(double value) { return format_number(value); }
};

template <>
struct ParamCodec<std::int64_t> {
  static const char* type() { return "int"; }
  static std::int64_t parse(const std::string& text, const Limits& limits) {
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
  static std::string format(std::int64_t value) { return std::to_string(value); }
};

template <>
struct ParamCodec<int> {
  static const char* type() { return "int"; }
  static int parse(const std::string& text, Limits limits) {
    limits.low = std::max<double>(limits.low, std::numeric_limits<int>::min());
    limits.high = std::min<double>(limits.high, std::numeric_limits<int>::max());
    return static_cast<int>(ParamCodec<std::int64_t>::parse(text, limits));
  }
  static std::string format(int value) { return std::to_string(value); }
};

template <>
struct ParamCodec<std::string> {
  static const char* type() { return "text"; }
  static std::string parse(const std::string& text, const Limits& limits) {
    if (limits.choices.empty()) return text;
    for (const std::string& choice : limits.choices) {
      if (choice == text) return text;
    }
    throw Error("'" + text + "' is not one of " + params_detail::range_text(limits) + "." +
                did_you_mean(text, limits.choices));
  }
  static std::string format(const std::string& value) { return value; }
};

template <>
struct ParamCodec<std::vector<int>> {
  static const char* type() { return "list of int"; }
  static std::vector<int> parse(const std::string& text, const Limits& limits) {
    std::vector<int> values;
    for (const std::string& item : params_detail::split_list(text)) {
      values.push_back(ParamCodec<int>::parse(item, limits));
    }
    return values;
  }
  static std::string format(const std::vector<int>& values) {
    std::string text;
    for (const int value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
    return "[" + text + "]";
  }
};

template <>
struct ParamCodec<Schedule> {
  static const char* type() { return "schedule"; }
  static Schedule parse(const std::string& raw, const Limits& limits) {
    const std::string text = params_detail::trimmed(raw);
    Schedule schedule;
    if (text.rfind("lin_", 0) == 0) {
      schedule = Schedule::linear(ParamCodec<double>::parse(text.substr(4), limits));
      params_detail::check_range(schedule.end, end_limits(limits));
    } else if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
      schedule = parse_parts(text.substr(1, text.size() - 2), limits);
    } else {
      double value = 0;
      if (parse_number(text, value) == NumberText::kNone) {
        throw Error("'" + raw +
                    "' is not a schedule; write 3e-4, lin_3e-4 or {start: 1, end: 0.05, steps: 10000}");
      }
      schedule = Schedule::constant(ParamCodec<double>::parse(text, limits));
    }
    return schedule;
  }
  static std::string format(const Schedule& schedule) {
    if (schedule.is_constant()) return format_number(schedule.start);
    if (schedule.end == 0 && schedule.steps == 0) return "lin_" + format_number(schedule.start);
    std::string text = "{start: " + format_number(schedule.start) +
                       ", end: " + format_number(schedule.end);
    if (schedule.steps > 0) text += ", steps: " + std::to_string(schedule.steps);
    return text + "}";
  }

 private:
  /// A schedule may go to 0 where a start must be above it.
  static Limits end_limits(Limits limits) {
    if (limits.low == 0) limits.low_open = false;
    return limits;
  }

  static Schedule parse_parts(const std::string& text, const Limits& limits) {
    Schedule schedule;
    std::vector<std::string> given;
    for (const std::string& part : params_detail::split_list(text)) {
      const std::size_t colon = part.find(':');
      const std::string key = params_detail::trimmed(part.substr(0, colon));
      const std::string value =
          colon == std::string::npos ? "" : params_detail::trimmed(part.substr(colon + 1));
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
  static bool has(const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  }
};

namespace params_detail {

class Lister {
 public:
  template <class T>
  void operator()(const char* name, T& field, const char* doc, const Limits& limits = {}) {
    infos.push_back({name, ParamCodec<T>::type(), ParamCodec<T>::format(field),
                     range_text(limits), doc});
  }
  std::vector<ParamInfo> infos;
};

class Formatter {
 public:
  template <class T>
  void operator()(const char* name, T& field, const char*, const Limits& = {}) {
    values.push_back({name, ParamCodec<T>::format(field), ""});
  }
  std::vector<ParamValue> values;
};

class Loader {
 public:
  Loader(const std::vector<ParamValue>& values, const std::string& section)
      : values_(values), section_(section) {}
  template <class T>
  void operator()(const char* name, T& field, const char*, const Limits& limits = {}) {
    for (const ParamValue& value : values_) {  // a later value overrides an earlier one
      if (value.key != name) continue;
      try {
        field = ParamCodec<T>::parse(value.text, limits);
      } catch (const Error& error) {
        throw Error(value.where + ": " + section_ + "." + name + ": " + error.what(),
                    error.code());
      }
    }
  }

 private:
  const std::vector<ParamValue>& values_;
  const std::string& section_;
};

}  // namespace params_detail

/// Name, type, default, range and doc of each parameter, in the order of visit().
template <class P>
std::vector<ParamInfo> list_params(P params = P()) {
  params_detail::Lister lister;
  params.visit(lister);
  return std::move(lister.infos);
}

/// Name and present value of each parameter, as a user would write them.
template <class P>
std::vector<ParamValue> format_params(P params) {
  params_detail::Formatter formatter;
  params.visit(formatter);
  return std::move(formatter.values);
}

/// Throws Error for a key that `infos` does not list:
///   configs/a.yaml:7: unknown key 'agent.clip_rnage'. Did you mean 'clip_range'? (HINT)
inline void check_param_keys(const std::vector<ParamInfo>& infos,
                             const std::vector<ParamValue>& values, const std::string& section,
                             const std::string& hint) {
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

/// Sets the fields that `values` name; the others keep what they have. Throws Error for an unknown
/// key, a value of the wrong type or one out of range, with its place and what was expected.
/// section: "agent", "env" or "run", for the messages. hint: "'tern describe ppo' lists all keys".
template <class P>
void load_params(P& params, const std::vector<ParamValue>& values, const std::string& section,
                 const std::string& hint = "") {
  check_param_keys(list_params<P>(params), values, section, hint);
  params_detail::Loader loader(values, section);
  params.visit(loader);
}

/// For what only a constructor can judge (two values that do not fit together, a map that does not
/// parse): it throws an Error that begins with "env.map: ", and this puts before it where the user
/// wrote that key, "configs/a.yaml:7: env.map: ..". Other errors stay as they are.
inline Error with_place(const Error& error, const std::vector<ParamValue>& values,
                        const std::string& section) {
  const std::string text = error.what();
  std::string where;
  for (const ParamValue& value : values) {
    if (text.rfind(section + "." + value.key + ": ", 0) == 0) where = value.where;
  }
  return where.empty() ? error : Error(where + ": " + text, error.code());
}

/// Parameters of something that has none.
struct NoParams {
  template <class V>
  void visit(V&) {}
};

}  // namespace tern
