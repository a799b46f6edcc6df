// Taxi-v3: fetch a passenger from one of four stands and drive them to another.
//
//   observation            range
//   0 state (categorical)  ((row * 5 + column) * 5 + passenger) * 4 + destination, below 500
//
// The taxi's row and column count from the top left corner. passenger: at stand 0 red (0,0),
// 1 green (0,4), 2 yellow (4,0), 3 blue (4,3), or 4 in the taxi. destination: 0 to 3.
//
// Actions: 0 south, 1 north, 2 east, 3 west, 4 pickup, 5 dropoff. Walls stand between some columns;
// a move against a wall or the border stays. Pickup works where the passenger waits, dropoff at any
// stand with the passenger in the taxi.
// Reward: -1 a step, but 20 for a dropoff at the destination, which terminates, and -10 for a pickup
// or dropoff that is not possible. Limit: 200 steps.
// Mask: what would change nothing is forbidden (`mask=false` allows everything, as the reference's
// step does; taking such an action is never an error).
// Start: taxi anywhere, passenger at any stand, destination any other, all equally likely.
//
// Reference: Gymnasium's Taxi-v3 without rain and fickle passengers (Dietterich 2000);
// transitions() is its table P, also in the rows of states that no episode reaches.

#include <cmath>
#include <string>

#include "envs/grid/board_pieces.h"
#include "envs/grid/tabular.h"
#include "envs/registry/registry.h"

namespace tern::taxi {
namespace {

constexpr int kSide = 5, kNumStands = 4, kInTaxi = 4;
constexpr int kNumStates = kSide * kSide * (kNumStands + 1) * kNumStands;
constexpr int kSouth = 0, kNorth = 1, kEast = 2, kWest = 3, kPickup = 4, kDropoff = 5;
constexpr int kNumActions = 6;
constexpr double kStepReward = -1, kIllegalReward = -10, kDeliveryReward = 20;
constexpr int kStandRow[kNumStands] = {0, 0, 4, 4}, kStandColumn[kNumStands] = {0, 4, 0, 3};
constexpr char kStandLetter[] = "RGYB";
constexpr Color kStandColor[kNumStands] = {palette::kDanger, palette::kGoal, palette::kItem,
                                           palette::kAgentLight};
// Whether a wall stands east of a cell.
constexpr bool kWallEast[kSide][kSide] = {{false, true, false, false, true},
                                          {false, true, false, false, true},
                                          {false, false, false, false, true},
                                          {true, false, true, false, true},
                                          {true, false, true, false, true}};

struct Place {
  int row = 0, column = 0, passenger = 0, destination = 0;

  static Place of(int state) {
    return {state / 100, state / 20 % 5, state / 4 % 5, state % 4};
  }
  int state() const { return ((row * kSide + column) * 5 + passenger) * 4 + destination; }
  /// The stand the taxi is at, or -1.
  int stand() const {
    for (int i = 0; i < kNumStands; ++i) {
      if (kStandRow[i] == row && kStandColumn[i] == column) return i;
    }
    return -1;
  }
};

/// The exact model, which both step() and transitions() use.
Transition outcome_of(int state, int action) {
  Place place = Place::of(state);
  const int stand = place.stand();
  double reward = kStepReward;
  bool is_delivered = false;
  switch (action) {
    case kSouth: place.row += place.row + 1 < kSide ? 1 : 0; break;
    case kNorth: place.row -= place.row > 0 ? 1 : 0; break;
    case kEast: place.column += kWallEast[place.row][place.column] ? 0 : 1; break;
    case kWest:
      if (place.column > 0 && !kWallEast[place.row][place.column - 1]) --place.column;
      break;
    case kPickup:
      if (place.passenger != kInTaxi && stand == place.passenger) {
        place.passenger = kInTaxi;
      } else {
        reward = kIllegalReward;
      }
      break;
    default:
      if (place.passenger != kInTaxi || stand < 0) {
        reward = kIllegalReward;
        break;
      }
      place.passenger = stand;
      is_delivered = stand == place.destination;
      if (is_delivered) reward = kDeliveryReward;
  }
  return {1, place.state(), reward, is_delivered};
}

struct TaxiParams {
  bool mask = true;
  int max_steps = 200;

  template <class V>
  void visit(V& v) {
    v("mask", mask, "whether actions that would change nothing are forbidden");
    v("max_steps", max_steps, "time limit of an episode", at_least(1));
  }
};

EnvSpec make_spec(const TaxiParams& params) {
  EnvSpec spec;
  spec.id = "Taxi-v3";
  spec.family = "grid";
  spec.summary = "fetch a passenger and drive them where they want to go";
  spec.reference = "Gymnasium Taxi-v3";
  spec.obs.categorical("state", kNumStates);
  spec.action = ActionSpace::discrete({"south", "north", "east", "west", "pickup", "dropoff"});
  spec.max_episode_steps = params.max_steps;
  spec.reward_threshold = 8;
  spec.reward_terms = {"steps", "illegal", "delivery"};
  spec.metrics = {"success"};
  spec.state_fields = {"state"};
  spec.has_masks = params.mask;
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class Taxi final : public Env {
 public:
  using Params = TaxiParams;

  explicit Taxi(const Params& params) : params_(params), spec_(make_spec(params)) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    Place start;
    const auto cell = static_cast<int>(ctx.rng.below(kSide * kSide));
    start.row = cell / kSide;
    start.column = cell % kSide;
    start.passenger = static_cast<int>(ctx.rng.below(kNumStands));
    start.destination = static_cast<int>(ctx.rng.below(kNumStands - 1));
    if (start.destination >= start.passenger) ++start.destination;
    state_ = start.state();
    reward_ = 0;
    facing_ = kSouth;
    is_delivered_ = false;
    obs[0] = static_cast<float>(state_);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    const Transition outcome = outcome_of(state_, action.discrete());
    if (action.discrete() < kPickup) facing_ = action.discrete();
    state_ = outcome.next_state;
    reward_ = static_cast<float>(outcome.reward);
    is_delivered_ = outcome.terminated;
    obs[0] = static_cast<float>(state_);
    StepResult result;
    result.reward = reward_;
    result.terminated = outcome.terminated;
    return result;
  }

  void action_mask(MaskRow mask) const override {
    for (int action = 0; action < kNumActions; ++action) {
      mask[static_cast<std::size_t>(action)] =
          !params_.mask || outcome_of(state_, action).next_state != state_;
    }
  }

  bool transitions(TransitionTable& table) const override {
    list_outcomes(
        kNumStates, kNumActions,
        [](int state, int action) { return Outcomes{{{outcome_of(state, action)}}, 1}; }, table);
    for (int state = 0; state < kNumStates; ++state) {
      const Place place = Place::of(state);
      const bool is_start = place.passenger != kInTaxi && place.passenger != place.destination;
      table.initial[static_cast<std::size_t>(state)] = is_start ? 1.0 / 300 : 0;
    }
    return true;
  }

  void reward_terms(FloatRow terms) const override {
    terms[0] = reward_ == static_cast<float>(kStepReward) ? reward_ : 0;
    terms[1] = reward_ == static_cast<float>(kIllegalReward) ? reward_ : 0;
    terms[2] = reward_ == static_cast<float>(kDeliveryReward) ? reward_ : 0;
  }
  void metrics(FloatRow values) const override { values[0] = is_delivered_ ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    const Place place = Place::of(state_);
    canvas.set_view({-0.1f, -0.1f}, {kSide + 0.1f, kSide + 0.1f}, palette::kInk);
    draw_floor(canvas, kSide, kSide, palette::kFloor, {224, 224, 216});
    for (int i = 0; i < kNumStands; ++i) draw_stand(canvas, i, i == place.destination);
    draw_walls(canvas);
    if (place.passenger != kInTaxi) {
      draw_passenger(canvas, center_of(kStandRow[place.passenger], kStandColumn[place.passenger]));
    }
    draw_taxi(canvas, place);
    write_letters(canvas, kSide, kSide, letters(place));
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    constexpr Key kKeys[kNumActions] = {Key::kDown, Key::kUp, Key::kRight,
                                        Key::kLeft, Key::kP,  Key::kD};
    for (int i = 0; i < kNumActions; ++i) {
      // The space bar does what is meant: dropoff with a passenger, else pickup.
      const bool is_meant = keys[Key::kSpace] &&
                            i == (Place::of(state_).passenger == kInTaxi ? kDropoff : kPickup);
      if (!keys[kKeys[i]] && !is_meant) continue;
      action.discrete() = i;
      return true;
    }
    return false;
  }

  bool get_state(DoubleVec& state) const override {
    state = {static_cast<double>(state_)};
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    if (state[0] != std::floor(state[0]) || !(state[0] >= 0 && state[0] < kNumStates)) {
      throw Error("Taxi-v3: there is no state " + format_number(state[0]) + "; expected 0 to 499");
    }
    state_ = static_cast<int>(state[0]);
    is_delivered_ = false;
    return true;
  }
  void save(StateWriter& out) const override { out.write(state_, facing_, reward_, is_delivered_); }
  bool load(StateReader& in) override {
    int state = 0;
    in.read(state, facing_, reward_, is_delivered_);
    if (state < 0 || state >= kNumStates) throw Error::failure("saved state is no state of a taxi");
    state_ = state;
    return true;
  }

 private:
  static Point center_of(int row, int column) {
    return {static_cast<float>(column) + 0.5f, static_cast<float>(kSide - row) - 0.5f};
  }

  /// A coloured square with its letter; the destination has a flag.
  static void draw_stand(Canvas& canvas, int stand, bool is_destination) {
    const Point at = center_of(kStandRow[stand], kStandColumn[stand]);
    canvas.rectangle({at.x - 0.46f, at.y - 0.46f}, {at.x + 0.46f, at.y + 0.46f},
                     kStandColor[stand]);
    canvas.rectangle({at.x - 0.4f, at.y - 0.4f}, {at.x + 0.4f, at.y + 0.4f},
                     palette::kBackground);
    canvas.text({at.x - 0.34f, at.y + 0.14f}, 0.2f, std::string_view(kStandLetter + stand, 1),
                kStandColor[stand]);
    if (is_destination) draw_flag(canvas, {at.x + 0.02f, at.y});
  }

  static void draw_walls(Canvas& canvas) {
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column + 1 < kSide; ++column) {
        if (!kWallEast[row][column]) continue;
        const float x = static_cast<float>(column + 1), y = static_cast<float>(kSide - row);
        canvas.rectangle({x - 0.06f, y - 1}, {x + 0.06f, y}, palette::kInk);
      }
    }
  }

  static void draw_passenger(Canvas& canvas, Point at) {
    canvas.circle({at.x + 0.2f, at.y + 0.12f}, 0.11f, palette::kAccent);
    canvas.capsule({at.x + 0.2f, at.y - 0.22f}, {at.x + 0.2f, at.y - 0.1f}, 0.12f,
                   palette::kAccent);
  }

  /// A car seen from above that points where it drove last; its passenger shows through the roof.
  void draw_taxi(Canvas& canvas, const Place& place) const {
    constexpr float kAngles[4] = {-kQuarterTurn, kQuarterTurn, 0, 2 * kQuarterTurn};
    canvas.push(center_of(place.row, place.column), kAngles[facing_ & 3], 1);
    for (const float side : {-0.22f, 0.22f}) {
      canvas.capsule({-0.24f, side}, {-0.12f, side}, 0.06f, palette::kInk);
      canvas.capsule({0.14f, side}, {0.26f, side}, 0.06f, palette::kInk);
    }
    canvas.capsule({-0.2f, 0}, {0.22f, 0}, 0.21f, palette::kAgent);
    canvas.rectangle({0.12f, -0.14f}, {0.22f, 0.14f}, palette::kIce);
    canvas.rectangle({-0.28f, -0.12f}, {-0.2f, 0.12f}, palette::kIce);
    canvas.circle({-0.04f, 0}, 0.12f,
                  place.passenger == kInTaxi ? palette::kAccent : palette::kAgentLight);
    canvas.pop();
  }

  /// T or t the taxi with and without passenger, p the passenger, D the destination, | a wall.
  static std::string letters(const Place& place) {
    std::string text(2 * kSide * kSide, ' ');
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column) {
        const auto at = static_cast<std::size_t>(2 * (row * kSide + column));
        text[at] = '.';
        if (column + 1 < kSide && kWallEast[row][column]) text[at + 1] = '|';
      }
    }
    const auto put = [&text](int row, int column, char letter) {
      text[static_cast<std::size_t>(2 * (row * kSide + column))] = letter;
    };
    for (int i = 0; i < kNumStands; ++i) put(kStandRow[i], kStandColumn[i], kStandLetter[i]);
    put(kStandRow[place.destination], kStandColumn[place.destination], 'D');
    const bool is_in = place.passenger == kInTaxi;
    if (!is_in) put(kStandRow[place.passenger], kStandColumn[place.passenger], 'p');
    put(place.row, place.column, is_in ? 'T' : 't');
    return text;
  }

  Params params_;
  EnvSpec spec_;
  int state_ = 0;
  int facing_ = kSouth;
  float reward_ = 0;  // of the last step
  bool is_delivered_ = false;
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Taxi>("built-in"); }

}  // namespace tern::taxi
