#pragma once
// Watching a policy: what keys do, how time passes, what is shown. Without a window, so that it is
// tested without one; render/viewer_loop.h joins both.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/policy.h"
#include "render/breakpoint.h"
#include "render/episode_player.h"
#include "render/explainer.h"
#include "render/frame_data.h"
#include "render/player_keys.h"
#include "render/side_panel.h"
#include "render/state_board.h"
#include "render/steering.h"
#include "render/time_line.h"
#include "render/visit_counts.h"
#include "render/window.h"

namespace tern {

/// The policy to show now; null: random actions. Asked before every step.
using PolicySource = std::function<std::shared_ptr<Policy>()>;

/// How many envs a viewer shows at once, at most.
constexpr std::size_t kMostTiles = 16;

/// Which policy of a run a person wants to see.
struct PolicyChoice {
  std::optional<std::int64_t> step;  // of its checkpoint; none: always the newest
};

/// The end of an episode stays so long, in seconds.
constexpr double kHoldSeconds = 0.9;

class Viewer {
 public:
  /// Starts the first episode, and takes the steps that EpisodeOptions::script has.
  Viewer(std::unique_ptr<EpisodePlayer> player, PolicySource source);
  virtual ~Viewer() = default;

  void press(ViewerKey key);
  /// Scrubs where the mouse holds the time line of a window of that size in pixels; over the panel
  /// the wheel scrolls, a click on a title folds its section, one on an evaluation asks for its
  /// policy, and a pointer is told what it rests on.
  void use_mouse(const MouseInput& mouse, int width, int height);
  /// What lies where in the panel that was drawn last.
  void set_panel(const PanelMap& panel) { panel_ = panel; }
  /// Which sections of the panel are folded, by PanelSection.
  void set_folded(const std::bitset<kPanelSections>& folded) { folded_ = folded; }
  const std::bitset<kPanelSections>& folded() const { return folded_; }
  /// What a person who plays, or has taken over, did since the last call.
  virtual void play(const PlayerInput& input);
  /// Whose keys the window's are now.
  KeyUse key_use() const;
  /// Lets real time pass: the env takes the steps that fall into it at the present speed. An
  /// episode's end stays for a moment before the next one begins. An earlier moment goes on through
  /// what was shown, until the newest is reached.
  void advance(double seconds);
  /// The present moment with all that people see around it.
  const FrameData& frame();

  bool wants_to_quit() const { return wants_to_quit_; }
  bool is_paused() const { return is_paused_; }
  /// The moment that is shown, to be come back to; none where its beginning was not kept.
  std::optional<EpisodeScript> place() const;
  /// True once after each press of the key for a picture.
  bool takes_picture();
  /// Shown for three seconds.
  void show_notice(const std::string& line);
  /// What becomes of the training; stays until it is set again.
  void set_training(const std::string& line);
  /// The run that the policies are from; null: none.
  void set_progress(std::shared_ptr<const TrainingProgress> progress);
  /// What values of cells and TD errors are discounted by, in [0, 1]; 0.99 unless it is said.
  void set_discount(double gamma) { gamma_ = gamma; }
  /// Time stops at each moment that satisfies one of them, the present one too. What the policy
  /// cannot say is remarked.
  void set_breakpoints(std::vector<Breakpoint> breakpoints);
  /// Another one plays beside this viewer's from now on, each of its episodes with the same
  /// beginning. The first episode begins anew.
  struct Rival {
    std::unique_ptr<EpisodePlayer> player;
    PolicySource source;
    SideNames names;
  };
  void compare_with(Rival rival);
  /// So many envs of the policy play at once, from 1 to kMostTiles, the i-th with the seed of the
  /// first plus i. One of them is in the panel, on the time line, and what keys are for; the others
  /// play on beside it, while it plays. A breakpoint that another one reaches selects it. While a
  /// person steers or a branch is shown, it is shown alone.
  void show_envs(std::size_t count);
  /// Frames that the window drew in the last second.
  void set_frame_rate(double frames_per_second);
  /// What was chosen since the last call, by a key or by a click into the learning curve.
  std::optional<PolicyChoice> takes_policy_choice();
  /// True if the picture changed since the last call.
  bool has_changed();

 protected:
  /// Lets the env's time pass, seconds at speed 1.
  virtual void pass(double seconds);

  EpisodePlayer& player() { return *player_; }
  void next_episode();
  void step();
  /// Calls take_step once for each step that falls into the time.
  void run_env(double seconds, const std::function<void()>& take_step);
  /// A turn-based env takes a step for each key that means something to it.
  void steer(const PlayerInput& input);
  /// Another one runs in real time with what is held down, after a countdown.
  void pass_steered(double seconds);
  Steering& steering() { return steering_; }
  /// Takes the step that a person chose.
  virtual void take_chosen_step();
  /// The end of an episode stays in sight for a while.
  void hold_end(double seconds) { hold_ -= seconds; }
  bool is_end_held() const { return hold_ > 0; }
  bool is_live() const { return time_line_.is_live(); }
  void set_help(bool shown);
  /// A number over the env; 0: none.
  void set_countdown(int number);

 private:
  void take_over_or_hand_back();
  void take_over();
  /// Unless the newest moment of an episode alone is shown, which goes on anyway. Throws Error if
  /// that one is over.
  void go_on_from_what_is_shown();
  void take_step(const Keys& keys);
  /// Goes on from an earlier moment.
  void show_again(double seconds);
  void scrub(const MouseInput& mouse, const Rectangle& track);
  void point_at_panel(const MouseInput& mouse);
  void click_on(const PanelMap::Area& area, Point at);
  void choose_neighbour(bool is_newer);
  /// Takes another action at the moment that is shown; its future and the one without it play side
  /// by side from there.
  void branch(const ActionChange& change);
  void branch_numbered(std::size_t number);
  /// Puts the second of two episodes into frame_.
  void set_other_side();
  /// Whose steps are shown live; second: null where there is one alone.
  EpisodePlayer& first() { return pair_ && pair_->first ? *pair_->first : *player_; }
  EpisodePlayer* second() { return pair_ ? pair_->second.get() : nullptr; }
  bool have_ended();
  /// The same of all envs.
  bool is_at_rest();
  /// One env of a grid. That of the selected one is empty: it is the viewer's own.
  struct LiveTile {
    std::unique_ptr<EpisodePlayer> player;
    TimeLine time_line;
    double hold = 0;  // seconds that the end of its episode still stays
  };
  bool is_grid() const;
  void show_next_grid();
  void add_tile(std::uint64_t seed);
  void begin_episode_of(LiveTile& tile);
  void select_tile(std::size_t i);
  void select_neighbour(bool is_next);
  /// begins_episodes: where one is over, the next one begins.
  void step_tiles(bool begins_episodes);
  void pass_in_tiles(double seconds);
  /// Puts all envs into frame_, which is that of the selected one.
  void set_tiles();
  void measure_steps(double seconds);
  std::shared_ptr<const ValueChart> chart_of_panel() const;
  void show_next_values();
  void show_next_why(ViewerKey key);
  /// The policy that plays the episode in the panel; null: random actions.
  Policy* policy_in_panel() const;
  /// Makes the board of the level that is shown. False, and a notice, if the env has none.
  bool make_board();
  /// The first breakpoint that the moment satisfies; null: none.
  const Breakpoint* reached_breakpoint(const FrameData& frame) const;
  void pause_at_breakpoint(const FrameData& frame);
  void step_shown();
  void count_visit(EpisodePlayer& player);
  double speed() const;
  bool is_unlimited() const;

  std::unique_ptr<EpisodePlayer> player_;
  PolicySource source_;
  std::shared_ptr<Policy> policy_;
  TimeLine time_line_;
  FrameData frame_;
  int speed_exponent_ = 0;  // of two
  double due_ = 0;          // steps of the env that time has passed for
  std::vector<LiveTile> tiles_;  // empty: one env alone
  std::size_t selected_tile_ = 0;
  double hold_ = 0;         // seconds that the end of the episode still stays
  double notice_left_ = 0;  // seconds
  /// Who play side by side: both futures of a branch, or this viewer's player and its rival.
  struct Pair {
    std::unique_ptr<EpisodePlayer> first;  // null: player_
    std::unique_ptr<EpisodePlayer> second;
    PolicySource second_source;
    std::shared_ptr<Policy> second_policy;  // that took the last step
    SideNames names;
    bool is_branch = false;  // of one episode
  };
  std::unique_ptr<Pair> pair_;
  bool shows_second_ = false;  // in the panel
  PanelMap panel_;
  float panel_scroll_ = 0;  // pixels at scale 1
  std::bitset<kPanelSections> folded_;
  std::set<std::string> folded_groups_;  // of observation fields
  std::string hint_;
  Point pointer_;
  bool is_scrubbing_ = false;
  bool is_paused_ = false, shows_help_ = false, wants_to_quit_ = false, wants_picture_ = false;
  bool has_changed_ = true;
  int countdown_ = 0;
  std::string notice_, training_;
  std::shared_ptr<const TrainingProgress> progress_;
  std::optional<PolicyChoice> policy_choice_;
  BoardView board_view_ = BoardView::kNothing;
  std::unique_ptr<StateBoard> board_;  // of the level board_level_; null where none was asked for
  std::uint64_t board_level_ = 0;
  VisitCounts visits_;
  std::vector<Breakpoint> breakpoints_;
  Explainer explainer_;
  Steering steering_;
  double gamma_ = 0.99;
  /// Steps of the env in the time that passed since they were counted.
  int steps_taken_ = 0;
  double steps_seconds_ = 0;
  std::optional<double> steps_per_second_, frames_per_second_;
};

}  // namespace tern
