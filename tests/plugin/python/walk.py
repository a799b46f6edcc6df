"""An env in order, for tests/plugin/python_envs_test.cc: fields of floats and bytes, groups, masks,
metrics, levels and parameters."""

import random


class Walk:
    facts = {
        "id": "PyWalk-v0",
        "family": "test",
        "summary": "walk on a line of nine cells",
        "observation": {
            "robot.camera": {"shape": [2, 2, 3], "low": 0, "high": 255, "dtype": "uint8"},
            "robot.place": (-4, 4, "m"),
            "wind": {"shape": 2, "low": -1, "high": 1},
            "room": {"categories": 3, "first": 1},
            "word": {"shape": 2, "categories": 5},
        },
        "action": ["left", "stay", "right"],
        "max_episode_steps": 30,
        "reward_threshold": 1.5,
        "metrics": ["bumps"],
        "masks": True,
        "num_levels": 5,
        "parameters": {"size": "cells to either side"},
    }

    def __init__(self, size=4, gusts=True, push=0.5, name="walk"):
        self.size, self.gusts, self.push, self.name = size, gusts, push, name

    def reset(self, seed=None, options=None):
        self.random = random.Random(seed)
        self.level = options["level"]
        self.place, self.bumps = 0, 0
        self.wind = [self.random.uniform(-1, 1), self.push]
        return self.observation(), self.info()

    def step(self, action):
        self.place += action - 1
        if self.gusts and self.random.random() < 0.1:
            self.place += self.random.choice([-1, 1])
        if abs(self.place) > self.size:
            self.bumps += 1
            self.place = max(-self.size, min(self.size, self.place))
        reward = self.place / self.size
        return self.observation(), reward, self.place == self.size, False, self.info()

    def draw(self, canvas):
        canvas.set_view((-5, -1), (5, 1), (1, 2, 3))
        for i, name in enumerate(canvas.PALETTE):
            canvas.circle((i, 0), 0.5, name)
        canvas.push((1, 0), 0.5)
        canvas.rectangle((0, 0), (1, 2), (9, 8, 7, 6))
        canvas.pop()
        canvas.cells((-4, 1), 0.5, [[0, 1], [1, 0]], [("ice", "."), ("goal", "G")])
        canvas.image((0, 0), (1, 1), 2, 1, bytes(range(6)))
        canvas.text((0, 0), 0.3, "at %d" % self.place, align="center")

    def info(self):
        return {"bumps": self.bumps, "action_mask": [self.place > -self.size, True, True]}

    def observation(self):
        return {"robot": {"place": self.place, "camera": bytes([10 * self.level + self.place + 4] * 12)},
                "wind": self.wind, "room": 1 + self.level % 3, "word": [self.level, 4]}
