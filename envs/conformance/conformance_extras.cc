// What an env offers besides stepping: its state vector, its model, its keys, its picture.

#include <cmath>
#include <cstdint>

#include "envs/check_action.h"
#include "envs/conformance/conformance_rules.h"

namespace tern::conformance {
namespace {

/// Notes what is wrong with how an env draws.
class ExaminingCanvas final : public Canvas {
 public:
  void set_view(Point low, Point high, Color) override {
    has_view_ = true;
    note_points({low, high}, "set_view");
    if (!(low.x < high.x) || !(low.y < high.y)) note("set_view got an empty rectangle");
  }
  void polygon(const Point* corners, std::size_t count, Color) override {
    begin("polygon");
    if (count < 3) note("polygon got " + std::to_string(count) + " corners; expected at least 3");
    for (std::size_t i = 0; i < count; ++i) note_points({corners[i]}, "polygon");
  }
  void circle(Point center, float radius, Color) override {
    begin("circle");
    note_points({center, {radius, 0}}, "circle");
  }
  void capsule(Point a, Point b, float radius, Color) override {
    begin("capsule");
    note_points({a, b, {radius, 0}}, "capsule");
  }
  void line(Point a, Point b, float width, Color) override {
    begin("line");
    note_points({a, b, {width, 0}}, "line");
  }
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle*, std::size_t count) override {
    begin("cells");
    note_points({top_left, {cell_size, 0}}, "cells");
    for (int i = 0; i < rows * columns; ++i) {
      if (kind[i] >= count) note("cells got a kind without a style: " + std::to_string(kind[i]));
    }
  }
  void image(Point low, Point high, int width, int height, const std::uint8_t*) override {
    begin("image");
    note_points({low, high}, "image");
    if (width < 1 || height < 1) note("image got no pixels");
  }
  void text(Point at, float height, std::string_view line, Color, Align) override {
    begin("text");
    note_points({at, {height, 0}}, "text");
    for (const char c : line) {
      if (c < ' ' || c > '~') note("text got a character that is not printable ASCII");
    }
  }
  void push(Point move, float angle, float scale) override {
    begin("push");
    note_points({move, {angle, scale}}, "push");
    ++depth_;
  }
  void pop() override {
    begin("pop");
    if (--depth_ < 0) note("pop without a push");
  }

  std::string wrong() const {
    if (wrong_.empty() && depth_ > 0) return "a push was not followed by a pop";
    return wrong_;
  }

 private:
  void note(const std::string& text) {
    if (wrong_.empty()) wrong_ = text;
  }
  void begin(const char* call) {
    if (!has_view_) note(std::string(call) + " came before set_view");
  }
  void note_points(std::initializer_list<Point> points, const char* call) {
    for (const Point point : points) {
      if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
        note(std::string(call) + " got a coordinate that is not finite");
      }
    }
  }

  bool has_view_ = false;
  int depth_ = 0;
  std::string wrong_;
};

std::string wrong_table(const TransitionTable& table, std::size_t num_actions) {
  const std::size_t n = table.outcomes.size();
  if (table.initial.size() != n) return "initial has not one entry for each state";
  double start = 0;
  for (const double probability : table.initial) start += probability;
  if (std::fabs(start - 1) > 1e-9) return "the start probabilities do not sum to 1";
  for (std::size_t s = 0; s < n; ++s) {
    if (table.outcomes[s].size() != num_actions) {
      return "state " + std::to_string(s) + " has not one list for each action";
    }
    for (std::size_t a = 0; a < num_actions; ++a) {
      double sum = 0;
      for (const Transition& outcome : table.outcomes[s][a]) {
        sum += outcome.probability;
        if (outcome.next_state < 0 || static_cast<std::size_t>(outcome.next_state) >= n) {
          return "state " + std::to_string(s) + ", action " + std::to_string(a) +
                 " leads to state " + std::to_string(outcome.next_state) + ", which is none";
        }
      }
      if (std::fabs(sum - 1) > 1e-9) {
        return "the probabilities of state " + std::to_string(s) + ", action " +
               std::to_string(a) + " sum to " + format_number(sum);
      }
    }
  }
  return "";
}

bool lists(const std::vector<Transition>& outcomes, std::size_t next, const StepResult& result) {
  for (const Transition& outcome : outcomes) {
    if (outcome.probability > 0 && static_cast<std::size_t>(outcome.next_state) == next &&
        static_cast<float>(outcome.reward) == result.reward &&
        outcome.terminated == result.terminated) {
      return true;
    }
  }
  return false;
}

}  // namespace

Verdict check_state_vector(const Subject& subject) {
  DrivenEnv env(subject.make(), subject.options.seed);
  DrivenEnv twin(subject.make(), subject.options.seed + 1);
  const std::size_t size = env.spec().state_fields.size();
  for (int i = 0; i < subject.options.steps / 5; ++i) {
    env.advance();
    twin.advance();
    if (env.has_ended()) continue;  // nobody asks to go on from there
    DoubleVec state, again;
    const bool has_state = env.env().get_state(state);
    if (has_state != (size > 0)) {
      return {"get_state() returned " + std::string(has_state ? "true" : "false") + ", but "
              "spec.state_fields names " + std::to_string(size) + " fields; name one for each"};
    }
    if (!has_state) return {"", "the env has none"};
    if (state.size() != size) {
      return {"get_state() gave " + std::to_string(state.size()) + " numbers, "
              "spec.state_fields names " + std::to_string(size)};
    }
    if (!twin.env().set_state(state)) return {"set_state() refused what get_state() gave"};
    if (!twin.env().get_state(again) || again != state) {
      return {env.where() + ": get_state() after set_state() gives other numbers; set all of them"};
    }
  }
  return {};
}

Verdict check_transitions(const Subject& subject) {
  DrivenEnv env(subject.make(), subject.options.seed);
  TransitionTable table;
  if (!env.env().transitions(table)) return {"", "the env is not tabular"};
  if (env.spec().action.kind() != ActionSpace::Kind::kDiscrete) {
    return {"an env with a transition table needs one discrete action"};
  }
  const Field& first = env.spec().obs.fields()[0];
  const bool is_observed = first.categories > 0 && first.size() == 1;
  std::size_t state = 0;
  for (int i = 0; i < subject.options.steps; ++i) {
    env.advance();
    if (env.was_reset()) {
      env.env().transitions(table);
      const std::string wrong = wrong_table(table, env.spec().action.options());
      if (!wrong.empty()) return {wrong + "; correct transitions()"};
    }
    if (!is_observed) continue;
    const auto now = static_cast<std::size_t>(env.obs().value(0) - first.first);
    if (now >= table.outcomes.size()) {
      return {env.where() + ": state " + std::to_string(now) + " is not in the table"};
    }
    if (env.was_reset() && !(table.initial[now] > 0)) {
      return {env.where() + ": started in state " + std::to_string(now) +
              ", which has start probability 0 in the table"};
    }
    const auto choice = static_cast<std::size_t>(env.action().discrete());
    if (!env.was_reset() && !lists(table.outcomes[state][choice], now, env.result())) {
      return {env.where() + ": from state " + std::to_string(state) + " to " +
              std::to_string(now) + " is not in the table; let step() and transitions() use one "
              "model"};
    }
    state = now;
  }
  return {};
}

Verdict check_human_action(const Subject& subject) {
  DrivenEnv env(subject.make(), subject.options.seed);
  Rng rng(subject.options.seed, "keys");
  const EnvSpec& spec = env.spec();
  std::vector<std::uint8_t> bytes(4 * spec.action.size());
  const ActionRows rows(bytes.data(), spec.action, 1);
  bool has_answered = false;
  for (int i = 0; i < subject.options.steps / 5; ++i) {
    env.advance();
    const Keys keys(i % 4 == 0 ? 0 : rng.next() & rng.next());
    for (std::uint8_t& byte : bytes) byte = 0xFF;  // -1, or NaN
    if (!env.env().human_action(keys, rows[0])) continue;
    has_answered = true;
    try {
      check_action(spec, rows[0]);
    } catch (const Error& error) {
      return {std::string("human_action() returned true with an action that cannot be taken (") +
              error.what() + "); fill in every component or return false"};
    }
  }
  return {"", has_answered ? "" : "no key means anything"};
}

Verdict check_draw(const Subject& subject) {
  DrivenEnv env(subject.make(), subject.options.seed);
  for (int i = 0; i < subject.options.steps / 5; ++i) {
    env.advance();
    ExaminingCanvas canvas;
    env.env().draw(canvas);
    const std::string wrong = canvas.wrong();
    if (!wrong.empty()) return {env.where() + ": " + wrong + "; correct draw()"};
  }
  return {};
}

}  // namespace tern::conformance
