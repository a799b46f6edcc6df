#pragma once
// Learning inside a program that owns the loop: it steps its one robot, game or simulator itself,
// hands over what happened, and says when to learn. Std only.
//
//   const auto learner = tern::tern_agents_api()->learn_online(request);
//   learner->begin(first observation);
//   for (;;) {
//     const tern::ActionRow action = learner->act();
//     .. the program acts, waits a tick, reads its sensors ..
//     learner->observe({reward, fell, out_of_time, observation});
//     learner->learn();                 // in the time that is left of the tick
//     if (fell || out_of_time) learner->begin(first observation of the next episode);
//   }

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/const_views.h"
#include "core/metrics/metrics.h"
#include "core/params.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

struct OnlineRequest {
  /// What the program steps: id, observations, actions; has_masks if it hands masks over. No env of
  /// it is ever made.
  EnvSpec env;
  std::string agent = "sac";  // one that learns from replay
  /// As `tern train` takes them: {{"total_steps", "20000"}, {"learning_rate", "1e-3"}}. num_envs
  /// is 1.
  std::vector<ParamValue> settings;
};

/// What one action led to.
struct Observed {
  float reward = 0;
  bool terminated = false;  // the episode ended: a fall, a goal; nothing of value follows
  bool truncated = false;   // it was cut: a time limit, somebody took over
  ConstObsRow obs;          // what it led to, also where the episode ended
  ConstMaskRow mask = {};   // [M], what is allowed there; empty if all is
};

/// Not thread-safe. Throws Error for rows that are not the env's (core/row_checks.h) and for calls
/// in another order than begin, then act and observe in turn; then nothing has changed.
class OnlineLearner {
 public:
  virtual ~OnlineLearner() = default;
  /// The first observation of an episode. One that is under way is cut where it stands.
  virtual void begin(ConstObsRow obs, ConstMaskRow mask = {}) = 0;
  /// What to do now, with the agent's exploration, in the env's units; valid until the next call.
  /// Takes microseconds, allocates nothing and takes no lock.
  virtual ActionRow act() = 0;
  /// Keeps what the newest action led to. Allocates nothing once an episode has ended.
  virtual void observe(const Observed& what) = 0;
  /// Takes the gradient steps that are due, `most` of them at most; the others stay due. Returns
  /// how many it took. Throws NonFiniteError.
  virtual std::int64_t learn(std::int64_t most = std::numeric_limits<std::int64_t>::max()) = 0;
  /// Steps observed.
  virtual std::int64_t step() const = 0;
  /// Returns and lengths of the newest 100 episodes, losses since the last call, learning rate.
  virtual std::vector<Metric> metrics() const = 0;
  /// The present policy, frozen, without exploration: for other threads, or to end with. It checks
  /// what it is asked.
  virtual std::unique_ptr<Policy> policy() const = 0;
  /// Adds a checkpoint to the run in this folder, which is made the first time: load_policy() reads
  /// it. The three newest are kept. Throws Error for a folder with a run that was not loaded.
  virtual void save(const std::string& run) = 0;
  /// Goes on from the newest checkpoint of a run that save() made with the same request; begin()
  /// comes next. Throws Error if it is of another agent, other settings or another env.
  virtual void load(const std::string& run) = 0;
};

}  // namespace tern
