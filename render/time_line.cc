#include "render/time_line.h"

#include <algorithm>

#include "render/play_episode.h"

namespace tern {
namespace {

std::size_t bytes_of(const Episode& episode) {
  // Moments of an env are all of about the same size.
  const Moment& m = episode.moments.back();
  const std::size_t numbers = m.obs.size() + m.action.size() + m.policy_action.size() +
                              m.reward_terms.size() + m.info.size() + m.policy_state.size();
  const std::size_t doubles = m.inspection.action_values.size() + m.inspection.quantiles.size() +
                              m.inspection.probabilities.size() + m.inspection.mean.size() +
                              m.inspection.standard_deviation.size() +
                              m.inspection.recurrent_state.size() + m.player_returns.size();
  const std::size_t moment =
      sizeof m + 4 * numbers + 8 * doubles + m.obs_bytes.size() + m.mask.size();
  return episode.drawings.bytes() + episode.moments.size() * moment;
}

bool is_over(const Moment& moment) {
  return moment.terminated || moment.truncated;
}

/// The second part of an episode that is too large to be kept whole.
Episode rest_of_episode(EpisodePlayer& player) {
  Episode rest = begin_episode(player);
  rest.first_step = player.frame().step;
  return rest;
}

void add_step(Episode& episode, EpisodePlayer& player) {
  if (!is_over(episode.moments.back())) add_moment(episode, player);
}

/// The past up to moment t, where the player decides anew.
Episode branch_of(const Episode& past, std::size_t t, EpisodePlayer& player) {
  if (t == 0) return begin_episode(player);
  Episode branch = prefix_of(past, t - 1);
  add_moment(branch, player);
  return branch;
}

}  // namespace

int TimeLine::Shown::first_step() const {
  return std::max(first.first_step, second ? second->first_step : 0);
}

void TimeLine::Shown::set_names(const SideNames& names) {
  if (!second) return;
  first.side = names.first;
  second->side = names.second;
}

std::size_t TimeLine::Shown::last() const {
  const std::size_t moments = first.moments.size();
  return std::max(moments, second ? second->moments.size() : 0) - 1;
}

std::size_t TimeLine::Shown::bytes() const {
  return bytes_of(first) + (second ? bytes_of(*second) : 0);
}

void TimeLine::Shown::compare(std::size_t t) {
  if (!second || first_difference) return;
  const bool both_go_on = t < first.moments.size() && t < second->moments.size();
  if (both_go_on) {
    const Moment &a = first.moments[t], &b = second->moments[t];
    const bool are_same = a.state_hash == b.state_hash && a.action == b.action &&
                          a.reward == b.reward && is_over(a) == is_over(b);
    if (are_same) return;
  }
  first_difference = first_step() + static_cast<int>(t);
}

void TimeLine::begin(EpisodePlayer& player, EpisodePlayer* other, const SideNames& names) {
  Shown& shown = episodes_.emplace_back();
  shown.first = begin_episode(player);
  if (other != nullptr) shown.second = begin_episode(*other);
  shown.set_names(names);
  shown.compare(0);
  forget();
  go_live();
}

void TimeLine::begin_branch(const Episode& past, std::size_t t, EpisodePlayer& player,
                            EpisodePlayer& other, const SideNames& names) {
  Shown branch;
  branch.first = branch_of(past, t, player);
  branch.second = branch_of(past, t, other);
  branch.set_names(names);
  branch.compare(t);
  episodes_.push_back(std::move(branch));
  forget();
  go_live();
}

void TimeLine::begin_from(const Episode& past, std::size_t t, EpisodePlayer& player) {
  Shown shown;
  shown.first = branch_of(past, t, player);
  shown.first.side = "";
  episodes_.push_back(std::move(shown));
  forget();
  go_live();
}

void TimeLine::set_action(EpisodePlayer& player) {
  set_last_action(episodes_.back().first, player.frame());
}

void TimeLine::add(EpisodePlayer& player, EpisodePlayer* other) {
  const bool was_live = is_live();
  if (episodes_.back().bytes() > most_bytes_ / 2) {
    Shown rest;
    rest.first = rest_of_episode(player);
    if (other != nullptr) rest.second = rest_of_episode(*other);
    const Shown& whole = episodes_.back();
    if (other != nullptr) rest.set_names({whole.first.side, whole.second->side});
    rest.first_difference = whole.first_difference;
    rest.compare(0);
    episodes_.push_back(std::move(rest));
  } else {
    add_step(episodes_.back().first, player);
    if (other != nullptr) add_step(*episodes_.back().second, *other);
    episodes_.back().compare(episodes_.back().last());
  }
  forget();
  if (was_live) go_live();
}

void TimeLine::forget() {
  std::size_t sum = 0;
  for (const Shown& each : episodes_) sum += each.bytes();
  while (episodes_.size() > 1 && sum > most_bytes_) {
    sum -= episodes_.front().bytes();
    episodes_.pop_front();
    if (shown_ > 0) {
      --shown_;
    } else {
      now_ = 0;  // what was shown is gone
    }
  }
}

bool TimeLine::is_live() const {
  return shown_ + 1 == episodes_.size() && now_ == last();
}

std::size_t TimeLine::now_of(const Episode& episode) const {
  return std::min(now_, episode.moments.size() - 1);
}

FrameData TimeLine::frame_in(const Episode& episode) const {
  FrameData frame = frame_of(episode, now_of(episode));
  set_place(frame);
  return frame;
}

void TimeLine::set_place(FrameData& frame) const {
  const int first = shown().first_step();
  frame.first_recorded_step = first;
  frame.recorded_steps = first + static_cast<int>(last());
  frame.time_line_step = first + static_cast<int>(now_);
  frame.is_replay = !is_live();
  frame.first_difference = first_difference();
  frame.steered = shown().first.steered;
}

void TimeLine::go_to(std::size_t t) {
  now_ = std::min(t, last());
}

void TimeLine::go_live() {
  shown_ = episodes_.size() - 1;
  now_ = last();
}

bool TimeLine::go_forth() {
  if (now_ == last()) return go_to_following();
  ++now_;
  return true;
}

bool TimeLine::go_back() {
  if (now_ == 0) {
    if (shown_ == 0) return false;
    --shown_;
    now_ = last();
    return true;
  }
  --now_;
  return true;
}

bool TimeLine::go_to_following() {
  if (shown_ + 1 == episodes_.size()) return false;
  ++shown_;
  now_ = 0;
  return true;
}

bool TimeLine::go_to_previous() {
  if (shown_ == 0) return false;
  --shown_;
  now_ = 0;
  return true;
}

}  // namespace tern
