// Learns on a robot that this program steps itself, while it runs: caller_owned_loop [FOLDER
// [STEPS]]
//
// The robot is a cart on a rail that is to stand still at 0. It is simulated here, so that the
// example can be run; in a program of yours, these few lines talk to motors and sensors. There is
// one robot, and nobody else steps it.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "tern/agents/api.h"
#include "tern/core/error.h"

namespace {

class Cart {
 public:
  static constexpr int kTicks = 100;  // of an episode
  /// Somebody puts it back on the rail.
  void put_back() {
    place_ = attempts_++ % 2 == 0 ? 1.0f : -1.0f;
    speed_ = 0;
  }
  void push(float force) {
    speed_ = 0.95f * speed_ + 0.05f * std::clamp(force, -1.0f, 1.0f);
    place_ += speed_;
  }
  bool fell() const { return std::fabs(place_) > 2; }
  /// place in m, speed in m a tick.
  const std::vector<float>& sensors() {
    readings_ = {place_, speed_};
    return readings_;
  }

 private:
  float place_ = 0, speed_ = 0;
  int attempts_ = 0;
  std::vector<float> readings_ = {0, 0};
};

tern::EnvSpec cart_spec() {
  tern::EnvSpec spec;
  spec.id = "Cart-v0";
  spec.obs.scalar("place", -2, 2, "m").scalar("speed", -1, 1, "m/tick");
  spec.action = tern::ActionSpace::box({tern::ActionSpace::real("force", -1, 1, "N")});
  return spec;
}

tern::ConstObsRow row(const std::vector<float>& readings) {
  return tern::ConstObsRow(tern::Row<const float>(readings));
}

/// Mean reward of a tick in an episode of the present policy, without exploration.
double show(Cart& cart, tern::Policy& policy) {
  std::vector<float> state(policy.state_size());
  float force = 0;
  double sum = 0;
  cart.put_back();
  for (int tick = 0; tick < Cart::kTicks; ++tick) {
    policy.act({row(cart.sensors()),
                {},
                nullptr,
                tern::MutableActionRow(tern::Row<float>(&force, 1)),
                state},
               /*deterministic=*/true);
    cart.push(force);
    sum -= std::fabs(cart.sensors()[0]);
  }
  return sum / Cart::kTicks;
}

}  // namespace

int main(int argc, char** argv) try {
  const int steps = argc > 2 ? std::atoi(argv[2]) : 6000;
  tern::OnlineRequest request;
  request.env = cart_spec();
  request.agent = "sac";
  request.settings = {{"total_steps", std::to_string(steps), "main()"},
                      {"learning_starts", "500", "main()"},
                      {"hidden_sizes", "[32, 32]", "main()"},
                      {"batch_size", "64", "main()"}};
  const auto learner = tern::tern_agents_api()->learn_online(request);

  Cart cart;
  std::cout << "before: " << show(cart, *learner->policy()) << " a tick\n";
  cart.put_back();
  learner->begin(row(cart.sensors()));
  for (int tick = 1; learner->step() < steps; ++tick) {
    const tern::ActionRow action = learner->act();  // microseconds, no allocation
    cart.push(action[0]);                           // here a real program waits for its next tick

    const bool fell = cart.fell(), out_of_time = tick == Cart::kTicks;
    const std::vector<float>& now = cart.sensors();
    learner->observe({/*reward=*/-std::fabs(now[0]) - (fell ? 50 : 0), /*terminated=*/fell,
                      /*truncated=*/!fell && out_of_time, row(now)});
    learner->learn(/*most=*/2);  // gradient steps, in the time that is left of the tick

    if (!fell && !out_of_time) continue;
    cart.put_back();
    learner->begin(row(cart.sensors()));
    tick = 0;
  }
  std::cout << "after " << learner->step() << " ticks: " << show(cart, *learner->policy())
            << " a tick\n";
  if (argc > 1) {
    learner->save(argv[1]);  // tern::tern_agents_api()->load_policy() reads it
    std::cout << "saved in " << argv[1] << "\n";
  }
} catch (const tern::Error& error) {
  std::cerr << "caller_owned_loop: " << error.what() << "\n";
  return static_cast<int>(error.code());
}
