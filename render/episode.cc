#include "render/episode.h"

#include <algorithm>

#include "core/error.h"

namespace tern {

namespace {

void check_moment(const Episode& episode, std::size_t t) {
  if (t < episode.moments.size()) return;
  throw Error("moment " + std::to_string(t) + " of an episode of " +
              std::to_string(episode.steps()) + " steps was asked for");
}

}  // namespace

void set_last_action(Episode& episode, const FrameData& frame) {
  Moment& moment = episode.moments.back();
  moment.action = frame.action;
  moment.policy_action = frame.policy_action;
  std::vector<StepRange>& steered = episode.steered;
  const int step = episode.first_step + episode.steps();
  if (!steered.empty() && steered.back().end > step) {  // it was noted before
    steered.back().end = step;
    if (steered.back().begin >= step) steered.pop_back();
  }
  if (frame.policy_action.empty()) return;
  if (!steered.empty() && steered.back().end == step) {
    steered.back().end = step + 1;
  } else {
    steered.push_back({step, step + 1});
  }
}

Episode prefix_of(const Episode& episode, std::size_t t) {
  check_moment(episode, t);
  Episode prefix = episode;
  prefix.moments.erase(prefix.moments.begin() + static_cast<std::ptrdiff_t>(t + 1),
                       prefix.moments.end());
  for (EpisodeWhy& why : prefix.why) why.moments.resize(std::min(why.moments.size(), t + 1));
  const int last = prefix.first_step + static_cast<int>(t);
  std::erase_if(prefix.steered, [&](const StepRange& range) { return range.begin > last; });
  if (!prefix.steered.empty()) {
    prefix.steered.back().end = std::min(prefix.steered.back().end, last + 1);
  }
  prefix.drawings = {};
  RecordingCanvas picture;
  for (std::size_t i = 0; i <= t; ++i) {
    picture.clear();
    episode.drawings.replay(i, picture);
    prefix.drawings.add(picture);
  }
  return prefix;
}

FrameData frame_of(const Episode& episode, std::size_t t) {
  check_moment(episode, t);
  const Moment& moment = episode.moments[t];
  FrameData frame;
  frame.spec = episode.spec;
  frame.agent = episode.agent;
  frame.side = episode.side;
  frame.is_by_hand = episode.is_by_hand;
  frame.policy_step = moment.policy_step;
  episode.drawings.replay(t, frame.env);
  frame.obs = moment.obs;
  frame.obs.insert(frame.obs.end(), moment.obs_bytes.begin(), moment.obs_bytes.end());
  frame.mask = moment.mask;
  frame.action = moment.action;
  frame.policy_action = moment.policy_action;
  frame.inspection = moment.inspection;
  frame.policy_state = moment.policy_state;
  frame.episode = episode.number;
  frame.step = episode.first_step + static_cast<int>(t);
  frame.max_steps = episode.max_steps;
  frame.episode_return = moment.episode_return;
  frame.player_returns = moment.player_returns;
  frame.reward = moment.reward;
  frame.reward_terms = moment.reward_terms;
  frame.largest_reward_term = moment.largest_reward_term;
  frame.info = moment.info;
  frame.player = moment.player;
  frame.terminated = moment.terminated;
  frame.truncated = moment.truncated;
  frame.is_cut = moment.is_cut;
  frame.past_returns = episode.past_returns;
  for (std::size_t i = t + 1 > kRememberedValues ? t + 1 - kRememberedValues : 0; i <= t; ++i) {
    const Moment& past = episode.moments[i];
    if (const auto value = state_value(past.inspection, past.mask)) {
      frame.past_values.push_back(*value);
    }
  }
  frame.largest_action_value = moment.largest_action_value;
  return frame;
}

}  // namespace tern
