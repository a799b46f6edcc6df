#pragma once
// The run as an algorithm sees it: clock, episodes, end of an iteration, errors for NaN. Std only.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agents/algorithm/episode_window.h"
#include "core/error.h"
#include "core/metrics/metrics.h"

namespace tern {

class Agent;

/// Where training time goes. Phases do not nest; time outside of all is "other".
class PhaseClock {
 public:
  enum Phase { kEnv, kInference, kUpdate, kNumPhases };

  /// Adds the time until the end of the scope to a phase.
  class Scope {
   public:
    Scope(PhaseClock& clock, Phase phase) : clock_(clock), phase_(phase), start_(Clock::now()) {}
    ~Scope() { clock_.seconds_[phase_] += since(start_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    PhaseClock& clock_;
    Phase phase_;
    std::chrono::steady_clock::time_point start_;
  };

  double seconds(Phase phase) const { return seconds_[phase]; }

 private:
  using Clock = std::chrono::steady_clock;
  static double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  double seconds_[kNumPhases] = {};
};

/// A row-major array of a batch, kept for whoever looks into a NaN.
struct NamedArray {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  std::string source = {};  // who is to blame if it is not finite; "": the updates that came before

  /// The same array with a source.
  NamedArray from(std::string blamed) && {
    source = std::move(blamed);
    return std::move(*this);
  }
};

/// A number became NaN or infinite. The update that led to it was not applied.
class NonFiniteError : public Error {
 public:
  /// Blames the first array of the batch that is not finite, else what was `computed` from them and
  /// came out as `value`. batch: in the order in which one is made of the others.
  NonFiniteError(const std::string& computed, double value, std::int64_t step,
                 std::vector<NamedArray> batch)
      : Error(message(computed, value, step, batch), ExitCode::kFailure), batch_(std::move(batch)) {}
  const std::vector<NamedArray>& batch() const { return batch_; }

 private:
  static std::string message(const std::string& computed, double value, std::int64_t step,
                             const std::vector<NamedArray>& batch) {
    std::string name = computed, source;
    for (const NamedArray& array : batch) {
      const auto wrong = std::find_if(array.values.begin(), array.values.end(),
                                      [](float each) { return !std::isfinite(each); });
      if (wrong == array.values.end()) continue;
      name = array.name;
      source = array.source;
      value = *wrong;
      break;
    }
    if (source.empty()) {
      source = "Often the learning rate is too high or rewards are too large (see learning_rate, "
               "max_grad_norm, normalize_reward)";
    }
    return "'" + name + "' became " + (std::isnan(value) ? "NaN" : "infinite") + " after step " +
           std::to_string(step) + ". " + source;
  }

  std::vector<NamedArray> batch_;
};

/// Whom NamedArray::source blames for observations and for rewards.
inline std::string shown_by(const std::string& env) {
  return env + " showed it in an observation ('tern check-env' looks for such)";
}
inline std::string paid_by(const std::string& env) {
  return env + " paid it as a reward ('tern check-env' looks for such; reward_clip bounds what is "
               "infinite, not what is NaN)";
}

/// The run, as an algorithm sees it. An algorithm calls end_iteration whenever agent and envs are in
/// a state that can be saved.
class TrainContext {
 public:
  explicit TrainContext(std::int64_t total_steps) : total_steps_(total_steps) {}
  virtual ~TrainContext() = default;

  /// Fixes the schedules; training ends before a rollout that would pass it.
  std::int64_t total_steps() const { return total_steps_; }
  /// Reports, evaluates and saves what is due. `metrics` is only called when a report is due.
  /// False: end training now.
  virtual bool end_iteration(const Agent& agent,
                             const std::function<std::vector<Metric>()>& metrics) = 0;

  std::size_t actors = 1;  // threads that act beside the one that learns; 1: all in turn
  PhaseClock clock;
  EpisodeWindow episodes;

 private:
  std::int64_t total_steps_;
};

}  // namespace tern
