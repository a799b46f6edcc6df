// The loop of off-policy agents taken apart, for a program that has a loop of its own.

#include <algorithm>
#include <cstring>

#include "agents/algorithm/off_policy_agent.h"

namespace tern {
namespace {

void copy_row(ConstObsRow from, const ObsRow& to) {
  std::copy(from.floats().begin(), from.floats().end(), to.floats().begin());
  std::copy(from.bytes().begin(), from.bytes().end(), to.bytes().begin());
}

}  // namespace

void OffPolicyAgent::prepare_stepwise(std::int64_t total_steps) {
  use_threads(/*learning=*/1, /*acting=*/1);
  use_actors(1);
  total_steps_ = total_steps;
  learned_step_ = step_;
  is_within_episode_ = has_started_;  // of an agent that was loaded
}

void OffPolicyAgent::show_first(ConstObsRow obs, ConstMaskRow mask) {
  if (is_within_episode_) {  // which is cut where it stands
    experience_.replay.cut_episode(0);
    states_.forget(0);
    std::uint8_t terminated = 0, truncated = 1;
    StepBatch end;
    end.terminated = Row<std::uint8_t>(&terminated, 1);
    end.truncated = Row<std::uint8_t>(&truncated, 1);
    see(end);
  }
  copy_row(obs, experience_.now().obs[0]);
  std::copy(mask.begin(), mask.end(), experience_.now().mask[0].begin());
  has_started_ = is_within_episode_ = shows_new_ = true;
  episode_return_ = 0;
  episode_length_ = 0;
}

ActionRow OffPolicyAgent::act_once() {
  if (shows_new_) acting_net().encoder.update(experience_.now().obs);
  shows_new_ = false;
  act(actors_[0]);
  return experience_.handed_actions()[0];
}

void OffPolicyAgent::take(const StepResult& result, ConstObsRow obs, ConstMaskRow mask,
                          EpisodeWindow& episodes) {
  const StepBatch& next = experience_.next();
  episode_return_ += static_cast<double>(result.reward);
  ++episode_length_;
  next.reward[0] = result.reward;
  next.terminated[0] = result.terminated;
  next.truncated[0] = result.truncated;
  for (const ObsRows& rows : {next.obs, next.final_obs}) copy_row(obs, rows[0]);
  for (const MaskRows& rows : {next.mask, next.final_mask}) {
    std::copy(mask.begin(), mask.end(), rows[0].begin());
  }
  next.episode_return[0] = episode_return_;
  next.episode_length[0] = episode_length_;
  remember_as_critic();
  states_.advance(experience_.store(
      episodes, [&](ReplayBuffer& replay, const ObsRows& from, const MaskRows& masks,
                    const ActionRows& actions,
                    const StepBatch& step) { add(replay, from, masks, actions, step); }));
  see(experience_.now());
  ++step_;
  acting_net().trained_steps = step_;
  is_within_episode_ = shows_new_ = !result.terminated && !result.truncated;
}

std::int64_t OffPolicyAgent::learn_due(std::int64_t most) {
  std::int64_t done = 0;
  while (learned_step_ < step_) {
    const std::int64_t due = updates_due(config_, learned_step_, learned_step_ + 1);
    learning_rate_ = schedule_.at(std::min(learned_step_ + 1, total_steps_), total_steps_);
    for (; learned_of_step_ < due; ++learned_of_step_, ++done) {
      if (done == most) return done;
      update();
    }
    end_updates(learned_step_, learned_step_ + 1);
    learned_of_step_ = 0;
    ++learned_step_;
  }
  return done;
}

}  // namespace tern
