#include "render/play_episode.h"

namespace tern {
namespace {

void add_moment(Episode& episode, EpisodePlayer& player) {
  const FrameData& frame = player.frame();
  Moment& moment = episode.moments.emplace_back();
  if (frame.spec->obs.dtype() == DType::kUint8) {
    moment.obs_bytes.assign(frame.obs.begin(), frame.obs.end());
  } else {
    moment.obs = frame.obs;
  }
  moment.mask = frame.mask;
  moment.action = frame.action;
  moment.inspection = frame.inspection;
  moment.reward = frame.reward;
  moment.reward_terms = frame.reward_terms;
  moment.terminated = frame.terminated;
  moment.truncated = frame.truncated;
  moment.state_hash = player.state_hash();
  episode.drawings.add(frame.env);
}

}  // namespace

Episode play_episode(EpisodePlayer& player, Policy* policy, int most_steps) {
  player.start(policy);
  const FrameData& first = player.frame();
  Episode episode;
  episode.spec = first.spec;
  episode.agent = first.agent;
  episode.policy_step = first.policy_step;
  episode.number = first.episode;
  episode.max_steps = first.max_steps;
  episode.level = player.beginning().level;
  episode.rng = player.beginning().rng;
  episode.past_returns = first.past_returns;
  add_moment(episode, player);
  for (int step = 0; step < most_steps && !player.has_ended(); ++step) {
    player.step(policy);
    add_moment(episode, player);
  }
  return episode;
}

}  // namespace tern
