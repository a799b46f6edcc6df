#include "render/episode_player.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "envs/action_mask.h"
#include "envs/observation_bars.h"
#include "envs/player_rewards.h"
#include "envs/random_action.h"
#include "envs/vector/env_group.h"
#include "render/episode.h"
#include "render/episode_replay.h"
#include "render/player_keys.h"

namespace tern {
namespace {

constexpr std::size_t kRememberedReturns = 40;

void remember(std::vector<double>& history, double value, std::size_t most) {
  if (history.size() == most) history.erase(history.begin());
  history.push_back(value);
}

/// What an env calls the agent, a person is called by what he is.
void call_the_agent_you(RecordingCanvas& picture) {
  const std::vector<DrawCall> calls = picture.calls();
  picture.clear();
  for (DrawCall call : calls) {
    if (call.kind == DrawCall::Kind::kText && call.line == "agent") call.line = "you";
    picture.add(std::move(call));
  }
}

}  // namespace

EpisodePlayer::EpisodePlayer(const EnvEntry& entry, const ParamValues& params,
                             const EpisodeOptions& options)
    : entry_(entry),
      params_(params),
      options_(options),
      env_(entry.make(params)),
      buffers_(env_->spec().obs, env_->spec().action, env_->spec().metrics.size(), 1),
      rng_(options.seed, "env"),
      level_rng_(options.seed, "env level"),
      action_rng_(options.seed, "watch policy") {
  EnvSpec spec = env_->spec();
  spec.id = entry.spec.id;  // an alias keeps its own name
  frame_.max_steps = spec.max_episode_steps;
  cut_after_ = options.cut_after > 0 ? options.cut_after : cut_after(spec);
  frame_.spec = std::make_shared<const EnvSpec>(std::move(spec));
  if (options_.level_end == 0) {
    options_.level_end = std::max<std::uint64_t>(1, frame_.spec->num_levels);
  }
  frame_.episode = 0;
  frame_.is_by_hand = options.by_hand;
}

void EpisodePlayer::start(Policy* policy) {
  if (has_ended()) remember(frame_.past_returns, frame_.episode_return, kRememberedReturns);
  std::uint64_t level = options_.level_begin;
  const std::uint64_t levels = options_.level_end - options_.level_begin;
  if (levels > 1) level += level_rng_.next() % levels;
  const EpisodeScript* const script = frame_.episode == 0 ? options_.script.get() : nullptr;
  is_scripted_ = script != nullptr;
  if (is_scripted_ && script->rng &&
      script->level < std::max<std::uint64_t>(1, frame_.spec->num_levels)) {
    rng_ = *script->rng;
    level = script->level;
  }
  beginning_ = {rng_, level, action_rng_};
  begin(policy);
}

void EpisodePlayer::start_as(const EpisodePlayer& other, Policy* policy) {
  if (has_ended()) remember(frame_.past_returns, frame_.episode_return, kRememberedReturns);
  beginning_ = other.beginning_;
  rng_ = beginning_.rng;
  action_rng_ = beginning_.action_rng;
  is_scripted_ = false;
  begin(policy);
}

void EpisodePlayer::begin(Policy* policy) {
  ResetContext context{rng_, beginning_.level};
  env_->reset(context, buffers_.batch.obs[0]);
  ++frame_.episode;
  if (options_.by_hand) frame_.key_help = key_meanings(*env_);
  frame_.step = 0;
  frame_.episode_return = 0;
  if (frame_.spec->players > 1) {
    frame_.player_returns.assign(static_cast<std::size_t>(frame_.spec->players), 0);
  }
  frame_.reward = 0;
  frame_.reward_terms.clear();
  frame_.largest_reward_term = 0;  // else the crash that ended an episode dwarfs the next one
  frame_.terminated = frame_.truncated = frame_.is_cut = false;
  frame_.past_values.clear();
  frame_.action.clear();
  has_started_ = true;
  policy_state_.clear();
  decide(policy);
}

void EpisodePlayer::take_again(const Moment& moment, Policy* policy) {
  const MaskRow mask = buffers_.batch.mask[0];
  if (!mask.empty()) env_->action_mask(mask);
  const MutableActionRow action = buffers_.actions[0];
  if (!policy_state_.empty()) {  // only what it remembers is wanted
    Rng rng = moment.action_rng;
    policy->act({buffers_.batch.obs[0], mask, &rng, action, policy_state_},
                /*deterministic=*/!options_.stochastic);
  }
  set_action(frame_.spec->action, moment.action, action);
  env_->step(action, rng_, buffers_.batch.obs[0]);
}

void EpisodePlayer::go_on_from(const Episode& episode, std::size_t t, Policy* policy) {
  if (episode.first_step > 0) throw Error("the beginning of this episode was not kept");
  FrameData frame = frame_of(episode, t);
  if (frame.terminated || frame.truncated) throw Error("the episode is over at this step");
  rng_ = episode.rng;
  beginning_ = {episode.rng, episode.level, episode.moments[0].action_rng};
  policy_state_.assign(policy == nullptr ? 0 : policy->state_size(), 0.0f);
  ResetContext context{rng_, episode.level};
  env_->reset(context, buffers_.batch.obs[0]);
  for (std::size_t i = 0; i < t; ++i) take_again(episode.moments[i], policy);
  action_rng_ = episode.moments[t].action_rng;
  if (!frame.past_values.empty())
    frame.past_values.pop_back();  // decide() adds that of this moment
  frame_ = std::move(frame);
  frame_.action.clear();
  has_started_ = true;
  is_scripted_ = false;
  decide(policy);
}

void EpisodePlayer::decide_on(const std::vector<float>& values) {
  set_action(frame_.spec->action, values, buffers_.actions[0]);
  show_action();
}

void EpisodePlayer::step(Policy* policy) {
  if (!has_started_ || has_ended()) return;
  const ActionRow action = buffers_.actions[0];
  check_action(*frame_.spec, action);
  const int mover = frame_.spec->players > 1 ? mover_of(*env_, *frame_.spec) : 0;
  const StepResult result = env_->step(action, rng_, buffers_.batch.obs[0]);
  ++frame_.step;
  frame_.reward = result.reward;
  frame_.reward_terms.assign(frame_.spec->reward_terms.size(), 0);
  env_->reward_terms(FloatRow(frame_.reward_terms));
  for (const float term : frame_.reward_terms) {
    if (!std::isfinite(term)) continue;
    frame_.largest_reward_term =
        std::max(frame_.largest_reward_term, static_cast<double>(std::fabs(term)));
  }
  frame_.episode_return += static_cast<double>(result.reward);
  if (frame_.spec->players > 1) add_player_rewards(mover, result.reward);
  frame_.terminated = result.terminated;
  const bool is_at_limit = frame_.max_steps > 0 && frame_.step >= frame_.max_steps;
  frame_.is_cut = !result.terminated && !result.truncated && !is_at_limit && cut_after_ > 0 &&
                  frame_.step >= cut_after_;
  frame_.truncated = !result.terminated && (result.truncated || is_at_limit || frame_.is_cut);
  decide(policy);
}

void EpisodePlayer::add_player_rewards(int mover, float reward) {
  std::vector<float> rewards(frame_.player_returns.size());
  get_player_rewards(*env_, mover, reward, FloatRow(rewards));
  for (std::size_t p = 0; p < rewards.size(); ++p) {
    frame_.player_returns[p] += static_cast<double>(rewards[p]);
  }
  frame_.episode_return = frame_.player_returns[0];
}

void EpisodePlayer::decide(Policy* policy) {
  is_drawn_ = false;
  decision_rng_ = action_rng_;
  const ObsRow obs = buffers_.batch.obs[0];
  const MaskRow mask = buffers_.batch.mask[0];
  if (!mask.empty()) env_->action_mask(mask);
  // A newer policy goes on with what an older one of the same run remembered of the episode.
  const std::size_t state_size = policy == nullptr ? 0 : policy->state_size();
  if (policy_state_.size() != state_size) policy_state_.assign(state_size, 0.0f);
  frame_.policy_state = policy_state_;
  frame_.agent = policy == nullptr ? "" : policy->agent();
  frame_.inspection = policy == nullptr ? Inspection() : policy->inspect(obs, mask, policy_state_);
  if (const std::int64_t step = policy == nullptr ? 0 : policy->step(); step != frame_.policy_step) {
    frame_.policy_step = step;
    frame_.largest_action_value = 0;
  }
  for (const auto* values : {&frame_.inspection.action_values, &frame_.inspection.quantiles}) {
    for (const double value : *values) {
      if (!std::isfinite(value)) continue;
      frame_.largest_action_value = std::max(frame_.largest_action_value, std::fabs(value));
    }
  }
  if (const auto value = state_value(frame_.inspection, mask)) {
    remember(frame_.past_values, *value, kRememberedValues);
  }
  if (options_.by_hand) return;  // the last action stays in sight
  const std::vector<float> chosen = std::move(frame_.action);
  frame_.action.clear();
  frame_.policy_action.clear();
  if (has_ended()) return;
  const MutableActionRow action = buffers_.actions[0];
  if (policy == nullptr) {
    random_action(frame_.spec->action, mask, action_rng_, action);
  } else {
    policy->act({obs, mask, &action_rng_, action, policy_state_},
                /*deterministic=*/!options_.stochastic);
  }
  if (is_scripted_) take_scripted_action();
  show_action();
  if (!frame_.is_taken_over) return;
  frame_.policy_action = frame_.action;
  if (!chosen.empty()) decide_on(chosen);
}

void EpisodePlayer::take_scripted_action() {
  const std::vector<std::vector<float>>& actions = options_.script->actions;
  const auto t = static_cast<std::size_t>(frame_.step);
  const ActionSpace& space = frame_.spec->action;
  is_scripted_ = t < actions.size() && actions[t].size() == space.size();
  if (!is_scripted_) return;
  std::vector<float> reals(space.is_box() ? space.size() : 0);
  std::vector<std::int32_t> choices(space.is_box() ? 0 : space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const float value = actions[t][i];
    is_scripted_ = is_scripted_ && std::isfinite(value);
    if (space.is_box()) {
      reals[i] = value;
    } else {
      is_scripted_ = is_scripted_ && value >= 0 && value < static_cast<float>(space.options(i));
      choices[i] = is_scripted_ ? static_cast<std::int32_t>(value) : 0;
    }
  }
  const ActionRow scripted = space.is_box() ? ActionRow(Row<const float>(reals))
                                            : ActionRow(Row<const std::int32_t>(choices));
  is_scripted_ = is_scripted_ && is_allowed(space, buffers_.batch.mask[0], scripted);
  if (!is_scripted_) return;
  const MutableActionRow action = buffers_.actions[0];
  std::copy(reals.begin(), reals.end(), action.floats().begin());
  std::copy(choices.begin(), choices.end(), action.ints().begin());
}

void EpisodePlayer::show_action() {
  const MutableActionRow action = buffers_.actions[0];
  frame_.action.assign(action.floats().begin(), action.floats().end());
  for (const std::int32_t value : action.ints()) frame_.action.push_back(static_cast<float>(value));
}

bool EpisodePlayer::take_over() {
  std::vector<KeyMeaning> keys = key_meanings(*env_);
  if (keys.empty()) return false;
  frame_.key_help = std::move(keys);
  frame_.is_taken_over = true;
  if (!has_ended()) frame_.policy_action = frame_.action;
  return true;
}

void EpisodePlayer::hand_back() {
  frame_.is_taken_over = false;
  frame_.key_help.clear();
  if (!frame_.policy_action.empty() && !has_ended()) decide_on(frame_.policy_action);
  frame_.policy_action.clear();
}

EpisodePlayer::Choice EpisodePlayer::choose(const Keys& keys) {
  if (has_ended() || !env_->human_action(keys, buffers_.actions[0])) return Choice::kNone;
  if (!is_allowed(frame_.spec->action, buffers_.batch.mask[0], buffers_.actions[0])) {
    return Choice::kForbidden;
  }
  show_action();
  return Choice::kChosen;
}

std::uint64_t EpisodePlayer::state_hash() const {
  return tern::state_hash(*env_, buffers_.batch.obs[0], buffers_.batch.mask[0], rng_);
}

const FrameData& EpisodePlayer::frame() {
  if (is_drawn_ || !has_started_) return frame_;
  const ObsRow obs = buffers_.batch.obs[0];
  const MaskRow mask = buffers_.batch.mask[0];
  frame_.obs.assign(obs.floats().begin(), obs.floats().end());
  for (const std::uint8_t value : obs.bytes()) frame_.obs.push_back(static_cast<float>(value));
  frame_.mask.assign(mask.begin(), mask.end());
  frame_.info.resize(frame_.spec->info.size());
  if (!frame_.info.empty()) env_->info(FloatRow(frame_.info));
  if (frame_.spec->players > 1 && !has_ended()) frame_.player = mover_of(*env_, *frame_.spec);
  frame_.env.clear();
  draw_env(*env_, *frame_.spec, obs, frame_.env);
  if (options_.by_hand) call_the_agent_you(frame_.env);
  is_drawn_ = true;
  return frame_;
}

}  // namespace tern
