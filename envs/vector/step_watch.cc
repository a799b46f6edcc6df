#include "envs/vector/step_watch.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/number_text.h"

namespace tern {
namespace {

constexpr const char* kAdvice = " ('tern check-env' finds such faults and says what to do)";

struct Remarks {
  std::mutex mutex;
  std::atomic<bool> has_new{false};
  std::set<std::string> made;
  std::vector<std::string> unread;
};

Remarks& remarks() {
  static Remarks all;
  return all;
}

std::string action_text(ActionRow action) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(action.size(), 8); ++i) {
    text += (i == 0 ? "" : ", ") + (action.floats().empty()
                                        ? std::to_string(action.ints()[i])
                                        : format_number(static_cast<double>(action.floats()[i])));
  }
  return action.size() == 1 && action.floats().empty() ? text : "[" + text + "]";
}

std::string place(const WatchedStep& at) {
  const std::string env = " of env " + std::to_string(at.env);
  if (at.step == 0) return "after a reset" + env;
  return "after step " + std::to_string(at.step) + " of an episode" + env + ", action " +
         action_text(at.action);
}

std::string element_text(const ObsSpace& space, std::size_t i) {
  for (const Field& field : space.fields()) {
    if (i < field.offset || i >= field.offset + field.size()) continue;
    return "observation[" + std::to_string(i) + "] ('" + field.name + "')";
  }
  return "observation[" + std::to_string(i) + "]";
}

bool is_wrong_reward(const WatchedStep& at, float reward) {
  return at.may_be_infinite ? std::isnan(reward) : !std::isfinite(reward);
}

}  // namespace

bool all_finite(FloatRow values) {
  std::uint32_t found = 0;  // without a branch, so that the compiler makes vectors of it
  for (const float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    found |= static_cast<std::uint32_t>((bits & 0x7f800000u) == 0x7f800000u);
  }
  return found == 0;
}

void poison(ObsRow obs) {
  for (float& value : obs.floats()) value = std::numeric_limits<float>::quiet_NaN();
}

void watch_step(const EnvSpec& spec, const WatchedStep& at, const StepResult& result, ObsRow obs) {
  const bool is_good = !is_wrong_reward(at, result.reward) &&
                       !(result.terminated && result.truncated) && all_finite(obs.floats());
  if (!is_good) refuse_step(spec, at, result, obs);
  if (is_look_due(at.step)) compare_with_bounds(spec, at, obs);
}

void refuse_step(const EnvSpec& spec, const WatchedStep& at, const StepResult& result, ObsRow obs) {
  if (is_wrong_reward(at, result.reward)) {
    throw Error::failure(spec.id + ": the reward is " +
                         format_number(static_cast<double>(result.reward)) + " " + place(at) +
                         "; expected a finite number" + kAdvice);
  }
  if (result.terminated && result.truncated) {
    throw Error::failure(spec.id + ": terminated and truncated are both set " + place(at) +
                         "; an episode that ended was not cut" + kAdvice);
  }
  std::size_t i = 0;
  while (i + 1 < obs.floats().size() && std::isfinite(obs[i])) ++i;
  throw Error::failure(spec.id + ": " + element_text(spec.obs, i) + " is " +
                       format_number(static_cast<double>(obs[i])) + ", or was not written, " +
                       place(at) + "; expected a finite number" + kAdvice);
}

void compare_with_bounds(const EnvSpec& spec, const WatchedStep& at, ObsRow obs) {
  for (const Field& field : spec.obs.fields()) {
    if (field.advisory) continue;
    const auto low = static_cast<float>(field.low), high = static_cast<float>(field.high);
    for (std::size_t i = field.offset; i < field.offset + field.size(); ++i) {
      const auto value = static_cast<float>(obs.value(i));
      const bool is_index = field.categories == 0 || value == std::floor(value);
      if (value >= low && value <= high && is_index) continue;
      add_remark(spec.id + element_text(spec.obs, i),
                 spec.id + ": " + element_text(spec.obs, i) + " is " +
                     format_number(static_cast<double>(value)) + " " + place(at) + "; expected " +
                     (field.categories > 0 ? "a whole number in [" : "[") +
                     format_number(field.low) + ", " + format_number(field.high) + "]" + kAdvice);
      return;
    }
  }
}

void watch_mask(const EnvSpec& spec, const WatchedStep& at, MaskRow mask) {
  std::size_t begin = 0;
  for (const ActionComponent& component : spec.action.components()) {
    const std::size_t end = begin + component.options.size();
    if (std::any_of(mask.data() + begin, mask.data() + end, [](auto flag) { return flag != 0; })) {
      begin = end;
      continue;
    }
    throw Error::failure(spec.id + ": no choice of action component '" + component.name +
                         "' is allowed by the mask " + place(at) +
                         "; an episode that nobody can go on with ends" + kAdvice);
  }
}

void add_remark(const std::string& key, const std::string& remark) {
  constexpr std::size_t kMostRemarks = 5;  // of a process: more say nothing new
  Remarks& all = remarks();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.made.size() >= kMostRemarks || !all.made.insert(key).second) return;
  all.unread.push_back(remark);
  all.has_new.store(true);
}

std::vector<std::string> take_remarks() {
  Remarks& all = remarks();
  if (!all.has_new.exchange(false)) return {};
  const std::lock_guard<std::mutex> lock(all.mutex);
  return std::exchange(all.unread, {});
}

}  // namespace tern
