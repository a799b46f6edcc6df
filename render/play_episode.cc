#include "render/play_episode.h"

namespace tern {

void add_moment(Episode& episode, EpisodePlayer& player) {
  const FrameData& frame = player.frame();
  Moment& moment = episode.moments.emplace_back();
  const auto bytes = frame.obs.begin() + static_cast<std::ptrdiff_t>(frame.spec->obs.num_floats());
  moment.obs.assign(frame.obs.begin(), bytes);
  moment.obs_bytes.assign(bytes, frame.obs.end());
  moment.mask = frame.mask;
  moment.action = frame.action;
  moment.policy_action = frame.policy_action;
  moment.inspection = frame.inspection;
  moment.policy_state = frame.policy_state;
  moment.policy_step = frame.policy_step;
  moment.largest_action_value = frame.largest_action_value;
  moment.reward = frame.reward;
  moment.reward_terms = frame.reward_terms;
  moment.largest_reward_term = frame.largest_reward_term;
  moment.info = frame.info;
  moment.player = frame.player;
  moment.episode_return = frame.episode_return;
  moment.player_returns = frame.player_returns;
  moment.terminated = frame.terminated;
  moment.truncated = frame.truncated;
  moment.is_cut = frame.is_cut;
  moment.state_hash = player.state_hash();
  moment.action_rng = player.action_rng();
  episode.drawings.add(frame.env);
}

Episode begin_episode(EpisodePlayer& player) {
  const FrameData& frame = player.frame();
  Episode episode;
  episode.spec = frame.spec;
  episode.agent = frame.agent;
  episode.is_by_hand = frame.is_by_hand;
  episode.number = frame.episode;
  episode.max_steps = frame.max_steps;
  episode.level = player.beginning().level;
  episode.rng = player.beginning().rng;
  episode.past_returns = frame.past_returns;
  add_moment(episode, player);
  return episode;
}

Episode play_episode(EpisodePlayer& player, Policy* policy) {
  player.start(policy);
  Episode episode = begin_episode(player);
  while (!player.has_ended()) {
    player.step(policy);
    add_moment(episode, player);
  }
  return episode;
}

}  // namespace tern
