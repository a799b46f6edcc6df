#pragma once
// How a goal-conditioned env names its goals in the observation (Env::relabel). Header-only.

#include "core/space.h"

namespace tern {

constexpr const char* kAchievedGoal = "achieved goal";
constexpr const char* kDesiredGoal = "desired goal";

inline bool is_goal(const Field& field) {
  return field.name == kAchievedGoal || field.name == kDesiredGoal;
}

inline bool has_goals(const ObsSpace& space) {
  for (const Field& field : space.fields()) {
    if (is_goal(field)) return true;
  }
  return false;
}

}  // namespace tern
