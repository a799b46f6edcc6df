import os
import random
import signal


class Numbers(list):
    def ravel(self):
        return self

    def tolist(self):
        return list(self)


class Picture(list):
    def tobytes(self):
        return bytes(part for row in self for pixel in row for part in pixel)


class Box:
    def __init__(self, low, high):
        self.low, self.high = Numbers(low), Numbers(high)
        self.shape, self.dtype = (len(low),), "float32"


class Discrete:
    def __init__(self, n, start=0):
        self.n, self.start = n, start


class Dict:
    def __init__(self, spaces):
        self.spaces = spaces


class Env:
    metadata = {}

    @property
    def unwrapped(self):
        return self

    def close(self):
        pass


class Walk(Env):
    """
    ## Description

    walk to the right, until the end
    of the line. Nothing else.
    """

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 7}
    observation_space = Box([-9, 0], [9, 1])
    action_space = Discrete(2)

    def __init__(self, size=4, fault="none", render_mode=None):
        self.size, self.fault, self.render_mode = size, fault, render_mode

    def reset(self, *, seed=None, options=None):
        self.random = random.Random(seed)
        self.place = 0.0
        return Numbers([self.place, self.random.random()]), {}

    def step(self, action):
        self.place += 2 * action - 1 + self.random.random() / 4
        if self.fault == "raise" and self.place > 1:
            raise RuntimeError("the floor gave way")
        if self.fault == "killed" and self.place > 1:
            os.kill(os.getpid(), signal.SIGKILL)
        ended = abs(self.place) >= self.size
        both = ended and self.fault == "both"
        return Numbers([self.place, self.random.random()]), float(ended), ended, both, {}

    def render(self):
        return Picture([[[0, 0, 9], [9, 0, 0]]])


class Reach(Env):
    action_space = Discrete(2)
    observation_space = Dict({"achieved_goal": Box([-9, -9], [9, 8]),
                              "desired_goal": Box([-9, -9], [9, 8])})

    def reset(self, *, seed=None, options=None):
        self.place, self.goal = [0.0, 0.0], [float(seed % 3), 0.0]
        return self.observation(), {}

    def step(self, action):
        self.place[0] += 2 * action - 1
        return self.observation(), self.compute_reward(self.place, self.goal, {}), False, False, {}

    def compute_reward(self, achieved, desired, info):
        return -abs(float(achieved[0]) - float(desired[0]))

    def observation(self):
        return {"achieved_goal": list(self.place), "desired_goal": list(self.goal)}


def needy():
    raise ImportError("no simulator")
