#include "render/viewer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "render/board_overlay.h"
#include "render/frame_layout.h"
#include "render/side_by_side.h"
#include "render/value_chart.h"

namespace tern {
namespace {

constexpr int kSlowest = -4, kFastest = 6;  // 1/16 to 64 times; above it there is no limit
/// Of a frame, for the steps of an env without a limit of speed.
constexpr std::chrono::milliseconds kTimePerFrame(12);
constexpr double kNoticeSeconds = 3;
/// After a pause of the whole program the env does not catch up.
constexpr double kLongestFrame = 0.5;
/// An env or policy too slow for the speed asked for gets slower, not the window.
constexpr int kMostStepsPerFrame = 256;

}  // namespace

Viewer::Viewer(std::unique_ptr<EpisodePlayer> player, PolicySource source)
    : player_(std::move(player)), source_(std::move(source)) {
  next_episode();
  while (player_->is_scripted()) step();
}

std::optional<EpisodeScript> Viewer::place() const {
  const Episode& episode = time_line_.episode();
  if (episode.first_step > 0) return std::nullopt;
  EpisodeScript script{episode.rng, episode.level, {}};
  for (std::size_t t = 0; t < time_line_.now_of(episode); ++t) {
    script.actions.push_back(episode.moments[t].action);
  }
  return script;
}

void Viewer::press(ViewerKey key) {
  has_changed_ = true;
  switch (key) {
    case ViewerKey::kPause:
      is_paused_ = !is_paused_;
      break;
    case ViewerKey::kStep:
      is_paused_ = true;
      if (time_line_.go_forth() || player_->is_taken_over()) break;
      if (have_ended()) {
        next_episode();
        step_tiles(/*begins_episodes=*/true);
      } else {
        step();
      }
      break;
    case ViewerKey::kBack:
      is_paused_ = true;
      time_line_.go_back();
      break;
    case ViewerKey::kBegin:
      time_line_.go_to(0);
      break;
    case ViewerKey::kEnd:
      time_line_.go_live();
      break;
    case ViewerKey::kPreviousEpisode:
      if (!time_line_.go_to_previous()) time_line_.go_to(0);
      break;
    case ViewerKey::kFollowingEpisode:
      if (!time_line_.go_to_following()) time_line_.go_live();
      break;
    case ViewerKey::kFaster:
      speed_exponent_ = std::min(speed_exponent_ + 1, kFastest + 1);
      break;
    case ViewerKey::kSlower:
      speed_exponent_ = std::max(speed_exponent_ - 1, kSlowest);
      break;
    case ViewerKey::kNextEpisode:
      next_episode();
      break;
    case ViewerKey::kHelp:
      shows_help_ = !shows_help_;
      break;
    case ViewerKey::kPicture:
      wants_picture_ = true;
      break;
    case ViewerKey::kNewestPolicy:
      if (progress_ != nullptr) policy_choice_ = PolicyChoice();
      break;
    case ViewerKey::kOlderPolicy:
      choose_neighbour(/*is_newer=*/false);
      break;
    case ViewerKey::kNewerPolicy:
      choose_neighbour(/*is_newer=*/true);
      break;
    case ViewerKey::kValues:
      show_next_values();
      break;
    case ViewerKey::kWhy:
    case ViewerKey::kWhyOutput:
      show_next_why(key);
      break;
    case ViewerKey::kGrid:
      show_next_grid();
      break;
    case ViewerKey::kNextTile:
    case ViewerKey::kPreviousTile:
      select_neighbour(key == ViewerKey::kNextTile);
      break;
    case ViewerKey::kOtherSide:
      shows_second_ = !shows_second_;
      break;
    case ViewerKey::kBranch1:
    case ViewerKey::kBranch2:
    case ViewerKey::kBranch3:
    case ViewerKey::kBranch4:
    case ViewerKey::kBranch5:
    case ViewerKey::kBranch6:
    case ViewerKey::kBranch7:
    case ViewerKey::kBranch8:
    case ViewerKey::kBranch9:
    case ViewerKey::kBranch10:
      branch_numbered(static_cast<std::size_t>(key) -
                      static_cast<std::size_t>(ViewerKey::kBranch1));
      break;
    case ViewerKey::kTakeOver:
      take_over_or_hand_back();
      break;
    case ViewerKey::kQuit:
      wants_to_quit_ = true;
      break;
  }
}

void Viewer::advance(double seconds) {
  seconds = std::clamp(seconds, 0.0, kLongestFrame);
  if (notice_left_ > 0) {
    notice_left_ -= seconds;
    if (notice_left_ <= 0) has_changed_ = true;
  }
  if (!is_paused_) measure_steps(seconds);
  if (!is_paused_ && !is_scrubbing_) {
    if (is_live()) {
      pass(seconds * std::ldexp(1.0, speed_exponent_));
    } else {
      show_again(seconds * std::ldexp(1.0, speed_exponent_));
    }
  }
}

void Viewer::show_again(double seconds) {
  due_ += seconds * std::max(player_->spec().frames_per_second, 1);
  while (due_ >= 1 && !is_live()) {
    due_ -= 1;
    time_line_.go_forth();
    has_changed_ = true;
    if (breakpoints_.empty()) continue;
    pause_at_breakpoint(time_line_.frame());
    if (const Episode* const other = time_line_.second_episode()) {
      pause_at_breakpoint(time_line_.frame_in(*other));
    }
    if (is_paused_) break;
  }
  if (is_live()) due_ = 0;
}

void Viewer::choose_neighbour(bool is_newer) {
  if (progress_ == nullptr) return;
  const std::vector<std::int64_t>& steps = progress_->checkpoints;
  const std::int64_t now = policy_ == nullptr ? 0 : policy_->step();
  const auto at = is_newer ? std::upper_bound(steps.begin(), steps.end(), now)
                           : std::lower_bound(steps.begin(), steps.end(), now);
  if (is_newer ? at == steps.end() : at == steps.begin()) {
    return show_notice(is_newer ? "no newer checkpoint" : "no older checkpoint is kept");
  }
  policy_choice_ = PolicyChoice{is_newer ? *at : *(at - 1)};
}

void Viewer::show_next_values() {
  const bool has_policy = policy_ != nullptr;
  switch (board_view_) {
    case BoardView::kNothing:
      board_view_ = has_policy ? BoardView::kPolicy : BoardView::kOptimum;
      break;
    case BoardView::kPolicy:
      board_view_ = BoardView::kOptimum;
      break;
    case BoardView::kOptimum:
      board_view_ = has_policy ? BoardView::kDifference : BoardView::kVisits;
      break;
    case BoardView::kDifference:
      board_view_ = BoardView::kVisits;
      break;
    case BoardView::kVisits:
      board_view_ = BoardView::kNothing;
      break;
  }
  if (board_view_ == BoardView::kNothing || !make_board()) return;
  show_notice(board_title(board_view_));
}

void Viewer::show_next_why(ViewerKey key) {
  if (player_->frame().is_by_hand) return;
  if (key == ViewerKey::kWhy) {
    explainer_.show_next_method();
  } else if (explainer_.is_on()) {
    explainer_.show_next_output();
  } else {
    return show_notice("w explains what the policy does; then e goes on to its other outputs");
  }
  if (!explainer_.is_on()) return;
  const std::shared_ptr<const Explanation> why = frame().why;
  const std::string of = why->output.empty() ? "" : " of " + why->output;
  show_notice(std::string(attribution_name(why->method)) + of + "; e explains another output");
}

bool Viewer::make_board() {
  const std::uint64_t level = time_line_.episode().level;
  if (board_ != nullptr && board_level_ == level) return true;
  try {
    board_ = std::make_unique<StateBoard>(player_->entry(), player_->params(), level, gamma_);
    board_level_ = level;
    return true;
  } catch (const Error& error) {
    board_ = nullptr;
    board_view_ = BoardView::kNothing;
    show_notice(error.what());
    return false;
  }
}

double Viewer::speed() const {
  return is_unlimited() ? HUGE_VAL : std::ldexp(1.0, speed_exponent_);
}

bool Viewer::is_unlimited() const {
  return speed_exponent_ > kFastest;
}

void Viewer::pass(double seconds) {
  const double held = std::max(seconds, std::ldexp(seconds, -speed_exponent_));
  pass_in_tiles(held);
  if (have_ended()) {
    hold_end(held);
    if (!is_end_held() && !player_->is_taken_over()) next_episode();
    if (!is_grid() || is_at_rest()) return;
  }
  if (player_->is_taken_over()) return pass_steered(seconds);
  run_env(seconds, [this] { step(); });
}

void Viewer::run_env(double seconds, const std::function<void()>& take_step) {
  const auto end = std::chrono::steady_clock::now() + kTimePerFrame;
  if (is_unlimited()) {
    for (int i = 0; i < kMostStepsPerFrame && !is_at_rest() && !is_paused_; ++i) {
      if (std::chrono::steady_clock::now() > end) break;
      take_step();
    }
    return;
  }
  due_ += seconds * std::max(player_->spec().frames_per_second, 1);
  for (int i = 0; due_ >= 1 && !is_at_rest() && !is_paused_; ++i) {
    const bool is_late = is_grid() && i > 0 && std::chrono::steady_clock::now() > end;
    due_ = i + 1 < kMostStepsPerFrame && !is_late ? due_ - 1 : 0;
    take_step();
  }
}

void Viewer::set_help(bool shown) {
  if (shown == shows_help_) return;
  shows_help_ = shown;
  has_changed_ = true;
}

void Viewer::set_countdown(int number) {
  if (number == countdown_) return;
  countdown_ = number;
  has_changed_ = true;
}

const FrameData& Viewer::frame() {
  const bool has_time_line = !player_->frame().is_by_hand;
  frame_ = is_live() ? first().frame() : time_line_.frame();
  frame_.side = time_line_.episode().side;
  frame_.is_taken_over = player_->is_taken_over();
  frame_.key_help = player_->frame().key_help;
  frame_.other = nullptr;
  frame_.is_second = false;
  if (has_time_line) time_line_.set_place(frame_);
  if (time_line_.second_episode() != nullptr) set_other_side();
  frame_.why = explainer_.explain(policy_in_panel(), frame_);
  frame_.board = nullptr;
  if (!frame_.is_second && board_view_ != BoardView::kNothing && make_board()) {
    frame_.board =
        std::make_shared<const BoardValues>(board_->values(frame_.obs, policy_, visits_));
  }
  frame_.board_view = board_view_;
  set_tiles();
  frame_.seed = player_->options().seed;
  frame_.level = time_line_.episode().level;
  frame_.is_stochastic = player_->options().stochastic;
  frame_.chart = has_time_line ? chart_of_panel() : nullptr;
  const bool is_measured = !is_paused_ && has_time_line;
  frame_.steps_per_second = is_measured ? steps_per_second_ : std::nullopt;
  frame_.frames_per_second = is_measured ? frames_per_second_ : std::nullopt;
  frame_.speed = speed();
  frame_.panel_scroll = panel_scroll_;
  frame_.folded = folded_;
  frame_.folded_groups = folded_groups_;
  frame_.hint = hint_;
  frame_.pointer = pointer_;
  frame_.is_paused = is_paused_;
  frame_.breakpoint = "";
  for (const FrameData* side : sides_in_order(frame_)) {
    const Breakpoint* const reached = is_paused_ ? reached_breakpoint(*side) : nullptr;
    if (reached != nullptr) frame_.breakpoint = reached->str(*side, gamma_);
  }
  frame_.shows_help = shows_help_;
  frame_.countdown = countdown_;
  frame_.notice = notice_left_ > 0 ? notice_ : "";
  frame_.training = training_;
  frame_.progress = progress_;
  return frame_;
}

bool Viewer::takes_picture() {
  return std::exchange(wants_picture_, false);
}

bool Viewer::has_changed() {
  return std::exchange(has_changed_, false);
}

void Viewer::show_notice(const std::string& line) {
  notice_ = line;
  notice_left_ = kNoticeSeconds;
  has_changed_ = true;
}

void Viewer::set_training(const std::string& line) {
  if (line == training_) return;
  training_ = line;
  has_changed_ = true;
}

void Viewer::set_frame_rate(double frames_per_second) {
  frames_per_second_ = frames_per_second;  // seen with the next step
}

void Viewer::measure_steps(double seconds) {
  constexpr double kSpan = 0.5;
  steps_seconds_ += seconds;
  if (steps_seconds_ < kSpan) return;
  const double before = steps_per_second_.value_or(-1);
  steps_per_second_ = std::exchange(steps_taken_, 0) / std::exchange(steps_seconds_, 0);
  if (std::round(before) != std::round(*steps_per_second_)) has_changed_ = true;
}

std::shared_ptr<const ValueChart> Viewer::chart_of_panel() const {
  const bool is_second = frame_.is_second && time_line_.second_episode() != nullptr;
  const Episode& episode = is_second ? *time_line_.second_episode() : time_line_.episode();
  return std::make_shared<const ValueChart>(
      value_chart(episode, time_line_.now_of(episode), gamma_));
}

void Viewer::set_progress(std::shared_ptr<const TrainingProgress> progress) {
  if (progress == progress_) return;
  progress_ = std::move(progress);
  has_changed_ = true;
}

std::optional<PolicyChoice> Viewer::takes_policy_choice() {
  return std::exchange(policy_choice_, std::nullopt);
}

void Viewer::next_episode() {
  if (pair_ && pair_->is_branch) pair_ = nullptr;
  policy_ = source_();
  player_->start(policy_.get());
  if (player_->is_taken_over()) steering_.begin();
  if (pair_) {
    pair_->second_policy = pair_->second_source();
    pair_->second->start_as(*player_, pair_->second_policy.get());
  }
  time_line_.begin(*player_, second(), pair_ ? pair_->names : SideNames());
  count_visit(*player_);
  due_ = 0;
  hold_ = kHoldSeconds;
  has_changed_ = true;
  pause_at_breakpoint(player_->frame());
}

void Viewer::step() {
  policy_ = source_();
  ++steps_taken_;
  if (!have_ended()) step_shown();
  step_tiles(/*begins_episodes=*/is_paused_);
}

void Viewer::step_shown() {
  first().step(policy_.get());
  if (pair_) {
    pair_->second_policy = pair_->second_source();
    pair_->second->step(pair_->second_policy.get());
  }
  time_line_.add(first(), second());
  if (!pair_ || !pair_->is_branch) count_visit(*player_);
  has_changed_ = true;
  pause_at_breakpoint(first().frame());
  if (pair_) pause_at_breakpoint(second()->frame());
  if (!have_ended()) return;
  if (!is_grid()) due_ = 0;
  hold_ = kHoldSeconds;
  if (!pair_ || !pair_->is_branch) return;
  is_paused_ = true;
  show_notice("both futures are over; space goes on with a new episode");
}

void Viewer::set_breakpoints(std::vector<Breakpoint> breakpoints) {
  breakpoints_ = std::move(breakpoints);
  const FrameData& frame = player_->frame();
  for (const Breakpoint& breakpoint : breakpoints_) {
    if (!breakpoint.is_unknown(frame)) continue;
    const std::string who = frame.agent.empty() ? "random actions have" : frame.agent + " has";
    show_notice("'" + breakpoint.text() + "' is not reached: " + who + " no " + breakpoint.name());
  }
  pause_at_breakpoint(frame);
}

const Breakpoint* Viewer::reached_breakpoint(const FrameData& frame) const {
  const auto reached = std::find_if(
      breakpoints_.begin(), breakpoints_.end(),
      [&](const Breakpoint& breakpoint) { return breakpoint.is_reached(frame, gamma_); });
  return reached == breakpoints_.end() ? nullptr : &*reached;
}

void Viewer::pause_at_breakpoint(const FrameData& frame) {
  if (reached_breakpoint(frame) != nullptr) is_paused_ = true;
}

void Viewer::count_visit(EpisodePlayer& player) {
  const std::vector<Field>& fields = player.spec().obs.fields();
  const bool may_be_state = !fields.empty() && fields[0].categories > 0 && fields[0].size() == 1;
  if (!may_be_state) return;
  const float state = player.frame().obs[0];  // of a plugin it may be anything
  const bool is_state = state >= 0 && state < static_cast<float>(fields[0].categories);
  if (is_state) visits_.add(player.beginning().level, static_cast<int>(state));
}

}  // namespace tern
