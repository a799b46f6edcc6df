#include "render/breakpoint.h"

#include <algorithm>
#include <cctype>
#include <cfloat>
#include <cmath>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/number_text.h"
#include "core/utf8.h"

namespace tern {
namespace {

constexpr std::size_t kMostElements = 64;  // of a field that has names here
constexpr std::size_t kMostListed = 24;    // names in a message

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1);
}

bool is_name_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

/// "pole angle" as "pole_angle".
std::string as_word(const std::string& name) {
  std::string word = name;
  for (char& c : word) c = is_name_letter(c) && c != '.' ? c : '_';
  return word;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// "a, b, c", no more than fit into a sentence.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostListed); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kMostListed ? text + ", .." : text;
}

}  // namespace

std::optional<double> td_error(const FrameData& frame, double gamma) {
  const std::vector<double>& values = frame.past_values;
  const bool is_valued = state_value(frame.inspection, frame.mask).has_value();
  // Players see each other's states, whose values are not theirs.
  if (frame.step == 0 || !is_valued || values.size() < 2 || frame.spec->players > 1) return {};
  const double next = frame.terminated ? 0 : gamma * values.back();
  return static_cast<double>(frame.reward) + next - values[values.size() - 2];
}

std::vector<Breakpoint::Name> Breakpoint::names_for(const EnvSpec& spec) {
  std::vector<Name> names = {{"reward", Quantity::kReward},
                             {"return", Quantity::kReturn},
                             {"value", Quantity::kValue},
                             {"td_error", Quantity::kTdError},
                             {"entropy", Quantity::kEntropy},
                             {"probability", Quantity::kProbability},
                             {"return_deviation", Quantity::kReturnDeviation},
                             {"step", Quantity::kStep},
                             {"terminated", Quantity::kTerminated},
                             {"truncated", Quantity::kTruncated}};
  const std::vector<ActionComponent>& components = spec.action.components();
  for (std::size_t i = 0; i < components.size(); ++i) {
    const std::string part = components.size() == 1 ? "" : "." + as_word(components[i].name);
    names.push_back({"action" + part, Quantity::kAction, i});
  }
  for (const Field& field : spec.obs.fields()) {
    if (field.is_image() || field.size() > kMostElements) continue;
    for (std::size_t i = 0; i < field.size(); ++i) {
      const std::string element = field.size() > 1 ? "_" + std::to_string(i) : "";
      names.push_back({"obs." + as_word(field.name) + element, Quantity::kObs, field.offset + i});
    }
  }
  return names;
}

void Breakpoint::refuse(const std::string& why) const {
  throw Error("breakpoint '" + shown(text_) + "': " + why);
}

Breakpoint::Breakpoint(const std::string& text, const EnvSpec& spec) : text_(trimmed(text)) {
  std::size_t at = 0;
  while (at < text_.size() && is_name_letter(text_[at])) ++at;
  read_name(spec, at);
  at = std::min(text_.find_first_not_of(" \t\n\r", at), text_.size());
  const bool is_flag = quantity_ == Quantity::kTerminated || quantity_ == Quantity::kTruncated;
  if (is_flag && at < text_.size()) {
    refuse("nothing may follow '" + name_ + "', which is true or not");
  }
  if (is_flag) return;
  read_operator(at);
  const std::string word = trimmed(text_.substr(at));
  if (quantity_ == Quantity::kAction && !spec.action.is_box()) {
    read_option(word, spec.action.components()[index_].options);
  } else {
    read_number(word);
  }
}

void Breakpoint::read_name(const EnvSpec& spec, std::size_t end) {
  name_ = text_.substr(0, end);
  std::vector<std::string> words;
  for (const Name& name : names_for(spec)) {
    words.push_back(name.word);
    if (name.word != name_) continue;
    quantity_ = name.quantity;
    index_ = name.index;
    return;
  }
  const std::string expected = "expected one of " + listed(words) + ", as in 'reward > 0'";
  if (name_.empty()) refuse("it begins with no name; " + expected);
  refuse("there is no '" + name_ + "' to look at in " + spec.id + "." + did_you_mean(name_, words) +
         " (" + expected + ")");
}

void Breakpoint::read_operator(std::size_t& at) {
  struct Operator {
    const char* word;
    Compare compare;
  };
  static constexpr Operator kOperators[] = {{">=", Compare::kAtLeast}, {"<=", Compare::kAtMost},
                                            {"==", Compare::kEqual},   {"!=", Compare::kUnequal},
                                            {">", Compare::kMore},     {"<", Compare::kLess}};
  for (const Operator& each : kOperators) {
    const std::string word = each.word;
    if (text_.compare(at, word.size(), word) != 0) continue;
    at += word.size();
    compare_ = each.compare;
    return;
  }
  const std::string expected =
      "expected one of > >= < <= == != and what '" + name_ + "' is compared with";
  if (at == text_.size()) refuse("it ends after '" + name_ + "'; " + expected);
  const bool is_assignment = text_[at] == '=';
  refuse("'" + shown(text_.substr(at)) + "' begins with no comparison; " + expected +
         (is_assignment ? ". Did you mean '=='?" : ""));
}

void Breakpoint::read_number(const std::string& word) {
  if (word.empty()) refuse("it ends before the number; expected one, such as 0.5");
  switch (parse_number(word, number_)) {
    case NumberText::kRead:
      break;
    case NumberText::kOutOfRange:
      refuse("'" + shown(word) + "' is too large or too small for a number of double precision");
    case NumberText::kNone:
      refuse("'" + shown(word) + "' is no number; '" + name_ +
             "' is compared with one, such as 0.5");
  }
  const bool is_single = quantity_ == Quantity::kReward || quantity_ == Quantity::kObs ||
                         quantity_ == Quantity::kAction;
  // So that a reward of 0.1 equals 0.1.
  if (is_single && std::fabs(number_) <= FLT_MAX) number_ = static_cast<float>(number_);
}

void Breakpoint::read_option(const std::string& word, const std::vector<std::string>& options) {
  const std::string expected = "expected one of " + listed(options) + ", or a number from 0 to " +
                               std::to_string(options.size() - 1);
  if (compare_ != Compare::kEqual && compare_ != Compare::kUnequal) {
    refuse("actions have no order; expected == or !=");
  }
  if (word.empty()) refuse("it ends before the action; " + expected);
  for (std::size_t i = 0; i < options.size(); ++i) {
    const bool is_it = lower(options[i]) == lower(word) || as_word(options[i]) == word;
    if (!is_it) continue;
    number_ = static_cast<double>(i);
    return;
  }
  const bool is_number = parse_number(word, number_) == NumberText::kRead;
  const bool is_index = is_number && number_ == std::floor(number_) && number_ >= 0 &&
                        number_ < static_cast<double>(options.size());
  if (is_index) return;
  refuse("there is no action '" + shown(word) + "'." + did_you_mean(word, options) + " (" +
         expected + ")");
}

std::optional<double> Breakpoint::measured(const FrameData& frame, double gamma) const {
  const auto element = [this](const std::vector<float>& values) -> std::optional<double> {
    if (index_ >= values.size()) return std::nullopt;
    return static_cast<double>(values[index_]);
  };
  switch (quantity_) {
    case Quantity::kTdError:
      return td_error(frame, gamma);
    case Quantity::kEntropy:
      return frame.inspection.entropy;
    case Quantity::kValue:
      return state_value(frame.inspection, frame.mask);
    case Quantity::kProbability: {
      const std::vector<double>& all = frame.inspection.probabilities;
      const bool is_one = frame.action.size() == 1 && !frame.spec->action.is_box();
      const auto choice = is_one ? static_cast<std::size_t>(frame.action[0]) : all.size();
      if (choice >= all.size()) return std::nullopt;
      return all[choice];
    }
    case Quantity::kReturnDeviation: {
      const bool is_one = frame.action.size() == 1 && !frame.spec->action.is_box();
      if (!is_one) return std::nullopt;
      return return_deviation(frame.inspection, static_cast<std::size_t>(frame.action[0]));
    }
    case Quantity::kReward:
      if (frame.step == 0) return std::nullopt;
      return static_cast<double>(frame.reward);
    case Quantity::kReturn:
      return frame.episode_return;
    case Quantity::kStep:
      return frame.step;
    case Quantity::kObs:
      return element(frame.obs);
    case Quantity::kAction:
      return element(frame.action);
    case Quantity::kTerminated:
      return frame.terminated ? 1 : 0;
    case Quantity::kTruncated:
      return frame.truncated ? 1 : 0;
  }
  return std::nullopt;
}

bool Breakpoint::is_reached(const FrameData& frame, double gamma) const {
  const std::optional<double> value = measured(frame, gamma);
  if (!value) return false;
  if (quantity_ == Quantity::kTerminated || quantity_ == Quantity::kTruncated) return *value != 0;
  switch (compare_) {
    case Compare::kMore:
      return *value > number_;
    case Compare::kAtLeast:
      return *value >= number_;
    case Compare::kLess:
      return *value < number_;
    case Compare::kAtMost:
      return *value <= number_;
    case Compare::kEqual:
      return *value == number_;
    case Compare::kUnequal:
      return *value != number_;
  }
  return false;
}

std::string Breakpoint::str(const FrameData& frame, double gamma) const {
  const std::string text = shown(text_);
  const std::optional<double> value = measured(frame, gamma);
  const bool is_flag = quantity_ == Quantity::kTerminated || quantity_ == Quantity::kTruncated;
  if (is_flag || !value) return text;
  if (quantity_ != Quantity::kAction || frame.spec->action.is_box()) {
    return text + " (" + short_number(*value) + ")";
  }
  const std::vector<std::string>& options = frame.spec->action.components()[index_].options;
  const auto choice = static_cast<std::size_t>(*value);
  return choice < options.size() ? text + " (" + options[choice] + ")" : text;
}

bool Breakpoint::is_unknown(const FrameData& frame) const {
  switch (quantity_) {
    case Quantity::kTdError:
      return frame.spec->players > 1 || !state_value(frame.inspection, frame.mask);
    case Quantity::kValue:
      return !state_value(frame.inspection, frame.mask);
    case Quantity::kEntropy:
      return !frame.inspection.entropy;
    case Quantity::kProbability:
      return frame.inspection.probabilities.empty() || frame.spec->action.size() > 1;
    case Quantity::kReturnDeviation:
      return frame.inspection.quantiles.empty() || frame.spec->action.size() > 1;
    default:
      return false;
  }
}

}  // namespace tern
