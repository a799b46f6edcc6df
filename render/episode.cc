#include "render/episode.h"

#include <algorithm>

#include "core/error.h"

namespace tern {

double Episode::return_until(std::size_t t) const {
  double sum = 0;
  for (std::size_t i = 0; i <= t && i < moments.size(); ++i) {
    sum += static_cast<double>(moments[i].reward);
  }
  return sum;
}

FrameData frame_of(const Episode& episode, std::size_t t) {
  if (t >= episode.moments.size()) {
    throw Error("moment " + std::to_string(t) + " of an episode of " +
                std::to_string(episode.steps()) + " steps was asked for");
  }
  const Moment& moment = episode.moments[t];
  FrameData frame;
  frame.spec = episode.spec;
  frame.agent = episode.agent;
  frame.policy_step = episode.policy_step;
  episode.drawings.replay(t, frame.env);
  frame.obs = moment.obs;
  frame.obs.insert(frame.obs.end(), moment.obs_bytes.begin(), moment.obs_bytes.end());
  frame.mask = moment.mask;
  frame.action = moment.action;
  frame.inspection = moment.inspection;
  frame.episode = episode.number;
  frame.step = static_cast<int>(t);
  frame.max_steps = episode.max_steps;
  frame.episode_return = episode.return_until(t);
  frame.reward = moment.reward;
  frame.reward_terms = moment.reward_terms;
  frame.terminated = moment.terminated;
  frame.truncated = moment.truncated;
  frame.past_returns = episode.past_returns;
  for (std::size_t i = t + 1 > kRememberedValues ? t + 1 - kRememberedValues : 0; i <= t; ++i) {
    const Moment& past = episode.moments[i];
    if (const auto value = state_value(past.inspection, past.mask)) {
      frame.past_values.push_back(*value);
    }
  }
  return frame;
}

}  // namespace tern
