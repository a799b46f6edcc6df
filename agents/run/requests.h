#pragma once
// Arguments of training and of evaluation, and callbacks into the caller. Std only.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/config/run_config.h"
#include "core/metrics/metrics.h"
#include "core/params.h"
#include "core/policy.h"

namespace tern {

/// What training tells its caller and asks of it; all optional. Called on the training thread.
struct TrainHooks {
  std::function<bool()> should_stop;  // asked at every iteration boundary and between the steps of
                                      // evaluations: save and end
  std::function<void(const std::string&)>
      on_run;                                  // its folder, which stands, before the first step
  std::function<void(std::int64_t)> on_start;  // the last step that this process will train to
  std::function<void(std::shared_ptr<Policy>)> on_policy;  // a fresh snapshot after an iteration
  double policy_interval_seconds = 0.25;                   // at most this often
  std::vector<MetricsSink*> sinks;                         // beside the run's own files
  std::function<void(const std::string&)> on_message;  // one line for a person: checkpoint, best
};

struct TrainRequest {
  RunConfig config;
  std::string out;           // folder; "": runs/<name>-s<seed>, then -2, -3
  std::string name;          // for that: the configuration's
  std::int64_t stop_at = 0;  // save and end at the first boundary at or after it; 0: never
};

struct ResumeRequest {
  std::string run;                    // RUN: folder or name under runs/, optionally @last|@best|@N
  std::vector<ParamValue> overrides;  // of run.threads, run.eval_every and the like
  std::int64_t stop_at = 0;
  bool accept_changed = false;  // go on although the env's plugin is no longer the same file
};

struct EvalRequest {
  std::string run;
  std::vector<ParamValue> env;  // over the run's own: see agents/run/changed_env.h
  int episodes = 100;
  std::uint64_t seed = 0;
  bool stochastic = false;
};

}  // namespace tern
