#include "render/time_line.h"

#include <algorithm>

#include "render/play_episode.h"

namespace tern {
namespace {

std::size_t bytes_of(const Episode& episode) {
  // Moments of an env are all of about the same size.
  const Moment& m = episode.moments.back();
  const std::size_t numbers = m.obs.size() + m.action.size() + m.reward_terms.size();
  const std::size_t doubles =
      m.inspection.action_values.size() + m.inspection.probabilities.size() +
      m.inspection.mean.size() + m.inspection.standard_deviation.size() +
      m.inspection.recurrent_state.size() + m.player_returns.size();
  const std::size_t moment =
      sizeof m + 4 * numbers + 8 * doubles + m.obs_bytes.size() + m.mask.size();
  return episode.drawings.bytes() + episode.moments.size() * moment;
}

}  // namespace

void TimeLine::begin(EpisodePlayer& player) {
  episodes_.push_back(begin_episode(player));
  forget();
  go_live();
}

void TimeLine::add(EpisodePlayer& player) {
  const bool was_live = is_live();
  if (bytes_of(episodes_.back()) > most_bytes_ / 2) {
    // The second part of an episode stands as one of its own.
    Episode rest = begin_episode(player);
    rest.first_step = player.frame().step;
    episodes_.push_back(std::move(rest));
  } else {
    add_moment(episodes_.back(), player);
  }
  forget();
  if (was_live) go_live();
}

std::size_t TimeLine::bytes() const {
  std::size_t sum = 0;
  for (const Episode& episode : episodes_) sum += bytes_of(episode);
  return sum;
}

void TimeLine::forget() {
  while (episodes_.size() > 1 && bytes() > most_bytes_) {
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

FrameData TimeLine::frame() const {
  FrameData frame = frame_of(episode(), now_);
  frame.first_recorded_step = episode().first_step;
  frame.recorded_steps = episode().first_step + static_cast<int>(last());
  frame.is_replay = !is_live();
  return frame;
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
