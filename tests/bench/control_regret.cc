// How far a policy is from the optimum, on the start states that it met:
//   tern rollout Pendulum-v1 --policy RUN --steps 20000 --json | build/bin/control_regret
//
// The optimum is computed by dynamic programming on the env's own steps, backwards from the last step
// of an episode, over a grid of states with linear interpolation:
//   V_0(s) = 0,  V_k(s) = max over a of r(s, a) + (1 - terminated) V_{k-1}(s')
// and then played from each start state in the env itself with 401 actions to choose from. What it
// scores is so achieved, a lower bound of the best possible. Bertsekas 2017, vol. 1, section 1.3.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/files/json.h"
#include "envs/batch_views.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

constexpr int kActions = 21, kFineActions = 401;

/// An env with a state of two numbers and one bounded action, and the grid over its states.
struct Problem {
  const char* id;
  int rows, columns;  // of the grid
  double low[2], high[2];
  bool is_periodic;  // in the first number
};

constexpr double kPi = 3.14159265358979323846;
const Problem kProblems[] = {
    {"Pendulum-v1", 512, 401, {-kPi, -8}, {kPi, 8}, true},
    {"MountainCarContinuous-v0", 721, 361, {-1.2, -0.07}, {0.6, 0.07}, false},
};

struct Place {  // among the grid's states
  std::int32_t corner;
  std::int32_t right;  // to the next column's cell: one row of it further
  float x, y;          // in [0, 1], from the corner
};

struct Outcome {
  Place place;
  float reward;
  bool is_over;
};

/// One env that is put into states.
class Model {
 public:
  explicit Model(const Problem& problem)
      : problem_(problem),
        entry_(registry().find(problem.id)),
        env_(entry_.make({})),
        buffers_(entry_.spec.obs, entry_.spec.action, entry_.spec.metrics.size(), 1) {
    ResetContext context{rng_, 0};
    env_->reset(context, buffers_.batch.obs[0]);
  }
  int horizon() const { return entry_.spec.max_episode_steps; }

  StepResult step(const double (&state)[2], double share, double (&next)[2]) {
    const ActionComponent& torque = entry_.spec.action.components()[0];
    env_->set_state(ConstDoubleRow(state, 2));
    const MutableActionRow action = buffers_.actions[0];
    action[0] = static_cast<float>(torque.low + share * (torque.high - torque.low));
    const StepResult result = env_->step(action, rng_, buffers_.batch.obs[0]);
    env_->get_state(numbers_);
    next[0] = numbers_[0], next[1] = numbers_[1];
    return result;
  }

  Place locate(const double (&state)[2]) const {
    double at[2];
    const int cells[2] = {problem_.is_periodic ? problem_.rows : problem_.rows - 1,
                          problem_.columns - 1};
    for (int i = 0; i < 2; ++i) {
      at[i] = (state[i] - problem_.low[i]) / (problem_.high[i] - problem_.low[i]) * cells[i];
    }
    if (problem_.is_periodic) at[0] -= std::floor(at[0] / cells[0]) * cells[0];
    const int row = std::clamp(static_cast<int>(at[0]), 0, cells[0] - 1);
    const int column = std::clamp(static_cast<int>(at[1]), 0, cells[1] - 1);
    const int next_row = row + 1 == problem_.rows ? 0 : row + 1;
    return {row * problem_.columns + column, (next_row - row) * problem_.columns,
            static_cast<float>(std::clamp(at[0] - row, 0.0, 1.0)),
            static_cast<float>(std::clamp(at[1] - column, 0.0, 1.0))};
  }

 private:
  const Problem& problem_;
  const EnvEntry& entry_;
  std::unique_ptr<Env> env_;
  StepBuffers buffers_;
  Rng rng_{0, "model"};
  std::vector<double> numbers_;
};

float value_at(const std::vector<float>& values, const Place& place) {
  const float* corner = values.data() + place.corner;
  const float low = corner[0] + place.y * (corner[1] - corner[0]);
  const float* next = corner + place.right;
  const float high = next[0] + place.y * (next[1] - next[0]);
  return low + place.x * (high - low);
}

/// What each action does in each state of the grid, [states][kActions].
std::vector<Outcome> all_outcomes(const Problem& problem, Model& model) {
  std::vector<Outcome> outcomes;
  const int intervals = problem.is_periodic ? problem.rows : problem.rows - 1;
  for (int row = 0; row < problem.rows; ++row) {
    for (int column = 0; column < problem.columns; ++column) {
      const double state[2] = {
          problem.low[0] + (problem.high[0] - problem.low[0]) * row / intervals,
          problem.low[1] + (problem.high[1] - problem.low[1]) * column / (problem.columns - 1)};
      for (int a = 0; a < kActions; ++a) {
        double next[2];
        const StepResult result = model.step(state, a / double{kActions - 1}, next);
        outcomes.push_back({model.locate(next), result.reward, result.terminated});
      }
    }
  }
  return outcomes;
}

/// V_k of each state of the grid, for k from 0 to the horizon.
std::vector<std::vector<float>> solve(const Problem& problem, Model& model) {
  const std::vector<Outcome> outcomes = all_outcomes(problem, model);
  const auto states = static_cast<std::size_t>(problem.rows * problem.columns);
  std::vector<std::vector<float>> values = {std::vector<float>(states, 0)};
  for (int k = 1; k <= model.horizon(); ++k) {
    std::vector<float> now(states);
    const std::vector<float>& before = values.back();
    const Outcome* outcome = outcomes.data();
    for (float& best : now) {
      best = -1e30f;
      for (int a = 0; a < kActions; ++a, ++outcome) {
        const float later = outcome->is_over ? 0 : value_at(before, outcome->place);
        best = std::max(best, outcome->reward + later);
      }
    }
    values.push_back(std::move(now));
  }
  return values;
}

double play_best(Model& model, const std::vector<std::vector<float>>& values, double (&state)[2]) {
  double sum = 0;
  for (int left = model.horizon(); left > 0; --left) {
    double best = -1e300, best_share = 0, next[2];
    for (int a = 0; a < kFineActions; ++a) {
      const double share = a / double{kFineActions - 1};
      const StepResult result = model.step(state, share, next);
      const float later =
          result.terminated ? 0 : value_at(values[static_cast<std::size_t>(left - 1)], model.locate(next));
      const double value = result.reward + static_cast<double>(later);
      if (value > best) best = value, best_share = share;
    }
    const StepResult result = model.step(state, best_share, next);
    sum += static_cast<double>(result.reward);
    state[0] = next[0], state[1] = next[1];
    if (result.terminated) break;
  }
  return sum;
}

struct PlayedEpisode {
  double start[2];
  double ret;
};

/// The whole episodes of a document of `tern rollout`.
std::vector<PlayedEpisode> read_episodes(const Json& document, bool is_pendulum) {
  std::vector<PlayedEpisode> episodes;
  PlayedEpisode now{};
  const auto begin = [&](const Json& obs) {
    const double a = obs[std::size_t{0}].number(), b = obs[1].number();
    now = is_pendulum ? PlayedEpisode{{std::atan2(b, a), obs[2].number()}, 0}
                      : PlayedEpisode{{a, b}, 0};
  };
  begin(document["reset_obs"]);
  for (const Json& step : document["steps"]) {
    now.ret += step["reward"].number();
    if (!step["terminated"].boolean() && !step["truncated"].boolean()) continue;
    episodes.push_back(now);
    if (step.find("next_reset_obs") != nullptr) begin(step["next_reset_obs"]);
  }
  return episodes;
}

/// Mean and standard error.
void print(const char* what, const std::vector<double>& numbers) {
  const double n = static_cast<double>(numbers.size());
  double mean = 0, square = 0;
  for (const double x : numbers) mean += x / n;
  for (const double x : numbers) square += (x - mean) * (x - mean) / std::max(1.0, n - 1);
  std::printf("%-8s %8.3f +- %.3f\n", what, mean, std::sqrt(square / n));
}

int run() {
  const std::string text((std::istreambuf_iterator<char>(std::cin)), {});
  const Json document = Json::parse(text);
  const std::string id = document["env"].text();
  const Problem* problem = std::find_if(std::begin(kProblems), std::end(kProblems),
                                        [&](const Problem& p) { return id == p.id; });
  if (problem == std::end(kProblems)) {
    std::fprintf(stderr, "control_regret: '%s' is not solved here\n", id.c_str());
    return 2;
  }
  const std::vector<PlayedEpisode> episodes = read_episodes(document, problem == kProblems);
  if (episodes.empty()) {
    std::fprintf(stderr, "control_regret: no episode was played to its end\n");
    return 2;
  }
  Model model(*problem);
  const std::vector<std::vector<float>> values = solve(*problem, model);
  std::vector<double> played, best, regret;
  for (const PlayedEpisode& episode : episodes) {
    double state[2] = {episode.start[0], episode.start[1]};
    best.push_back(play_best(model, values, state));
    played.push_back(episode.ret);
    regret.push_back(best.back() - played.back());
  }
  std::printf("%s, %zu episodes, mean +- its standard error\n", id.c_str(), episodes.size());
  print("played", played);
  print("best", best);
  print("regret", regret);
  return 0;
}

}  // namespace
}  // namespace tern

int main() {
  try {
    return tern::run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "control_regret: %s\n", error.what());
    return 2;
  }
}
