#pragma once
// Everything a window or a recording shows of one moment. Plain values: panels read nothing else.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/attribution.h"
#include "core/drawing/recording_canvas.h"
#include "core/metrics/learning_curve.h"
#include "core/policy.h"
#include "envs/env.h"
#include "render/board_values.h"
#include "render/key_meaning.h"

namespace tern {

/// How many of the last values a frame has.
constexpr std::size_t kRememberedValues = 300;

/// Steps [begin, end).
struct StepRange {
  int begin = 0, end = 0;
  bool operator==(const StepRange&) const = default;
};

/// The parts of the side panel that can be folded.
enum class PanelSection : std::uint8_t {
  kSides,
  kCurve,
  kBoard,
  kValue,
  kAction,
  kQuantiles,
  kWhy,
  kTerms,
  kInfo,
  kObservation,
  kMemory
};
constexpr std::size_t kPanelSections = static_cast<std::size_t>(PanelSection::kMemory) + 1;

/// What an output of the policy owes to each number of the observation.
struct Explanation {
  AttributionMethod method = AttributionMethod::kIntegratedGradients;
  std::string output;       // "log pi(a | s)"
  Attribution attribution;  // without scores where there is a refusal
  std::string refusal;      // a sentence; "": there is none
};

/// What a policy expected of an episode and what came, over the last moments up to one.
struct ValueChart {
  std::vector<double> values;     // V(s) or the best Q
  std::vector<double> realised;   // discounted rewards from there to the last moment that there is,
                                  // and its discounted value unless the env terminated there
  std::vector<double> returns;    // so far, undiscounted
  std::vector<double> td_errors;  // of the step that led there; not a number at the start
};

/// One of several envs that play at once.
struct Tile {
  RecordingCanvas env;
  std::uint64_t seed = 0;
  int step = 0;
  std::string result;  // the return so far
  std::string end;     // "terminated"; "": it goes on
};

struct FrameData {
  std::shared_ptr<const EnvSpec> spec;  // never null in a frame that is drawn

  std::string agent;             // "ppo"; "": random actions, or a person's
  bool is_by_hand = false;       // a person plays
  bool is_taken_over = false;    // a person steers the policy's episode now
  std::vector<KeyMeaning> key_help;  // with what keys
  std::int64_t policy_step = 0;  // environment steps the policy was trained for

  RecordingCanvas env;           // as the env drew itself
  std::vector<float> obs;          // one row; bytes as numbers
  std::vector<std::uint8_t> mask;  // [M]
  std::vector<float> action;       // about to be taken; empty when the episode is over
  std::vector<float> policy_action;  // what the policy would do where a person steers; else empty
  Inspection inspection;           // of this observation
  std::vector<float> policy_state;         // what a policy with memory remembered before it
  std::shared_ptr<const Explanation> why;  // null: nobody asked

  std::uint64_t seed = 0, level = 0;  // of the episodes
  bool is_stochastic = false;         // actions are drawn, as in training
  int episode = 1;            // counted from 1
  int step = 0;               // steps done in it
  int max_steps = 0;          // its time limit; 0: none
  double episode_return = 0;  // so far; of player 0 where there are more
  std::vector<double> player_returns;  // so far, of each; empty with one player
  float reward = 0;           // of the last step
  std::vector<float> reward_terms;  // its parts, EnvSpec::reward_terms; empty before it
  double largest_reward_term = 0;   // of all |term| of this episode so far
  std::vector<float> info;          // of the last step, EnvSpec::info
  int player = 0;                   // whose view `obs` is: who acts next
  bool terminated = false;    // the episode is over
  bool truncated = false;
  bool is_cut = false;        // truncated by no rule but by EpisodeOptions::cut_after
  std::vector<double> past_returns;  // of finished episodes, the newest last
  std::vector<double> past_values;   // V or the best Q at the episode's last steps, this one too
  double largest_action_value = 0;   // of all |Q(s, a)| and |quantile| that this policy thought

  int first_recorded_step = 0, recorded_steps = -1;  // ends of the time line; -1: there is none
  std::vector<StepRange> steered;  // the steps of the time line that a person steered
  bool is_replay = false;   // not the newest moment
  int time_line_step = 0;   // the step that the time line stands at; another episode may be longer

  std::string side;  // which of two episodes this is: "instead: left"; "": it stands alone
  std::shared_ptr<const FrameData> other;  // the one beside it
  bool is_second = false;                  // it stands at the right or below
  std::optional<int> first_difference;     // the first step of both where states or actions differ

  bool is_recorded = false;  // a frame of a film: nobody has keys
  std::vector<Tile> tiles;                  // all envs that play at once; empty: this one alone
  std::size_t selected_tile = 0;            // of those the one that everything else here is of
  std::shared_ptr<const ValueChart> chart;  // null: none

  float panel_scroll = 0;               // pixels at scale 1
  std::bitset<kPanelSections> folded;  // by PanelSection
  std::set<std::string> folded_groups;  // of observation fields: "robot.arm"
  std::string hint;                     // of what the pointer rests on
  Point pointer;                        // pixels of the window, the origin in the lower left corner

  double speed = 1;  // of the env's own frames per second; infinite: as fast as it goes
  std::optional<double> steps_per_second;   // of this env; none: not measured
  std::optional<double> frames_per_second;  // that a window draws
  bool is_paused = false;
  std::string breakpoint;  // that this moment satisfies: "td_error > 5 (6.13)"; "": none
  bool shows_help = false;
  int countdown = 0;     // until an episode in real time begins; 0: it runs
  std::string notice;    // one line for a person: "saved watch-1.png"
  std::string training;  // one line on the run that the policy is from; "": nothing to say
  BoardView board_view = BoardView::kNothing;  // what is drawn over the cells of a tabular env
  std::shared_ptr<const BoardValues> board;    // null: nothing
  std::shared_ptr<const TrainingProgress> progress;  // of that run; null: nobody follows one
};

/// One option of a discrete action.
struct ChoiceBar {
  std::string name;  // "left"; with several components "gripper: close"
  bool is_chosen = false;
  bool is_policy_choice = false;  // of FrameData::policy_action
  bool is_allowed = true;
  std::optional<double> probability;
  std::optional<double> value;  // Q(s, a)
  float from = 0, to = 0;  // of its bar, in [0, 1]: 0 to the probability, or zero to Q, or chosen
  std::vector<double> quantiles;    // of the return after it, the finite ones, rising
  std::optional<double> deviation;  // standard deviation of all quantiles
  double low = 0, high = 1;         // values at the ends of its bar
  /// Where a value lies between low (0) and high (1), at most.
  float place(double x) const;
};

/// One component of a Box action. `low`, `high` are finite.
struct RealBar {
  std::string name, unit;
  double low = -1, high = 1;
  double action = 0;
  std::optional<double> mean, standard_deviation, policy_action;
  /// Where a value lies between low (0) and high (1), at most.
  float place(double x) const;
};

/// One number of the observation. Images are left out.
struct ObservedValue {
  std::string name, unit;  // "pole angle"; an element of a vector "arm.rays 3"
  std::string group;       // of its field: "arm"; "": in none
  double value = 0;
  double low = 0, high = 0;  // of its bar; finite, low < high
  int categories = 0;        // n > 0: an index in [first, first + n)
  int first = 0;
};

/// The return so far as text: "3.5", or with several players that of each, "1 : -1".
std::string return_text(const FrameData& frame);

/// Empty for Box actions.
std::vector<ChoiceBar> choice_bars(const FrameData& frame);
/// Standard deviation of the return after a choice, by its quantiles; none without finite ones.
std::optional<double> return_deviation(const Inspection& inspection, std::size_t choice);
/// "by 0.35": how much better the best allowed action is than the second; "": there are no two.
std::string gap_label(const std::vector<ChoiceBar>& bars);
/// Empty for discrete actions.
std::vector<RealBar> real_bars(const FrameData& frame);
/// At most `most` of them; unbounded fields get a bar that grows with the value: 1, 2, 5, 10, ..
std::vector<ObservedValue> observed_values(const FrameData& frame, std::size_t most);

/// What the env tells beside the observation.
std::vector<ObservedValue> info_values(const FrameData& frame);

/// The best estimate of what is to come: V, or else the largest Q of an allowed action.
std::optional<double> state_value(const Inspection& inspection, Row<const std::uint8_t> mask);
/// What it is: "value V(s)", or "best Q(s, a)" of a policy that has action values and no probabilities.
const char* value_name(const Inspection& inspection);

/// "terminated", "time limit", "cut"; "" while the episode goes on.
std::string end_label(const FrameData& frame);
/// "ppo, 100 k steps", "random actions".
std::string policy_label(const FrameData& frame);
/// "ppo"; "the policy" of random actions.
std::string agent_name(const FrameData& frame);
/// "left"; "0.35 -1.2"; "" when the episode is over.
std::string action_label(const FrameData& frame);
/// "1/4x", "2x".
std::string speed_label(double speed);
/// "950", "51 k", "1.25 M".
std::string count_text(std::int64_t count);
/// At most four significant digits, no exponent below a million: "12", "0.35", "-163.2".
std::string short_number(double value);

}  // namespace tern
