#include "render/frame_layout.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>

#include "core/error.h"
#include "render/board_overlay.h"
#include "render/env_grid.h"
#include "render/gaussian_bracket.h"
#include "render/quantile_ticks.h"
#include "render/side_by_side.h"
#include "render/viewport_canvas.h"
#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

bool has_player(const FrameData& frame) {
  return frame.is_by_hand || frame.is_taken_over;
}

/// "Push a cart left or right so that the pole on it stays upright."
std::string goal_sentence(const EnvSpec& spec) {
  std::string text = spec.summary;
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text.back() == '.' ? text : text + '.';
}

void draw_help(Canvas& canvas, Point low, Point high, float scale, const FrameData& frame) {
  const std::vector<KeyMeaning> lines = help_lines(frame);
  const float margin = std::min({26 * scale, (high.y - low.y) / 12, (high.x - low.x) / 12});
  const float width = std::min((has_player(frame) ? 400 : 270) * scale, high.x - low.x);
  float text = 11 * scale;
  std::vector<std::string> goal;
  if (has_player(frame)) {
    goal = wrapped(goal_sentence(*frame.spec), text, width - 2 * margin);
  }
  // The title counts as one line, and half a line lies below each part.
  const auto rows = static_cast<float>(lines.size() + goal.size()) + (goal.empty() ? 1.3f : 1.9f);
  const float row = std::min(25 * scale, (high.y - low.y - 2 * margin) / rows);
  text = std::min(text, 0.62f * row);
  const float height = 2 * margin + rows * row - (row - text);
  const Point corner{(low.x + high.x - width) / 2, (low.y + high.y - height) / 2};
  canvas.rectangle(low, high, {250, 250, 247, 150});
  rounded(canvas, corner, {corner.x + width, corner.y + height}, 12 * scale, kShade);
  float y = corner.y + height - margin - text;
  canvas.text({corner.x + margin, y}, 12 * text / 11, has_player(frame) ? frame.spec->id : "Keys",
              kPaper);
  y -= 1.3f * row;
  for (const std::string& line : goal) {
    canvas.text({corner.x + margin, y}, text, line, palette::kItem);
    y -= row;
  }
  if (!goal.empty()) y -= 0.6f * row;
  const float keys_width = std::min(104 * scale, 0.35f * width);
  const float left = corner.x + margin + keys_width + 12 * scale;
  for (const KeyMeaning& line : lines) {
    canvas.text({corner.x + margin, y}, text, fitted(line.keys, text, keys_width),
                palette::kAgentLight);
    canvas.text({left, y}, text, fitted(line.meaning, text, corner.x + width - margin / 2 - left),
                kPaper);
    y -= row;
  }
}

std::string end_text(const FrameData& frame) {
  if (frame.is_by_hand) {
    return "game over after " + std::to_string(frame.step) +
           (frame.step == 1 ? " step" : " steps") + ", score " + return_text(frame) +
           "; enter plays again";
  }
  const std::string text = end_label(frame) + " after " + std::to_string(frame.step) +
                           (frame.step == 1 ? " step" : " steps") + ", return " +
                           return_text(frame);
  return frame.is_taken_over ? text + "; enter plays again, tab hands back" : text;
}

/// For a player: the best episode so far, this one too if it is over.
std::string best_text(const FrameData& frame) {
  std::vector<double> returns = frame.past_returns;
  if (frame.terminated || frame.truncated) returns.push_back(frame.episode_return);
  if (returns.empty()) return "";
  return "best score " + short_number(*std::max_element(returns.begin(), returns.end()));
}

void draw_overlays(Canvas& canvas, Point low, Point high, float scale, const FrameData& frame) {
  const float text = 11 * scale, gap = 12 * scale;
  Point at{low.x + gap, high.y - gap};
  const auto add = [&](const std::string& line) {
    at.y -= pill(canvas, at, text, fitted(line, text, high.x - low.x - 4 * gap)) + gap / 2;
  };
  if (frame.is_paused) {
    const std::string place = frame.breakpoint.empty() ? "" : " at " + frame.breakpoint;
    const std::string keys =
        has_player(frame) ? ": F3 goes on" : ": space goes on, n is one step";
    add("paused" + place + (frame.tiles.empty() ? keys : ""));  // a long one would cover a tile
  }
  if (frame.is_taken_over) add("you steer: tab hands back, F1 says the keys");
  const bool is_over = frame.terminated || frame.truncated;
  if (is_over && frame.other == nullptr && frame.tiles.empty()) add(end_text(frame));
  if (frame.is_by_hand && !best_text(frame).empty()) add(best_text(frame));
  if (!frame.notice.empty()) {
    const float height = 2.2f * text;
    pill(canvas, {low.x + gap, low.y + gap + height}, text,
         fitted(frame.notice, text, high.x - low.x - 4 * gap));
  }
  if (frame.countdown > 0 && !frame.shows_help) {
    const Point middle{(low.x + high.x) / 2, (low.y + high.y) / 2};
    const float size = std::min(60 * scale, (high.y - low.y) / 4);
    canvas.circle(middle, size, kShade);
    canvas.text({middle.x, middle.y - size / 2}, size, std::to_string(frame.countdown), kPaper,
                Align::kCenter);
  }
  if (frame.shows_help) draw_help(canvas, low, high, scale, frame);
}

constexpr std::size_t kMostThoughts = 4;  // rows of them in a film's strip

/// The chosen one and the most likely or the best of the others, in their own order.
std::vector<ChoiceBar> foremost(const std::vector<ChoiceBar>& choices) {
  std::vector<std::size_t> order(choices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t i) {
    return std::tuple(choices[i].is_chosen, choices[i].is_allowed, choices[i].to);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) > rank(b); });
  order.resize(std::min(order.size(), kMostThoughts));
  std::sort(order.begin(), order.end());
  std::vector<ChoiceBar> kept;
  for (const std::size_t i : order) kept.push_back(choices[i]);
  return kept;
}

/// The strip's right part: what the policy thinks, at most four rows of it: probabilities, action
/// values, or where a Gaussian lies. Returns its left end.
float draw_thoughts(Canvas& canvas, Point low, Point high, float text, const FrameData& frame) {
  const Inspection& thought = frame.inspection;
  const bool has_values = thought.probabilities.empty() && !thought.action_values.empty();
  const bool has_thoughts =
      !thought.probabilities.empty() || !thought.action_values.empty() || !thought.mean.empty();
  if (frame.action.empty() || !has_thoughts) return high.x;
  const std::vector<ChoiceBar> choices = foremost(choice_bars(frame));
  std::vector<RealBar> reals = real_bars(frame);
  if (reals.size() > kMostThoughts) reals.resize(kMostThoughts);
  if (choices.empty() && reals.empty()) return high.x;
  const float width = std::min(0.42f * (high.x - low.x), 20 * text);
  const float left = high.x - width, gap = 0.35f * text;
  const auto rows = static_cast<float>(choices.size() + reals.size());
  const float row = std::min((high.y - low.y) / rows, 1.9f * text);
  const float letters = std::min(text, row - 2);
  const float bar_left = left + 0.42f * width;
  const float bar_right = high.x - (has_values ? 0.2f * width : 0);
  float y = (low.y + high.y + rows * row) / 2;
  for (const ChoiceBar& choice : choices) {
    y -= row;
    const float base = y + (row - letters) / 2;
    const Color ink = choice.is_chosen ? palette::kInk : kLabel;
    canvas.text({left, base}, letters, fitted(choice.name, letters, 0.42f * width - gap), ink);
    bar(canvas, {bar_left, base + 0.1f * letters}, {bar_right, base + 0.9f * letters}, choice.from,
        choice.to, choice.is_chosen ? palette::kAgent : palette::kAgentLight);
    draw_quantiles(canvas, {bar_left, base + 0.1f * letters}, {bar_right, base + 0.9f * letters},
                   choice);
    if (!has_values || !choice.value) continue;
    const std::string number = choice.is_allowed ? short_number(*choice.value) : "no";
    canvas.text({high.x, base}, letters, fitted(number, letters, 0.2f * width - gap), ink,
                Align::kRight);
  }
  for (const RealBar& real : reals) {
    y -= row;
    const float base = y + (row - letters) / 2;
    const Point bar_low{bar_left, base + 0.1f * letters}, bar_high{high.x, base + 0.9f * letters};
    canvas.text({left, base}, letters, fitted(real.name, letters, 0.42f * width - gap),
                palette::kInk);
    bar(canvas, bar_low, bar_high, real.place(0), real.place(real.action), palette::kAgent);
    draw_gaussian(canvas, bar_low, bar_high, real);
  }
  return left;
}

struct WindowParts {
  Rectangle env, panel;
  bool has_panel = false;
  float scale = 1;  // of texts and distances in them
};

/// The env at the left, the panel at the right; in tall windows the env above the panel, so that it
/// is never narrower than 1:2; in small ones the env alone.
WindowParts window_parts(float w, float h) {
  constexpr float kPanel = 320, kLeastBeside = 420;  // pixels
  WindowParts parts;
  parts.scale = std::clamp(std::min(h / 640, w / 960), 0.8f, 4.0f);
  const float panel = std::round(kPanel * parts.scale);
  if (w >= kLeastBeside && w - panel >= h / 2) {
    parts.has_panel = true;
    parts.env = {{0, 0}, {w - panel, h}};
    parts.panel = {{w - panel, 0}, {w, h}};
  } else if (w >= 0.8f * kPanel && h >= 1.25f * w) {
    parts.scale = std::clamp(std::min(h / 1100, w / kPanel), 0.8f, 4.0f);
    const float middle = std::round(h / 2);
    parts.has_panel = true;
    parts.env = {{0, middle}, {w, h}};
    parts.panel = {{0, 0}, {w, middle}};
  } else {
    parts.env = {{0, 0}, {w, h}};
  }
  return parts;
}

constexpr float kTimeLineHeight = 30;  // pixels at scale 1

Rectangle track_of(const WindowParts& parts) {
  const float s = parts.scale, middle = parts.env.low.y + kTimeLineHeight * s / 2;
  return {{parts.env.low.x + 14 * s, middle - 3 * s}, {parts.env.high.x - 150 * s, middle + 3 * s}};
}

bool has_room_for_time_line(const WindowParts& parts) {
  const float scale = std::max(1.0f, parts.scale);
  return parts.env.high.x - parts.env.low.x > 220 * scale &&
         parts.env.high.y - parts.env.low.y > 120 * scale;
}

/// Below the track: the steps that a person steered.
void draw_steered(Canvas& canvas, const Rectangle& track, float scale, const FrameData& frame) {
  const float width = track.high.x - track.low.x;
  const auto steps = static_cast<float>(frame.recorded_steps - frame.first_recorded_step);
  const auto x = [&](int step) {
    const auto past = static_cast<float>(step - frame.first_recorded_step);
    return track.low.x + width * std::clamp(past / std::max(steps, 1.0f), 0.0f, 1.0f);
  };
  for (const StepRange& range : frame.steered) {
    const float left = x(range.begin);
    canvas.rectangle({left, track.low.y - 6 * scale},
                     {std::max(x(range.end), left + scale), track.low.y - 2 * scale},
                     palette::kDanger);
  }
}

/// Below the env: how much of the episode there is, where in it this moment lies, and whether it is
/// the newest.
void draw_time_line(Canvas& canvas, const WindowParts& parts, const FrameData& frame) {
  const float s = parts.scale, top = parts.env.low.y + kTimeLineHeight * s;
  canvas.rectangle(parts.env.low, {parts.env.high.x, top}, kPaper);
  canvas.line({parts.env.low.x, top}, {parts.env.high.x, top}, 0.5f, kRule);
  const Rectangle track = track_of(parts);
  const int steps = frame.recorded_steps - frame.first_recorded_step;
  const float part = steps == 0
                         ? 1
                         : static_cast<float>(frame.time_line_step - frame.first_recorded_step) /
                               static_cast<float>(steps);
  const Color color = frame.is_replay ? palette::kItem : palette::kAgent;
  bar(canvas, track.low, track.high, 0, part, color);
  canvas.circle({track.low.x + part * (track.high.x - track.low.x), (track.low.y + track.high.y) / 2},
                6 * s, color);
  draw_steered(canvas, track, s, frame);
  if (frame.first_difference && steps > 0) {
    const float at =
        std::clamp(static_cast<float>(*frame.first_difference - frame.first_recorded_step) /
                       static_cast<float>(steps),
                   0.0f, 1.0f);
    const float x = track.low.x + at * (track.high.x - track.low.x);
    canvas.rectangle({x - s, track.low.y - 5 * s}, {x + s, track.high.y + 5 * s}, palette::kDanger);
  }
  const float text = 9 * s;
  const std::string label = frame.is_replay ? "step " + std::to_string(frame.time_line_step) +
                                                  " of " + std::to_string(frame.recorded_steps)
                                            : "live";
  canvas.text({track.high.x + 18 * s, (track.low.y + track.high.y - text) / 2}, text,
              fitted(label, text, 126 * s), frame.is_replay ? palette::kInk : kLabel);
}

/// Beside the pointer, inside of the window.
void draw_hint(Canvas& canvas, float window_width, float scale, const FrameData& frame) {
  const float text = 10 * scale, width = text_width(frame.hint, text) + 2 * text;
  const float left = std::max(std::min(frame.pointer.x, window_width - width - 4 * scale), 0.0f);
  pill(canvas, {left, frame.pointer.y + 32 * scale}, text,
       fitted(frame.hint, text, window_width - 2 * text));
}

std::string caption_numbers(const FrameData& frame) {
  std::string line =
      "step " + std::to_string(frame.step) + "   return " + return_text(frame);
  if (const auto value = state_value(frame.inspection, frame.mask)) {
    line += "   value " + short_number(*value);
  }
  return line;
}

/// The env, and over it what `draw_over` draws in the env's units.
template <class DrawOver>
void draw_scene(Canvas& canvas, const Rectangle& at, const RecordingCanvas& env,
                const std::string& env_id, const DrawOver& draw_over) {
  try {
    ViewportCanvas viewport(canvas, at.low, at.high);
    env.replay(viewport);
    draw_over(viewport);
  } catch (const Error& error) {
    throw Error(env_id + ": draw(): " + error.what(), error.code());
  }
}

/// Several envs at once; returns where each is. top: set to the upper end of the first picture.
std::vector<Rectangle> draw_tiles(Canvas& canvas, const Rectangle& area, float scale,
                                  const FrameData& frame, float& top) {
  const std::vector<TilePlace> places = tile_places(area, scale, frame);
  top = places[0].env.high.y;
  std::vector<Rectangle> tiles;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool is_selected = i == frame.selected_tile;
    draw_scene(canvas, places[i].env, frame.tiles[i].env, frame.spec->id, [&](Canvas& scene) {
      if (is_selected) draw_board_overlay(scene, frame);
    });
    tiles.push_back(places[i].whole());
  }
  draw_tile_captions(canvas, places, scale, frame);
  return tiles;
}

/// The env, or two side by side; returns the upper end of the first.
float draw_sides(Canvas& canvas, const Rectangle& area, float scale, const FrameData& frame) {
  const std::vector<Side> sides = sides_of(area, scale, frame);
  for (const Side& side : sides) {
    draw_scene(canvas, side.env, side.frame->env, side.frame->spec->id,
               [&side](Canvas& scene) { draw_board_overlay(scene, *side.frame); });
  }
  draw_captions(canvas, sides, scale);
  return sides[0].env.high.y;
}

}  // namespace

std::vector<KeyMeaning> help_lines(const FrameData& frame) {
  std::vector<KeyMeaning> lines = frame.key_help;
  if (has_player(frame)) {
    lines.push_back({"", ""});
    if (frame.is_taken_over) lines.push_back({"tab", "hand back"});
    for (const KeyHelp& help : kPlayerKeyHelp) lines.push_back({help.keys, help.meaning});
  } else {
    for (const KeyHelp& help : kKeyHelp) {
      if (help.is_for_runs && frame.progress == nullptr) continue;
      lines.push_back({help.keys, help.meaning});
    }
  }
  return lines;
}

void draw_env_in(Canvas& canvas, Point low, Point high, const RecordingCanvas& env,
                 const std::string& env_id) {
  draw_scene(canvas, {low, high}, env, env_id, [](Canvas&) {});
}

void draw_env_in(Canvas& canvas, Point low, Point high, const FrameData& frame) {
  draw_env_in(canvas, low, high, frame.env, frame.spec->id);
}

PanelMap draw_viewer_frame(Canvas& canvas, int width, int height, const FrameData& frame) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  canvas.set_view({0, 0}, {w, h}, palette::kBackground);
  const WindowParts parts = window_parts(w, h);
  Point low = parts.env.low;
  const bool has_time_line = frame.recorded_steps >= 0 && has_room_for_time_line(parts);
  if (has_time_line) low.y += kTimeLineHeight * parts.scale;
  PanelMap map;
  float top = parts.env.high.y;
  std::vector<Rectangle> tiles;
  if (frame.tiles.empty()) {
    top = draw_sides(canvas, {low, parts.env.high}, parts.scale, frame);
  } else {
    tiles = draw_tiles(canvas, {low, parts.env.high}, parts.scale, frame, top);
  }
  draw_overlays(canvas, low, {parts.env.high.x, top}, parts.scale, frame);
  if (has_time_line) draw_time_line(canvas, parts, frame);
  if (parts.has_panel) {
    map = draw_side_panel(canvas, parts.panel.low, parts.panel.high, parts.scale, frame);
  }
  map.tiles = std::move(tiles);
  if (!parts.has_panel) return map;
  if (!frame.hint.empty()) draw_hint(canvas, w, parts.scale, frame);
  return map;
}

bool has_room_for_panel(int width, int height) {
  return window_parts(static_cast<float>(width), static_cast<float>(height)).has_panel;
}

Rectangle time_line_track(int width, int height) {
  const WindowParts parts = window_parts(static_cast<float>(width), static_cast<float>(height));
  return has_room_for_time_line(parts) ? track_of(parts) : Rectangle();
}

void draw_recorded_frame(Canvas& canvas, int width, int height, const FrameData& frame) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  canvas.set_view({0, 0}, {w, h}, palette::kBackground);
  if (w < 160 || h < 160) {
    draw_env_in(canvas, {0, 0}, {w, h}, frame);
    return;
  }
  const float text = std::round(std::clamp(h / 42, 7.0f, 40.0f));
  const float strip = std::round(4.9f * text), margin = 1.2f * text;
  draw_env_in(canvas, {0, strip}, {w, h}, frame);
  canvas.rectangle({0, 0}, {w, strip}, kPaper);
  canvas.line({0, strip}, {w, strip}, 0.5f, kRule);

  const float right =
      draw_thoughts(canvas, {margin, 0.5f * text}, {w - margin, strip - 0.5f * text}, text, frame);
  const float room = right - 2 * margin;
  const float upper = strip / 2 + 0.45f * text, lower = strip / 2 - 1.45f * text;
  canvas.text({margin, upper}, text,
              fitted(frame.spec->id + "  " + policy_label(frame), text, room), palette::kInk);
  canvas.text({margin, lower}, text, fitted(caption_numbers(frame), text, room), kLabel);
}

}  // namespace tern
