#include "envs/grid/minigrid_env.h"

#include <algorithm>
#include <cmath>

#include "envs/grid/minigrid_picture.h"

namespace tern::minigrid {
namespace {

constexpr std::uint64_t kNumLevels = 1'000'000;
constexpr int kChannels = 3, kHotChannels = kNumObjects + kNumColors + kNumStates;
constexpr double kTimeCost = 0.9;  // of the reward, for an episode as long as the limit
// In the state vector: x, y, direction, steps, carried; then the mission, then the cells.
constexpr std::size_t kStateHead = 5;

EnvSpec make_spec(const Facts& facts, const CommonParams& params) {
  EnvSpec spec;
  spec.id = facts.id;
  spec.family = "grid";
  spec.summary = facts.summary;
  spec.reference = "MiniGrid, " + facts.id;
  spec.obs = ObsSpace(params.observation == "flat" ? DType::kFloat32 : DType::kUint8);
  if (params.observation == "partial") {
    spec.obs.image("view", kViewSide, kViewSide, kChannels, 0, kNumObjects - 1);
  } else if (params.observation == "full") {
    spec.obs.image("board", facts.width, facts.height, kChannels, 0, kNumObjects - 1);
  } else if (params.observation == "one_hot") {
    spec.obs.image("view", kViewSide, kViewSide, kHotChannels, 0, 1);
  } else {
    spec.obs.vector("view", kViewCells * kChannels, 0, kNumObjects - 1);
  }
  spec.obs.categorical("direction", kNumDirections);
  for (const Field& field : facts.mission) spec.obs.categorical(field.name, field.categories);
  std::vector<std::string> actions = {"left", "right", "forward", "pickup",
                                      "drop", "toggle", "done"};
  if (facts.only_moves) actions.resize(3);
  spec.action = ActionSpace::discrete(actions);
  spec.max_episode_steps = params.max_steps > 0 ? params.max_steps : facts.max_steps;
  spec.reward_terms = facts.reward_terms;
  spec.metrics = {"success"};
  spec.state_fields = {"x", "y", "direction", "steps", "carried"};
  for (const Field& field : facts.mission) spec.state_fields.push_back(field.name);
  for (int y = 0; y < facts.height; ++y) {
    for (int x = 0; x < facts.width; ++x) {
      spec.state_fields.push_back("cell " + std::to_string(x) + "," + std::to_string(y));
    }
  }
  spec.num_levels = facts.has_levels ? kNumLevels : 0;
  spec.frames_per_second = 10;
  spec.turn_based = true;
  return spec;
}

bool is_cell(double value) {
  if (value != std::floor(value) || !(value >= 0 && value <= 4294967295.0)) return false;
  const auto cell = static_cast<Cell>(value);
  return object_of(cell) > kUnseen && object_of(cell) < kAgent && color_of(cell) <= kGrey &&
         state_of(cell) <= kLocked;
}

/// Hands `write(k, value)` the three numbers of each cell of a view, in order.
template <class Write>
void encode(const View& view, const Write& write) {
  std::size_t k = 0;
  for (const Cell cell : view) {
    write(k, cell & 0xFF);
    write(k + 1, cell >> 8 & 0xFF);
    write(k + 2, cell >> 16 & 0xFF);
    k += 3;
  }
}

}  // namespace

MiniGridEnv::MiniGridEnv(const Facts& facts, const CommonParams& params)
    : env_(facts.width, facts.height), mission_(facts.mission.size()),
      spec_(make_spec(facts, params)),
      shown_(params.observation == "partial"   ? Shown::kPartial
             : params.observation == "full"    ? Shown::kFull
             : params.observation == "one_hot" ? Shown::kOneHot
                                               : Shown::kFlat),
      sees_through_walls_(facts.sees_through_walls), has_levels_(facts.has_levels),
      max_steps_(spec_.max_episode_steps) {}

void MiniGridEnv::reset(ResetContext& ctx, ObsRow obs) {
  Rng rng(has_levels_ ? ctx.level : 0, "minigrid");
  env_.clear();
  build(rng);
  steps_ = 0;
  reward_ = 0;
  outcome_ = Outcome::kGoesOn;
  observe(obs);
}

StepResult MiniGridEnv::step(ActionRow action, Rng& rng, ObsRow obs) {
  ++steps_;
  outcome_ = act(action.discrete(), rng);
  reward_ = 0;
  if (outcome_ == Outcome::kSuccess) {
    reward_ = static_cast<float>(1 - kTimeCost * (static_cast<double>(steps_) / max_steps_));
  } else if (outcome_ == Outcome::kCollision) {
    reward_ = -1;
  }
  observe(obs);
  StepResult result;
  result.reward = reward_;
  result.terminated = outcome_ != Outcome::kGoesOn;
  return result;
}

Outcome MiniGridEnv::act_in_place(int action) {
  const Cell ahead = env_.act(action);
  if (action != kForward) return Outcome::kGoesOn;
  if (object_of(ahead) == kGoal) return Outcome::kSuccess;
  return object_of(ahead) == kLava ? Outcome::kFailure : Outcome::kGoesOn;
}

void MiniGridEnv::observe(ObsRow obs) const {
  const std::size_t tail = spec_.obs.size() - 1 - mission_.size();  // of direction and mission
  if (shown_ == Shown::kFlat) {
    View view;
    look(env_, sees_through_walls_, view);
    float* const out = obs.floats().data();
    encode(view, [out](std::size_t k, Cell value) { out[k] = static_cast<float>(value); });
    out[tail] = static_cast<float>(env_.direction);
    for (std::size_t i = 0; i < mission_.size(); ++i) out[tail + 1 + i] = mission_[i];
    return;
  }
  std::uint8_t* const out = obs.bytes().data();
  out[tail] = static_cast<std::uint8_t>(env_.direction);
  for (std::size_t i = 0; i < mission_.size(); ++i) out[tail + 1 + i] = mission_[i];
  if (shown_ == Shown::kFull) {
    std::uint8_t* next = out;
    for (int x = 0; x < env_.width(); ++x) {
      for (int y = 0; y < env_.height(); ++y) {
        Cell cell = env_.at({x, y});
        if (env_.agent == Spot{x, y}) {
          cell = make_cell(kAgent, kRed) | static_cast<Cell>(env_.direction) << 16;
        }
        for (int shift = 0; shift < 24; shift += 8) {
          *next++ = static_cast<std::uint8_t>(cell >> shift & 0xFF);
        }
      }
    }
    return;
  }
  View view;
  look(env_, sees_through_walls_, view);
  if (shown_ == Shown::kPartial) {
    encode(view, [out](std::size_t k, Cell value) { out[k] = static_cast<std::uint8_t>(value); });
    return;
  }
  std::fill(out, out + tail, std::uint8_t{0});
  for (std::size_t k = 0; k < view.size(); ++k) {
    std::uint8_t* const hot = out + k * kHotChannels;
    hot[object_of(view[k])] = 1;
    hot[kNumObjects + color_of(view[k])] = 1;
    hot[kNumObjects + kNumColors + state_of(view[k])] = 1;
  }
}

void MiniGridEnv::reward_terms(FloatRow terms) const {
  if (terms.empty()) return;
  terms[0] = outcome_ == Outcome::kSuccess ? reward_ : 0;    // goal
  terms[1] = outcome_ == Outcome::kCollision ? reward_ : 0;  // collision
}

void MiniGridEnv::metrics(FloatRow values) const {
  values[0] = outcome_ == Outcome::kSuccess ? 1 : 0;
}

void MiniGridEnv::draw(Canvas& canvas) const {
  draw_env(canvas, env_, sees_through_walls_,
             outcome_ == Outcome::kFailure || outcome_ == Outcome::kCollision);
}

bool MiniGridEnv::human_action(const Keys& keys, MutableActionRow action) const {
  constexpr Key kKeys[kNumActions] = {Key::kLeft, Key::kRight, Key::kUp,   Key::kP,
                                      Key::kD,    Key::kSpace, Key::kEnter};
  for (std::size_t i = 0; i < spec_.action.options(); ++i) {
    if (!keys[kKeys[i]]) continue;
    action.discrete() = static_cast<std::int32_t>(i);
    return true;
  }
  return false;
}

bool MiniGridEnv::get_state(DoubleVec& state) const {
  state = {static_cast<double>(env_.agent.x), static_cast<double>(env_.agent.y),
           static_cast<double>(env_.direction), static_cast<double>(steps_),
           static_cast<double>(env_.carried)};
  for (const std::uint8_t value : mission_) state.push_back(value);
  for (int y = 0; y < env_.height(); ++y) {
    for (int x = 0; x < env_.width(); ++x) state.push_back(env_.at({x, y}));
  }
  return true;
}

void MiniGridEnv::check_state(ConstDoubleRow state) const {
  const auto refuse = [&](std::size_t i, const std::string& expected) {
    throw Error(spec_.id + ": state field '" + spec_.state_fields[i] + "' is " +
                format_number(state[i]) + "; expected " + expected);
  };
  if (state.size() != spec_.state_fields.size()) {
    throw Error(spec_.id + ": the state has " + std::to_string(state.size()) +
                " numbers; expected " + std::to_string(spec_.state_fields.size()));
  }
  const double limits[4] = {static_cast<double>(env_.width()),
                            static_cast<double>(env_.height()), kNumDirections, 1e9};
  for (std::size_t i = 0; i < 4; ++i) {
    if (state[i] == std::floor(state[i]) && state[i] >= 0 && state[i] < limits[i]) continue;
    refuse(i, "a whole number from 0 to " + format_number(limits[i] - 1));
  }
  const std::size_t first_cell = kStateHead + mission_.size();
  for (std::size_t i = kStateHead; i < first_cell; ++i) {
    const int n = spec_.obs.fields()[i - kStateHead + 2].categories;  // after view and direction
    if (state[i] == std::floor(state[i]) && state[i] >= 0 && state[i] < n) continue;
    refuse(i, "a whole number from 0 to " + std::to_string(n - 1));
  }
  for (std::size_t i = kStateHead - 1; i < state.size(); ++i) {
    if (i >= kStateHead && i < first_cell) continue;
    if (!is_cell(state[i])) refuse(i, "object + 256 * colour + 65536 * door state");
  }
}

bool MiniGridEnv::set_state(ConstDoubleRow state) {
  check_state(state);
  env_.agent = {static_cast<int>(state[0]), static_cast<int>(state[1])};
  env_.direction = static_cast<int>(state[2]);
  steps_ = static_cast<int>(state[3]);
  env_.carried = static_cast<Cell>(state[4]);
  std::size_t i = kStateHead;
  for (std::uint8_t& value : mission_) value = static_cast<std::uint8_t>(state[i++]);
  for (int y = 0; y < env_.height(); ++y) {
    for (int x = 0; x < env_.width(); ++x) env_.put({x, y}, static_cast<Cell>(state[i++]));
  }
  reward_ = 0;
  outcome_ = Outcome::kGoesOn;
  board_changed();
  return true;
}

void MiniGridEnv::save(StateWriter& out) const {
  DoubleVec state;
  get_state(state);
  std::vector<Cell> numbers(state.begin(), state.end());
  out.write(numbers);
  out.write(reward_, outcome_);
}

bool MiniGridEnv::load(StateReader& in) {
  std::vector<Cell> numbers;
  float reward = 0;
  Outcome outcome = Outcome::kGoesOn;
  in.read(numbers);
  in.read(reward, outcome);
  if (outcome > Outcome::kCollision) throw Error::failure(spec_.id + ": saved state is damaged");
  const DoubleVec state(numbers.begin(), numbers.end());
  set_state(state);
  reward_ = reward;
  outcome_ = outcome;
  return true;
}

}  // namespace tern::minigrid
