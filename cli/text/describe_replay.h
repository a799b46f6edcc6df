#pragma once
// The part of `tern describe RUN` that is about its replay buffer.

#include "agents/run/checkpoint.h"
#include "core/files/json.h"
#include "envs/env_entry.h"
#include "replay/replay_summary.h"

namespace tern::cli {

/// env: the run's. Throws Error if the run's agent keeps no replay buffer, Error::failure if the
/// checkpoint does not hold it any more or it is damaged.
ReplaySummary replay_of(const Checkpoint& checkpoint, const EnvEntry& env);

void print_replay(const ReplaySummary& replay);

inline Json distribution_json(const Distribution& values) {
  const bool is_empty = values.count == 0;
  return Json({{"count", values.count},
               {"not_finite", values.not_finite},
               {"min", is_empty ? Json(nullptr) : Json(values.least)},
               {"mean", is_empty ? Json(nullptr) : Json(values.mean)},
               {"max", is_empty ? Json(nullptr) : Json(values.most)},
               {"histogram", values.bins}});
}

inline Json replay_json(const ReplaySummary& replay) {
  Json actions = Json::list();
  for (const ActionSummary& action : replay.actions) {
    Json entry = {{"name", action.name}};
    if (action.options.empty()) {
      entry["values"] = distribution_json(action.values);
    } else {
      entry["options"] = action.options;
      entry["counts"] = action.counts;
    }
    actions.push_back(entry);
  }
  return Json({{"size", replay.size},
               {"capacity", replay.capacity},
               {"num_envs", replay.num_envs},
               {"ages", distribution_json(replay.ages)},
               {"rewards", distribution_json(replay.rewards)},
               {"returns", distribution_json(replay.returns)},
               {"lengths", distribution_json(replay.lengths)},
               {"terminated", replay.terminated},
               {"truncated", replay.truncated},
               {"actions", actions}});
}

}  // namespace tern::cli
