#include "render/state_board.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "core/drawing/recording_canvas.h"
#include "core/error.h"
#include "render/frame_data.h"

namespace tern {
namespace {

/// Why the env has no board; "" if it may have one.
std::string refusal(const Env& env, const TransitionTable& table) {
  const EnvSpec& spec = env.spec();
  const std::vector<Field>& fields = spec.obs.fields();
  const std::size_t n = table.outcomes.size();
  const bool is_state = !fields.empty() && fields[0].categories == static_cast<int>(n) &&
                        fields[0].first == 0 && fields[0].size() == 1 && fields[0].offset == 0;
  if (!is_state) {
    return "does not observe its state as one number";
  }
  if (n > StateBoard::kMostStates) return "has too many states for a board";
  return spec.state_fields.size() == 1 ? "" : "cannot be put into a state";
}

Error refused(const std::string& id, const std::string& why) {
  return Error("no values to show: " + id + " " + why);
}

TransitionTable table_of(const Env& env, const std::string& id) {
  TransitionTable table;
  std::string why = "has no transition table";
  if (env.transitions(table)) why = refusal(env, table);
  if (!why.empty()) throw refused(id, why);
  return table;
}

/// Where the agent stands, in scene units.
std::optional<Point> agent_in(const RecordingCanvas& drawing) {
  std::optional<Point> pushed;
  for (const DrawCall& call : drawing.calls()) {
    if (call.kind == DrawCall::Kind::kPush) pushed = call.points[0];
    if (call.kind != DrawCall::Kind::kCells) continue;
    for (std::size_t i = 0; i < call.bytes.size(); ++i) {
      if (call.bytes[i] >= call.styles.size() || call.styles[call.bytes[i]].glyph != '@') continue;
      const auto columns = static_cast<std::size_t>(std::max(call.columns, 1));
      const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
      return Point{call.points[0].x + (column + 0.5f) * call.size,
                   call.points[0].y - (row + 0.5f) * call.size};
    }
  }
  return pushed;
}

/// The action that is most likely, or of the highest value; of equals the first.
std::optional<int> greedy_action(const Inspection& inspection, Row<const std::uint8_t> mask) {
  const std::vector<double>& scores =
      inspection.probabilities.empty() ? inspection.action_values : inspection.probabilities;
  std::optional<int> best;
  for (std::size_t a = 0; a < scores.size(); ++a) {
    if (a < mask.size() && mask[a] == 0) continue;
    if (std::isnan(scores[a])) continue;
    if (!best || scores[a] > scores[static_cast<std::size_t>(*best)]) best = static_cast<int>(a);
  }
  return best;
}

}  // namespace

StateBoard::StateBoard(const EnvEntry& entry, const ParamValues& params, std::uint64_t level,
                       double gamma)
    : id_(entry.spec.id),
      level_(level),
      env_(entry.make(params)),
      buffers_(env_->spec().obs, env_->spec().action, env_->spec().metrics.size(), 1),
      gamma_(gamma) {
  Rng rng(0, "state board");
  ResetContext context{rng, level};
  env_->reset(context, buffers_.batch.obs[0]);
  const TransitionTable table = table_of(*env_, id_);
  optimum_ = solve_transitions(table, gamma);
  find_states(table);
  draw_states();
}

void StateBoard::find_states(const TransitionTable& table) {
  std::vector<bool> is_found(table.outcomes.size(), false);
  const auto find = [&](std::size_t state) {
    if (is_found[state]) return;
    is_found[state] = true;
    states_.push_back(static_cast<int>(state));
  };
  for (std::size_t s = 0; s < table.initial.size(); ++s) {
    if (table.initial[s] > 0) find(s);
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    for (const auto& outcomes : table.outcomes[static_cast<std::size_t>(states_[i])]) {
      for (const Transition& outcome : outcomes) {
        const bool goes_on = outcome.probability > 0 && !outcome.terminated;
        if (goes_on) find(static_cast<std::size_t>(outcome.next_state));
      }
    }
  }
  std::sort(states_.begin(), states_.end());
  if (states_.empty()) throw refused(id_, "has no first state");
}

void StateBoard::put_into(int state) {
  const double number = state;
  if (!env_->set_state(ConstDoubleRow(&number, 1)))
    throw refused(id_, "cannot be put into a state");
}

void StateBoard::draw_states() {
  Drawings drawings;
  std::map<std::pair<int, int>, std::size_t> index_of;  // of places_
  for (std::size_t i = 0; i < states_.size(); ++i) {
    put_into(states_[i]);
    RecordingCanvas drawing;
    env_->draw(drawing);
    pictures_.push_back(drawings.picture(drawings.add(drawing)));
    std::sort(pictures_.back().begin(), pictures_.back().end());
    const std::optional<Point> at = agent_in(drawing);
    if (!at) continue;
    const int column = static_cast<int>(std::floor(at->x)),
              row = static_cast<int>(std::floor(at->y));
    const auto [place, is_new] = index_of.emplace(std::pair(column, row), places_.size());
    if (is_new) places_.push_back({column, row, {}});
    places_[place->second].indices.push_back(i);
  }
}

std::size_t StateBoard::distance(std::size_t a, std::size_t b) const {
  std::vector<std::uint32_t> different;
  std::set_symmetric_difference(pictures_[a].begin(), pictures_[a].end(), pictures_[b].begin(),
                                pictures_[b].end(), std::back_inserter(different));
  return different.size();
}

std::size_t StateBoard::nearest_in(const Place& place) const {
  if (place.indices.size() == 1) return place.indices[0];
  return *std::min_element(
      place.indices.begin(), place.indices.end(),
      [this](std::size_t a, std::size_t b) { return distance(a, last_) < distance(b, last_); });
}

StateThought StateBoard::thought_of(int state, Policy& policy) {
  put_into(state);
  const ObsRow obs = buffers_.batch.obs[0];
  const MaskRow mask = buffers_.batch.mask[0];
  const auto set = [&](std::size_t i, float value) {
    const std::size_t floats = obs.floats().size();
    if (i < floats) {
      obs.floats()[i] = value;
    } else {
      obs.bytes()[i - floats] = static_cast<std::uint8_t>(value);
    }
  };
  set(0, static_cast<float>(state));
  for (std::size_t i = 0; i < others_.size(); ++i) set(i + 1, others_[i]);
  if (!mask.empty()) env_->action_mask(mask);
  const Inspection inspection = policy.inspect(obs, mask, {});
  StateThought thought;
  thought.value = state_value(inspection, mask);
  thought.action = greedy_action(inspection, mask);
  return thought;
}

void StateBoard::think(const std::vector<float>& obs, const std::shared_ptr<Policy>& policy) {
  const std::vector<float> others(obs.begin() + 1, obs.end());
  if (has_thoughts_ && policy == policy_ && others == others_) return;
  policy_ = policy;
  others_ = others;
  has_thoughts_ = true;
  thoughts_.clear();
  for (const int state : states_) {
    const auto s = static_cast<std::size_t>(state);
    StateThought thought = policy == nullptr ? StateThought() : thought_of(state, *policy);
    thought.state = state;
    thought.optimum = optimum_.values[s];
    thought.best_action = optimum_.best_actions[s];
    if (thought.action) {
      const double rounding = 1e-9 * std::max(1.0, std::fabs(thought.optimum));
      thought.is_action_best =
          optimum_.action_values[s].at(static_cast<std::size_t>(*thought.action)) >=
          thought.optimum - rounding;
    }
    thoughts_.push_back(thought);
  }
}

BoardValues StateBoard::values(const std::vector<float>& obs, const std::shared_ptr<Policy>& policy,
                               const VisitCounts& visits) {
  BoardValues values;
  values.gamma = gamma_;
  values.num_states = states_.size();
  if (obs.empty()) return values;
  think(obs, policy);
  const auto is_below = [](int state, float seen) { return static_cast<float>(state) < seen; };
  const auto now = std::lower_bound(states_.begin(), states_.end(), obs[0], is_below);
  if (now != states_.end() && static_cast<float>(*now) == obs[0]) {
    last_ = static_cast<std::size_t>(now - states_.begin());
    values.here = thoughts_[last_];
    values.visits_here = visits.of(level_, *now);
  }
  for (const StateThought& thought : thoughts_) {
    values.num_visits += visits.of(level_, thought.state);
    values.num_best_actions += thought.is_action_best ? 1 : 0;
    if (!thought.value) continue;
    const double difference = std::fabs(*thought.value - thought.optimum);
    if (!values.largest_difference || difference > *values.largest_difference) {
      values.largest_difference = difference;
      values.state_of_largest = thought.state;
    }
  }
  for (const Place& place : places_) {
    const auto x = static_cast<float>(place.column), y = static_cast<float>(place.row);
    BoardCell& cell = values.cells.emplace_back(
        BoardCell{{{x, y}, {x + 1, y + 1}}, thoughts_[nearest_in(place)]});
    for (const std::size_t i : place.indices) cell.visits += visits.of(level_, states_[i]);
  }
  return values;
}

}  // namespace tern
