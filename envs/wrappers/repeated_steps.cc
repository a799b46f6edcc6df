#include "envs/wrappers/repeated_steps.h"

#include <utility>

#include "envs/action_mask.h"
#include "envs/goal_fields.h"
#include "envs/player_rewards.h"

namespace tern {

RepeatedSteps::RepeatedSteps(std::unique_ptr<Env> inner, int count)
    : EnvWrapper(std::move(inner)),
      count_(count),
      inner_limit_(spec_.max_episode_steps),
      terms_(spec_.reward_terms.size()),
      newest_terms_(spec_.reward_terms.size()),
      player_rewards_(spec_.players > 1 ? static_cast<std::size_t>(spec_.players) : 0),
      newest_player_rewards_(player_rewards_.size()),
      mask_(spec_.has_masks ? spec_.action.mask_size() : 0) {
  if (has_goals(spec_.obs)) {
    throw Error("env.action_repeat: " + spec_.id + " has goals, and its reward for another goal is "
                "known of single steps only, not of a sum of them; leave the key out");
  }
  spec_.max_episode_steps = (inner_limit_ + count - 1) / count;
  spec_.frames_per_second = std::max(1, spec_.frames_per_second / count);
}

void RepeatedSteps::reset(ResetContext& ctx, ObsRow obs) {
  inner_steps_ = 0;
  std::fill(terms_.begin(), terms_.end(), 0.0f);
  std::fill(player_rewards_.begin(), player_rewards_.end(), 0.0f);
  inner_->reset(ctx, obs);
}

StepResult RepeatedSteps::step(ActionRow action, Rng& rng, ObsRow obs) {
  StepResult sum;
  std::fill(terms_.begin(), terms_.end(), 0.0f);
  std::fill(player_rewards_.begin(), player_rewards_.end(), 0.0f);
  const int mover = spec_.players > 1 ? mover_of(*inner_, spec_) : 0;
  for (int k = 0; k < count_; ++k) {
    const StepResult result = inner_->step(action, rng, obs);
    after_inner_step(obs, k == 0);
    sum.reward += result.reward;
    sum.terminated = result.terminated;
    sum.truncated = result.truncated;
    add_parts(mover, result.reward);
    if (++inner_steps_ == inner_limit_ || sum.terminated || sum.truncated) break;
    if (!may_repeat(action, mover)) break;
  }
  return sum;
}

void RepeatedSteps::add_parts(int mover, float reward) {
  const auto add = [](const std::vector<float>& newest, std::vector<float>& sums) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += newest[i];
  };
  if (!terms_.empty()) inner_->reward_terms(FloatRow(newest_terms_));
  add(newest_terms_, terms_);
  if (player_rewards_.empty()) return;
  get_player_rewards(*inner_, mover, reward, FloatRow(newest_player_rewards_));
  add(newest_player_rewards_, player_rewards_);
}

bool RepeatedSteps::may_repeat(ActionRow action, int mover) {
  if (spec_.players > 1 && mover_of(*inner_, spec_) != mover) return false;
  if (!mask_.empty()) inner_->action_mask(MaskRow(mask_));
  return is_allowed(spec_.action, MaskRow(mask_), action);
}

void RepeatedSteps::reward_terms(FloatRow terms) const {
  std::copy(terms_.begin(), terms_.end(), terms.begin());
}

bool RepeatedSteps::player_rewards(FloatRow rewards) const {
  std::copy(player_rewards_.begin(), player_rewards_.end(), rewards.begin());
  return !player_rewards_.empty();
}

void RepeatedSteps::save(StateWriter& out) const {
  inner_->save(out);
  out.write(inner_steps_, terms_);
  if (spec_.players > 1) out.write(player_rewards_);
}

bool RepeatedSteps::load(StateReader& in) {
  if (!inner_->load(in)) return false;
  in.read(inner_steps_, FloatRow(terms_));
  check_saved_count(inner_steps_, "steps inside of action_repeat or frame_skip");
  if (spec_.players > 1) in.read(FloatRow(player_rewards_));
  return true;
}

FrameSkip::FrameSkip(std::unique_ptr<Env> inner, int count)
    : RepeatedSteps(std::move(inner), count) {
  for (const Field& field : spec_.obs.fields()) {
    if (field.is_image()) continue;
    throw Error("env.frame_skip: the observation of " + spec_.id + " has '" + field.name +
                "', which is no image; use action_repeat, or pixels with it");
  }
}

StepResult FrameSkip::step(ActionRow action, Rng& rng, ObsRow obs) {
  const StepResult result = RepeatedSteps::step(action, rng, obs);
  const auto take_larger = [](auto row, const auto& before) {
    for (std::size_t i = 0; i < before.size(); ++i) row[i] = std::max(row[i], before[i]);
  };
  take_larger(obs.floats(), before_floats_);
  take_larger(obs.bytes(), before_bytes_);
  return result;
}

void FrameSkip::after_inner_step(ObsRow obs, bool is_first) {
  keep_frame(obs.floats(), last_floats_, before_floats_, is_first);
  keep_frame(obs.bytes(), last_bytes_, before_bytes_, is_first);
}

template <class T>
void FrameSkip::keep_frame(Row<T> frame, std::vector<T>& last, std::vector<T>& before,
                           bool is_first) {
  last.resize(frame.size());
  before.resize(frame.size());
  std::swap(last, before);
  std::copy(frame.begin(), frame.end(), last.begin());
  if (is_first) before = last;
}

}  // namespace tern
