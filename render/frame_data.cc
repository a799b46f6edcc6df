#include "render/frame_data.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "core/field_groups.h"

namespace tern {
namespace {

std::string printed(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// "1.50" becomes "1.5", "2.00" becomes "2".
std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// The end of a bar for a value without bounds: the next of 1, 2, 5, 10, 20, ..
double round_bound(double magnitude) {
  double bound = 1;
  for (int i = 0; i < 60 && bound < magnitude; ++i) bound *= i % 3 == 1 ? 2.5 : 2;
  return std::isfinite(magnitude) ? std::max(bound, std::fabs(magnitude)) : 1;
}

std::optional<double> element(const std::vector<double>& values, std::size_t i) {
  if (i < values.size()) return values[i];
  return std::nullopt;
}

/// The quantiles of one choice of the M that have action values.
Row<const double> quantiles_of(const Inspection& inspection, std::size_t choice) {
  const std::size_t choices = inspection.action_values.size();
  if (choice >= choices) return {};
  const std::size_t count = inspection.quantiles.size() / choices;
  return Row<const double>(inspection.quantiles).subrow(choice * count, count);
}

void set_quantiles(ChoiceBar& bar, const Inspection& inspection, std::size_t choice) {
  for (const double value : quantiles_of(inspection, choice)) {
    if (std::isfinite(value)) bar.quantiles.push_back(value);
  }
  std::sort(bar.quantiles.begin(), bar.quantiles.end());
  bar.deviation = return_deviation(inspection, choice);
}

/// Sets where the bars begin and end. Action values grow from zero on a scale that stays.
void measure(std::vector<ChoiceBar>& bars, const FrameData& frame) {
  const bool has_probabilities = !frame.inspection.probabilities.empty();
  const bool has_values = !has_probabilities && !frame.inspection.action_values.empty();
  double largest = frame.largest_action_value;
  bool has_negative = false, has_positive = false;
  for (const ChoiceBar& bar : bars) {
    if (!bar.is_allowed || !bar.value || !std::isfinite(*bar.value)) continue;
    largest = std::max(largest, std::fabs(*bar.value));
    has_negative = has_negative || *bar.value < 0;
    has_positive = has_positive || *bar.value > 0;
  }
  for (const double value : frame.inspection.quantiles) {
    if (!has_values || !std::isfinite(value)) continue;
    largest = std::max(largest, std::fabs(value));
    has_negative = has_negative || value < 0;
    has_positive = has_positive || value > 0;
  }
  const double bound = round_bound(largest);
  const double low = has_negative ? -bound : 0, high = has_positive || !has_negative ? bound : 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    ChoiceBar& bar = bars[i];
    if (has_values) {
      bar.low = low;
      bar.high = high;
      bar.from = bar.to = bar.place(0);
    }
    if (!bar.is_allowed) continue;
    if (has_values) set_quantiles(bar, frame.inspection, i);
    if (has_probabilities) {
      bar.to = static_cast<float>(std::clamp(bar.probability.value_or(0), 0.0, 1.0));
    } else if (!has_values) {
      bar.to = bar.is_chosen ? 1 : 0;
    } else if (bar.value && !std::isnan(*bar.value)) {
      bar.to = bar.place(*bar.value);
    }
  }
}

}  // namespace

float ChoiceBar::place(double x) const {
  return static_cast<float>(std::clamp((x - low) / (high - low), 0.0, 1.0));
}

float RealBar::place(double x) const {
  return static_cast<float>(std::clamp((x - low) / (high - low), 0.0, 1.0));
}

std::string return_text(const FrameData& frame) {
  if (frame.player_returns.empty()) return short_number(frame.episode_return);
  std::string text;
  for (const double value : frame.player_returns) {
    text += (text.empty() ? "" : " : ") + short_number(value);
  }
  return text;
}

std::vector<ChoiceBar> choice_bars(const FrameData& frame) {
  std::vector<ChoiceBar> bars;
  const ActionSpace& space = frame.spec->action;
  if (space.is_box()) return bars;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const ActionComponent& component = space.components()[i];
    for (std::size_t option = 0; option < component.options.size(); ++option) {
      const std::size_t flag = bars.size();
      ChoiceBar bar;
      bar.name = (space.size() > 1 ? component.name + ": " : "") + component.options[option];
      bar.is_chosen = i < frame.action.size() && frame.action[i] == static_cast<float>(option);
      bar.is_policy_choice =
          i < frame.policy_action.size() && frame.policy_action[i] == static_cast<float>(option);
      bar.is_allowed = flag >= frame.mask.size() || frame.mask[flag] != 0;
      bar.probability = element(frame.inspection.probabilities, flag);
      bar.value = element(frame.inspection.action_values, flag);
      bars.push_back(std::move(bar));
    }
  }
  measure(bars, frame);
  return bars;
}

std::optional<double> return_deviation(const Inspection& inspection, std::size_t choice) {
  double sum = 0, squares = 0;
  const Row<const double> values = quantiles_of(inspection, choice);
  if (values.empty()) return std::nullopt;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) sum += value;
  for (const double value : values) squares += (value - sum / count) * (value - sum / count);
  if (!std::isfinite(squares)) return std::nullopt;
  return std::sqrt(squares / count);
}

std::string gap_label(const std::vector<ChoiceBar>& bars) {
  std::vector<double> values;
  for (const ChoiceBar& bar : bars) {
    if (bar.is_allowed && bar.value && std::isfinite(*bar.value)) values.push_back(*bar.value);
  }
  if (values.size() < 2) return "";
  std::partial_sort(values.begin(), values.begin() + 2, values.end(), std::greater<double>());
  return "by " + short_number(values[0] - values[1]);
}

std::vector<RealBar> real_bars(const FrameData& frame) {
  std::vector<RealBar> bars;
  const ActionSpace& space = frame.spec->action;
  if (!space.is_box()) return bars;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const ActionComponent& component = space.components()[i];
    RealBar bar;
    bar.name = component.name;
    bar.unit = component.unit;
    bar.action = i < frame.action.size() ? static_cast<double>(frame.action[i]) : 0;
    bar.mean = element(frame.inspection.mean, i);
    bar.standard_deviation = element(frame.inspection.standard_deviation, i);
    if (i < frame.policy_action.size()) bar.policy_action = frame.policy_action[i];
    const double far =
        round_bound(std::max(std::fabs(bar.action), std::fabs(bar.mean.value_or(0))));
    bar.low = std::isfinite(component.low) ? component.low : -far;
    bar.high = std::isfinite(component.high) ? component.high : far;
    if (!(bar.low < bar.high)) bar.high = bar.low + 1;
    bars.push_back(std::move(bar));
  }
  return bars;
}

std::vector<ObservedValue> observed_values(const FrameData& frame, std::size_t most) {
  std::vector<ObservedValue> values;
  for (const Field& field : frame.spec->obs.fields()) {
    if (field.is_image()) continue;
    for (std::size_t i = 0; i < field.size() && field.offset + i < frame.obs.size(); ++i) {
      if (values.size() == most) return values;
      ObservedValue observed;
      observed.group = group_of(field.name);
      observed.name = field.size() > 1 ? field.name + " " + std::to_string(i) : field.name;
      observed.unit = field.unit;
      observed.categories = field.categories;
      observed.first = field.first;
      observed.value = static_cast<double>(frame.obs[field.offset + i]);
      const double far = round_bound(std::fabs(observed.value));
      observed.low = std::isfinite(field.low) ? field.low : -far;
      observed.high = std::isfinite(field.high) ? field.high : far;
      if (!(observed.low < observed.high)) observed.high = observed.low + 1;
      values.push_back(std::move(observed));
    }
  }
  return values;
}

std::vector<ObservedValue> info_values(const FrameData& frame) {
  std::vector<ObservedValue> values;
  const std::vector<std::string>& names = frame.spec->info;
  for (std::size_t i = 0; i < std::min(names.size(), frame.info.size()); ++i) {
    ObservedValue told;
    told.name = names[i];
    told.value = static_cast<double>(frame.info[i]);
    told.high = round_bound(std::fabs(told.value));
    told.low = -told.high;
    values.push_back(std::move(told));
  }
  return values;
}

std::optional<double> state_value(const Inspection& inspection, Row<const std::uint8_t> mask) {
  if (inspection.value) return inspection.value;
  std::optional<double> best;
  for (std::size_t i = 0; i < inspection.action_values.size(); ++i) {
    if (i < mask.size() && mask[i] == 0) continue;
    if (!best || inspection.action_values[i] > *best) best = inspection.action_values[i];
  }
  return best;
}

const char* value_name(const Inspection& inspection) {
  const bool is_best = !inspection.action_values.empty() && inspection.probabilities.empty();
  return is_best ? "best Q(s, a)" : "value V(s)";
}

std::string end_label(const FrameData& frame) {
  if (frame.terminated) return "terminated";
  if (frame.is_cut) return "cut";
  return frame.truncated ? "time limit" : "";
}

std::string policy_label(const FrameData& frame) {
  if (frame.is_by_hand) return "played by hand";
  if (frame.agent.empty()) return "random actions";
  return frame.agent + ", " + count_text(frame.policy_step) + " steps";
}

std::string agent_name(const FrameData& frame) {
  return frame.agent.empty() ? "the policy" : frame.agent;
}

std::string action_label(const FrameData& frame) {
  std::string text;
  const ActionSpace& space = frame.spec->action;
  for (std::size_t i = 0; i < std::min(frame.action.size(), space.size()); ++i) {
    if (i > 0) text += ' ';
    const std::vector<std::string>& options = space.components()[i].options;
    const auto choice = static_cast<std::size_t>(std::max(frame.action[i], 0.0f));
    text += choice < options.size() && !space.is_box() ? options[choice]
                                                       : short_number(frame.action[i]);
  }
  return text;
}

std::string speed_label(double speed) {
  if (std::isinf(speed)) return "unlimited";
  if (speed < 1) return "1/" + printed("%.0f", 1 / speed) + "x";
  return printed("%.0f", speed) + "x";
}

std::string count_text(std::int64_t count) {
  const double value = static_cast<double>(count);
  if (count < 10'000) return std::to_string(count);
  if (count < 999'500) return printed("%.0f", value / 1e3) + " k";
  if (count < 999'500'000) return without_trailing_zeros(printed("%.2f", value / 1e6)) + " M";
  return without_trailing_zeros(printed("%.2f", value / 1e9)) + " G";
}

std::string short_number(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const double magnitude = std::fabs(value);
  if (magnitude >= 999'999.5) return printed("%.2e", value);
  const char* format = magnitude >= 999.95   ? "%.0f"
                       : magnitude >= 99.995 ? "%.1f"
                       : magnitude >= 9.9995 ? "%.2f"
                                             : "%.3f";
  const std::string text = without_trailing_zeros(printed(format, value));
  return text == "-0" ? "0" : text;
}

}  // namespace tern
