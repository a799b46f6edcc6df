#include "cli/text/new_python_files.h"

namespace tern::cli {

const char kPythonEnv[] = R"py("""@class_name@-v0: walk along a corridor to the lamp.

  observation     unit   range
  0 place         m      -1 to 1, the ends of the corridor
  1 lamp ahead    m      -2 to 2, how far the lamp is to the right

Actions: 0 left, 1 right, by `speed`. Reward: 1 at the lamp, which ends the episode, else -0.02.
Limit: 50 steps.

This is an env to start from: change the rules, keep the comment true. It has the form of
Gymnasium's envs and needs no package; what it may do besides is told in Tern's docs/plugins.md.
"""

import random


class @class_name@:
    # All known before the first reset. Changed rules get a new version: @class_name@-v1.
    facts = {
        "id": "@class_name@-v0",
        "family": "mine",
        "summary": "walk along a corridor to the lamp",
        "observation": {"place": (-1, 1, "m"), "lamp ahead": (-2, 2, "m")},
        "action": ["left", "right"],
        "max_episode_steps": 50,  # Tern cuts the episode and tells the agent that it was cut
        "reward_threshold": 0.8,  # a mean return that counts as solved
        "frames_per_second": 10,  # for people who watch
        "parameters": {"speed": "m that one action moves"},
    }

    # What a user may set, with its default: env.speed=0.2
    def __init__(self, speed=0.1):
        self.speed = speed

    # Starts an episode. All chance of the episode comes from the seed.
    def reset(self, seed=None, options=None):
        self.random = random.Random(seed)
        self.place = self.random.uniform(-1, 1)
        self.lamp = self.random.uniform(-1, 1)
        return self.observation(), {}

    # One step. `terminated` is for ends that belong to the env, never for time limits.
    def step(self, action):
        self.place += self.speed if action == 1 else -self.speed
        self.place = min(max(self.place, -1), 1)
        terminated = abs(self.lamp - self.place) < self.speed
        reward = 1 if terminated else -0.02
        return self.observation(), reward, terminated, False, {}

    # All numbers, in the order of facts["observation"].
    def observation(self):
        return [self.place, self.lamp - self.place]

    # Optional. The picture: scene units, y up, from back to front.
    def draw(self, canvas):
        canvas.set_view((-1.2, -0.4), (1.2, 0.6))
        canvas.rectangle((-1.1, -0.05), (1.1, 0), "muted")
        canvas.line((self.lamp, 0), (self.lamp, 0.3), 0.02, "ink")
        canvas.circle((self.lamp, 0.35), 0.08, "item")
        canvas.capsule((self.place, 0.06), (self.place, 0.18), 0.06, "agent")
)py";

}  // namespace tern::cli
