// Thermostat-v0: keep a room comfortable through a day while heating little.
//
//   observation     unit   range
//   0 room          deg C  usually 0 to 40
//   1 outdoors      deg C  usually -10 to 25
//   2 wanted        deg C  16 by night, 21 by day
//   3 time of day   h      0 to 24
//
// Action: heater, 0 (off) to 1 (full), out of range is clipped. Reward, each step of 10 minutes:
//   comfort  -0.01 (room - wanted)^2, room and wanted in deg C
//   energy   -`price` * heater
// Limit: 144 steps, one day. The level picks one of 365 days: how cold it is and how the room keeps
// its heat; the random stream only decides where the room starts.
//
// Physics: one thermal mass, dT/dt = (outdoors - T) / tau + heater * power, explicit Euler.
//
// Shows what the small project of `tern new-env` does not: real actions, parameters with ranges,
// levels, reward terms, metrics and a documented state.

#include <algorithm>
#include <cmath>

#include "core/trig.h"
#include "envs/plugin.h"

namespace {

constexpr double kHours = 1.0 / 6;  // of a step
constexpr double kPower = 6;        // K/h at full heating
constexpr double kPi = 3.14159265358979323846;

class Thermostat final : public tern::Env {
 public:
  struct Params {
    double price = 0.05;
    int max_steps = 144;
    template <class V>
    void visit(V& v) {
      v("price", price, "reward lost by a step of full heating", tern::in_range(0, 1));
      v("max_steps", max_steps, "steps of 10 minutes in an episode", tern::in_range(1, 10000));
    }
  };

  explicit Thermostat(const Params& params) : price_(params.price) {
    spec_.id = "Thermostat-v0";
    spec_.family = "examples";
    spec_.summary = "keep a room comfortable through a day while heating little";
    const auto usual = [](const char* name, double low, double high) {
      tern::Field field;
      field.name = name;
      field.shape = {1};
      field.low = low;
      field.high = high;
      field.unit = "deg C";
      field.advisory = true;  // usual values, not promises
      return field;
    };
    spec_.obs.add(usual("room", 0, 40))
        .add(usual("outdoors", -10, 25))
        .scalar("wanted", 16, 21, "deg C")
        .scalar("time of day", 0, 24, "h");
    spec_.action = tern::ActionSpace::box({tern::ActionSpace::real("heater", 0, 1)});
    spec_.max_episode_steps = params.max_steps;
    spec_.reward_terms = {"comfort", "energy"};
    spec_.metrics = {"mean discomfort", "heating"};
    spec_.state_fields = {"room", "hour", "coldness", "tau"};
    spec_.num_levels = 365;
    spec_.frames_per_second = 12;
  }

  const tern::EnvSpec& spec() const override { return spec_; }

  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    tern::Rng day(ctx.level, "thermostat day");  // the same day for the same level
    coldness_ = day.uniform(-5, 12);
    tau_ = day.uniform(8, 20);
    room_ = ctx.rng.uniform(14, 22);
    hour_ = 0;
    discomfort_ = heating_ = 0;
    steps_ = 0;
    observe(obs);
  }

  tern::StepResult step(tern::ActionRow action, tern::Rng&, tern::ObsRow obs) override {
    const double heater = std::clamp(static_cast<double>(action[0]), 0.0, 1.0);
    room_ += kHours * ((outdoors() - room_) / tau_ + heater * kPower);
    hour_ = hour_ + kHours < 24 ? hour_ + kHours : 0;
    const double off = room_ - wanted();
    comfort_ = static_cast<float>(-0.01 * off * off);
    energy_ = static_cast<float>(-price_ * heater);
    discomfort_ += std::abs(off);
    heating_ += heater;
    ++steps_;
    observe(obs);
    return {comfort_ + energy_, false, false};
  }

  void reward_terms(tern::FloatRow terms) const override {
    terms[0] = comfort_;
    terms[1] = energy_;
  }
  void metrics(tern::FloatRow metrics) const override {
    const double steps = std::max(steps_, 1);
    metrics[0] = static_cast<float>(discomfort_ / steps);
    metrics[1] = static_cast<float>(heating_ / steps);
  }

  void draw(tern::Canvas& canvas) const override {
    canvas.set_view({-12, -12}, {12, 42}, tern::palette::kBackground);
    const auto column = [&](float x, double height, tern::Color color) {
      canvas.rectangle({x - 2, -10}, {x + 2, static_cast<float>(height)}, color);
    };
    column(-5, room_, tern::palette::kDanger);
    column(5, outdoors(), tern::palette::kAgentLight);
    const float goal = static_cast<float>(wanted());
    canvas.line({-9, goal}, {-1, goal}, 0.4f, tern::palette::kInk);
    canvas.text({-5, -11.8f}, 1.4f, "room", tern::palette::kInk, tern::Align::kCenter);
    canvas.text({5, -11.8f}, 1.4f, "outdoors", tern::palette::kInk, tern::Align::kCenter);
  }

  bool human_action(const tern::Keys& keys, tern::MutableActionRow action) const override {
    action[0] = keys[tern::Key::kUp] ? 1.0f : 0.0f;
    return true;
  }

  bool get_state(tern::DoubleVec& state) const override {
    state = {room_, hour_, coldness_, tau_};
    return true;
  }
  bool set_state(tern::ConstDoubleRow state) override {
    room_ = state[0];
    hour_ = state[1];
    coldness_ = state[2];
    tau_ = state[3];
    return true;
  }
  void save(tern::StateWriter& out) const override {
    out.write(room_, hour_, coldness_, tau_, discomfort_, heating_, steps_, comfort_, energy_);
  }
  bool load(tern::StateReader& in) override {
    in.read(room_, hour_, coldness_, tau_, discomfort_, heating_, steps_, comfort_, energy_);
    return true;
  }

 private:
  double outdoors() const { return coldness_ - 5 * tern::sincos(2 * kPi * (hour_ + 3) / 24).cos; }
  double wanted() const { return hour_ >= 6 && hour_ < 22 ? 21 : 16; }
  void observe(tern::ObsRow obs) const {
    obs[0] = static_cast<float>(room_);
    obs[1] = static_cast<float>(outdoors());
    obs[2] = static_cast<float>(wanted());
    obs[3] = static_cast<float>(hour_);
  }

  double price_;
  tern::EnvSpec spec_;
  double room_ = 0, hour_ = 0;          // deg C, h
  double coldness_ = 0, tau_ = 1;       // mean outdoors, deg C; how long heat is kept, h
  double discomfort_ = 0, heating_ = 0;  // sums over the episode
  int steps_ = 0;
  float comfort_ = 0, energy_ = 0;      // parts of the last reward
};

}  // namespace

TERN_EXPORT_ENVS(Thermostat)
