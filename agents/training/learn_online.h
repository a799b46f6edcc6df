#pragma once
// Makes the learner of a program that owns the loop.

#include <memory>

#include "agents/run/online_learner.h"

namespace tern {

/// Throws Error for an agent that does not learn from replay, bad settings, and spaces that it does
/// not learn.
std::unique_ptr<OnlineLearner> make_online_learner(const OnlineRequest& request);

}  // namespace tern
