// A person steers the env of a viewer, instead of the policy.

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "render/viewer.h"

namespace tern {

KeyUse Viewer::key_use() const {
  const bool is_steered = player_->options().by_hand || player_->is_taken_over();
  return is_steered ? KeyUse::kPlayer : KeyUse::kViewer;
}

void Viewer::take_over_or_hand_back() {
  if (player_->options().by_hand) return;
  set_countdown(0);
  if (!player_->is_taken_over()) return take_over();
  player_->hand_back();
  if (!player_->has_ended()) time_line_.set_action(*player_);
  show_notice("the policy goes on; tab takes over");
}

void Viewer::take_over() {
  if (!player_->has_keys()) {
    return show_notice(player_->spec().id + " has no keys for a player");
  }
  if (pair_ && !pair_->is_branch) {
    return show_notice("two policies play side by side: watch one alone to take over");
  }
  try {
    go_on_from_what_is_shown();
  } catch (const Error& error) {
    return show_notice(std::string("not taken over: ") + error.what());
  }
  player_->take_over();
  steering_.begin();
  speed_exponent_ = std::min(speed_exponent_, 0);
  is_paused_ = false;
  due_ = 0;
}

void Viewer::go_on_from_what_is_shown() {
  const bool is_second = shows_second_ && time_line_.second_episode() != nullptr;
  const Episode& past = is_second ? *time_line_.second_episode() : time_line_.episode();
  const std::size_t t = time_line_.now_of(past);
  if (is_live() && !pair_) {
    if (player_->has_ended()) throw Error("the episode is over");
    return;
  }
  policy_ = source_();
  player_->go_on_from(past, t, policy_.get());
  pair_ = nullptr;
  shows_second_ = false;
  time_line_.begin_from(past, t, *player_);
}

void Viewer::play(const PlayerInput& input) {
  steering_.hold(input.held);
  if (!player_->is_taken_over() || is_paused_ || !is_live()) return;
  if (!player_->has_ended()) return steer(input);
  const bool has_enter = std::any_of(input.presses.begin(), input.presses.end(),
                                     [](const Keys& keys) { return keys[Key::kEnter]; });
  if (has_enter && !is_end_held()) next_episode();  // a key too many is no wish to go on
}

void Viewer::steer(const PlayerInput& input) {
  steering_.hold(input.held);
  if (!player_->spec().turn_based) {
    for (const Keys& press : input.presses) steering_.press(press);
    return;
  }
  for (const Keys& press : input.presses) take_step(press);
}

void Viewer::pass_steered(double seconds) {
  if (player_->spec().turn_based) return;
  if (steering_.is_counting_down()) {  // a person's time, whatever the env's speed
    return set_countdown(steering_.count_down(std::ldexp(seconds, -speed_exponent_)));
  }
  run_env(seconds, [this] { take_step(steering_.take_keys()); });
}

void Viewer::take_step(const Keys& keys) {
  if (player_->has_ended()) return;
  switch (player_->choose(keys)) {
    case EpisodePlayer::Choice::kNone:
      return;
    case EpisodePlayer::Choice::kForbidden:
      show_notice("not allowed now");
      return;
    case EpisodePlayer::Choice::kChosen:
      take_chosen_step();
  }
}

void Viewer::take_chosen_step() {
  time_line_.set_action(*player_);
  step();
}

}  // namespace tern
