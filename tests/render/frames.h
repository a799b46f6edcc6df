#pragma once
// Moments made by hand, for the tests of what is drawn of them.

#include <memory>
#include <utility>
#include <vector>

#include "render/frame_data.h"

namespace tern {

/// An env with two choices and four observed numbers, in the middle of an episode.
inline FrameData balancing_frame() {
  EnvSpec spec;
  spec.id = "Pole-v0";
  spec.obs.scalar("cart position", -4.8, 4.8, "m")
      .scalar("cart velocity", -kUnbounded, kUnbounded, "m/s")
      .categorical("gear", 3)
      .vector("rays", 2, 0, 1);
  spec.action = ActionSpace::discrete({"left", "right"});
  FrameData frame;
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.agent = "ppo";
  frame.policy_step = 51'200;
  frame.env.set_view({-2, -1}, {2, 1}, palette::kBackground);
  frame.env.rectangle({-0.5f, -0.5f}, {0.5f, 0.5f}, palette::kInk);
  frame.env.circle({0, 0.5f}, 0.3f, palette::kItem);
  frame.obs = {1.2f, -3.5f, 2, 0.25f, 0.75f};
  frame.mask = {1, 1};
  frame.action = {1};
  frame.inspection.value = 87.25;
  frame.inspection.probabilities = {0.25, 0.75};
  frame.episode = 4;
  frame.step = 123;
  frame.max_steps = 500;
  frame.episode_return = 123;
  frame.reward = 1;
  frame.past_returns = {12, 80, 500};
  frame.past_values = {80, 85, 90, 87.25};
  return frame;
}

/// An env with two real components, no values and nothing to say yet.
inline FrameData steering_frame() {
  EnvSpec spec;
  spec.id = "Steer-v0";
  spec.obs.scalar("speed", 0, 10, "m/s");
  spec.action = ActionSpace::box({ActionSpace::real("torque", -2, 2, "N m"),
                                  ActionSpace::real("thrust", -kUnbounded, kUnbounded)});
  FrameData frame;
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.obs = {4};
  frame.action = {-0.5f, 3};
  frame.inspection.mean = {-0.4, 2.5};
  frame.inspection.standard_deviation = {0.3, 1};
  return frame;
}

}  // namespace tern
