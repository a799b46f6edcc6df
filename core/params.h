#pragma once
// Parameters declared once. A struct lists its fields in one `visit`; from that come loading,
// overrides, `describe`, range errors and the resolved configuration. C++17. Needs no library:
// where libtern_core is not linked, core/params-inl.h at the end has the rest.
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

inline Limits in_range(double low, double high) {
  return {low, high, false, false, {}};
}
inline Limits in_open_range(double low, double high) {
  return {low, high, true, true, {}};
}
inline Limits at_least(double low) {
  return {low, Limits().high, false, false, {}};
}
inline Limits above(double low) {
  return {low, Limits().high, true, false, {}};
}
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

std::string trimmed(const std::string& text);
/// The elements of "[a, b]" or "a,b".
std::vector<std::string> split_list(const std::string& raw);
std::string range_text(const Limits& limits);

}  // namespace params_detail

/// How values of one type are read, checked and written. `parse` throws Error saying what was
/// expected; callers put place and key before it.
template <class T>
struct ParamCodec;

template <>
struct ParamCodec<bool> {
  static const char* type();
  static bool parse(const std::string& text, const Limits& limits);
  static std::string format(bool value);
};
template <>
struct ParamCodec<double> {
  static const char* type();
  static double parse(const std::string& text, const Limits& limits);
  static std::string format(double value);
};
template <>
struct ParamCodec<std::int64_t> {
  static const char* type();
  static std::int64_t parse(const std::string& text, const Limits& limits);
  static std::string format(std::int64_t value);
};
template <>
struct ParamCodec<int> {
  static const char* type();
  static int parse(const std::string& text, const Limits& limits);
  static std::string format(int value);
};
template <>
struct ParamCodec<std::string> {
  static const char* type();
  static std::string parse(const std::string& text, const Limits& limits);
  static std::string format(const std::string& value);
};
template <>
struct ParamCodec<std::vector<int>> {
  static const char* type();
  static std::vector<int> parse(const std::string& text, const Limits& limits);
  static std::string format(const std::vector<int>& value);
};
template <>
struct ParamCodec<Schedule> {
  static const char* type();
  static Schedule parse(const std::string& text, const Limits& limits);
  static std::string format(const Schedule& value);
};

namespace params_detail {

// What visit() is called with; of the types above.

class Lister {
 public:
  template <class T>
  void operator()(const char* name, T& field, const char* doc, const Limits& limits = {});
  std::vector<ParamInfo> infos;
};

class Formatter {
 public:
  template <class T>
  void operator()(const char* name, T& field, const char* doc, const Limits& limits = {});
  std::vector<ParamValue> values;
};

class Loader {
 public:
  Loader(const std::vector<ParamValue>& values, const std::string& section)
      : values_(values), section_(section) {}
  template <class T>
  void operator()(const char* name, T& field, const char* doc, const Limits& limits = {});

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
void check_param_keys(const std::vector<ParamInfo>& infos, const std::vector<ParamValue>& values,
                      const std::string& section, const std::string& hint);

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
Error with_place(const Error& error, const std::vector<ParamValue>& values,
                 const std::string& section);

/// Parameters of something that has none.
struct NoParams {
  template <class V>
  void visit(V&) {}
};

}  // namespace tern

#ifndef TERN_LINKS_CORE
#define TERN_CORE_INLINE inline
#include "core/params-inl.h"
#endif
