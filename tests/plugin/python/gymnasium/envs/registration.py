import importlib


class EnvSpec:
    def __init__(self, id, entry_point, max_episode_steps, reward_threshold, kwargs):
        self.id, self.entry_point, self.kwargs = id, entry_point, kwargs
        self.max_episode_steps, self.reward_threshold = max_episode_steps, reward_threshold


registry = {}


def load_env_creator(name):
    module, attribute = name.split(":")
    return getattr(importlib.import_module(module), attribute)


class TimeLimit:
    def __init__(self, env, limit):
        self.env, self.limit, self.time = env, limit, 0

    def reset(self, **words):
        self.time = 0
        return self.env.reset(**words)

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.time += 1
        return observation, reward, terminated, truncated or self.time >= self.limit, info

    def __getattr__(self, name):
        return getattr(self.env, name)


def make(spec, disable_env_checker=None, **values):
    spec = registry[spec] if isinstance(spec, str) else spec
    env = load_env_creator(spec.entry_point)(**{**spec.kwargs, **values})
    return TimeLimit(env, spec.max_episode_steps) if spec.max_episode_steps else env
