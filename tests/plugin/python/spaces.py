"""Envs that have spaces in the form of Gymnasium's, here without that package."""


class Numbers(list):
    def ravel(self):
        return self

    def tolist(self):
        return list(self)


class _Space:
    def __init__(self, **facts):
        self.__dict__.update(facts)


class Box(_Space):
    def __init__(self, low, high, dtype="float32"):
        super().__init__(low=Numbers(low), high=Numbers(high), shape=(len(low),), dtype=dtype)


class Discrete(_Space):
    def __init__(self, n, start=0):
        super().__init__(n=n, start=start)


class Dict(_Space):
    def __init__(self, spaces):
        super().__init__(spaces=spaces)


class Lift:
    """go up and down"""

    def __init__(self, floors=4, render_mode=None):
        self.floors = floors
        self.action_space = Discrete(3, start=-1)
        self.observation_space = Dict({
            "lift": Dict({"floor": Discrete(floors), "speed": Box([-1], [1])}),
            "calls": Box([0, 0], [1, 2]),
        })

    def reset(self, *, seed=None, options=None):
        self.floor = seed % self.floors
        return self.observation(0), {}

    def step(self, action):
        assert action in (-1, 0, 1)
        self.floor = max(0, min(self.floors - 1, self.floor + action))
        return self.observation(action), 1.0 * self.floor, False, False, {}

    def observation(self, speed):
        return {"lift": {"floor": self.floor, "speed": Numbers([speed])}, "calls": Numbers([1, 2])}


class Other(Lift):
    id = "Other-v3"
    metadata = property(lambda self: {})  # as of Gymnasium's wrappers


class Filmed(Lift):
    id = "Filmed-v0"
    metadata = {"render_modes": ["human", "rgb_array"]}

    def __init__(self, render_mode=None):
        super().__init__()
        self.render_mode = render_mode

    def render(self):
        return _Picture([[[0, 0, 9], [9, 0, 0]]])


class _Picture(list):
    def tobytes(self):
        return bytes(part for row in self for pixel in row for part in pixel)
