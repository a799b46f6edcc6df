#include "render/viewer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "render/board_overlay.h"
#include "render/frame_layout.h"
#include "render/side_by_side.h"

namespace tern {
namespace {

constexpr int kSlowest = -4, kFastest = 6;  // 1/16 to 64 times; above it there is no limit
/// Of a frame, for the steps of an env without a limit of speed.
constexpr std::chrono::milliseconds kTimePerFrame(12);
constexpr double kHoldSeconds = 0.9;
constexpr double kNoticeSeconds = 3;
/// After a pause of the whole program the env does not catch up.
constexpr double kLongestFrame = 0.5;
/// An env or policy too slow for the speed asked for gets slower, not the window.
constexpr int kMostStepsPerFrame = 256;

bool is_inside(Point p, const Rectangle& area) {
  return p.x >= area.low.x && p.x < area.high.x && p.y >= area.low.y && p.y < area.high.y;
}

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

void Viewer::use_mouse(const MouseInput& mouse, int width, int height) {
  point_at_panel(mouse);
  const Rectangle track = time_line_track(width, height);
  if (!player_->frame().is_by_hand && track.low.x < track.high.x) scrub(mouse, track);
}

void Viewer::scrub(const MouseInput& mouse, const Rectangle& track) {
  if (mouse.went_down) {
    const float reach = 2 * (track.high.y - track.low.y);  // a person need not hit it exactly
    is_scrubbing_ = is_inside(mouse.at, {{track.low.x - reach, track.low.y - reach},
                                         {track.high.x + reach, track.high.y + reach}});
  }
  if (!is_scrubbing_) return;
  const double part =
      std::clamp((mouse.at.x - track.low.x) / (track.high.x - track.low.x), 0.0f, 1.0f);
  time_line_.go_to(
      static_cast<std::size_t>(std::lround(part * static_cast<double>(time_line_.last()))));
  is_scrubbing_ = mouse.is_held;
  has_changed_ = true;
}

void Viewer::point_at_panel(const MouseInput& mouse) {
  constexpr float kNotch = 60;  // pixels at scale 1
  const float most = panel_.hidden / panel_.scale;
  const bool is_over = is_inside(mouse.at, panel_.panel);
  const float scrolled =
      std::clamp(panel_scroll_ - (is_over ? kNotch * mouse.wheel : 0), 0.0f, most);
  if (scrolled != panel_scroll_) has_changed_ = true;
  panel_scroll_ = scrolled;
  std::string hint;
  for (const PanelMap::Area& area : panel_.areas) {
    if (!is_over || !is_inside(mouse.at, area.at)) continue;
    if (!area.hint.empty()) hint = area.hint;
    if (mouse.went_down) click_on(area, mouse.at);
  }
  const bool has_moved = mouse.at.x != pointer_.x || mouse.at.y != pointer_.y;
  if (hint != hint_ || (has_moved && !hint.empty())) has_changed_ = true;
  hint_ = hint;
  pointer_ = mouse.at;
}

void Viewer::click_on(const PanelMap::Area& area, Point at) {
  if (area.is_title) {
    folded_.flip(static_cast<std::size_t>(area.section));
    has_changed_ = true;
  }
  if (!area.group.empty()) {
    if (folded_groups_.erase(area.group) == 0) folded_groups_.insert(area.group);
    has_changed_ = true;
  }
  if (area.checkpoint) policy_choice_ = PolicyChoice{area.checkpoint};
  if (!area.change) return;
  ActionChange change = *area.change;
  if (area.high > area.low) {  // a place in the bar of a real component
    const float width = area.bar.high.x - area.bar.low.x;
    const float part = std::clamp((at.x - area.bar.low.x) / width, 0.0f, 1.0f);
    change.value = static_cast<float>(area.low + part * (area.high - area.low));
  }
  branch(change);
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
  if (have_ended()) {
    hold_end(std::max(seconds, std::ldexp(seconds, -speed_exponent_)));
    if (!is_end_held() && !player_->is_taken_over()) next_episode();
    return;
  }
  if (player_->is_taken_over()) return pass_steered(seconds);
  run_env(seconds, [this] { step(); });
}

void Viewer::run_env(double seconds, const std::function<void()>& take_step) {
  if (is_unlimited()) {
    const auto end = std::chrono::steady_clock::now() + kTimePerFrame;
    for (int i = 0; i < kMostStepsPerFrame && !have_ended() && !is_paused_; ++i) {
      if (std::chrono::steady_clock::now() > end) break;
      take_step();
    }
    return;
  }
  due_ += seconds * std::max(player_->spec().frames_per_second, 1);
  for (int i = 0; due_ >= 1 && !have_ended() && !is_paused_; ++i) {
    due_ = i + 1 < kMostStepsPerFrame ? due_ - 1 : 0;
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
  count_visit();
  due_ = 0;
  hold_ = kHoldSeconds;
  has_changed_ = true;
  pause_at_breakpoint(player_->frame());
}

void Viewer::step() {
  policy_ = source_();
  first().step(policy_.get());
  if (pair_) {
    pair_->second_policy = pair_->second_source();
    pair_->second->step(pair_->second_policy.get());
  }
  time_line_.add(first(), second());
  count_visit();
  has_changed_ = true;
  pause_at_breakpoint(first().frame());
  if (pair_) pause_at_breakpoint(second()->frame());
  if (!have_ended()) return;
  due_ = 0;
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

void Viewer::count_visit() {
  const std::vector<Field>& fields = player_->spec().obs.fields();
  const bool may_be_state = !fields.empty() && fields[0].categories > 0 && fields[0].size() == 1;
  if (!may_be_state || (pair_ && pair_->is_branch)) return;
  const float state = player_->frame().obs[0];  // of a plugin it may be anything
  const bool is_state = state >= 0 && state < static_cast<float>(fields[0].categories);
  if (is_state) visits_.add(player_->beginning().level, static_cast<int>(state));
}

}  // namespace tern
