"""Environments of Tern as Stable-Baselines3's VecEnv: PPO("MlpPolicy", tern.sb3.make_vec("CartPole-v1", 8))."""

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from .envs import Envs, _action_space, _copy, _obs_space, _row


def make_vec(env, num_envs=1, threads=1, seed=0, **params):
    return TernVecEnv(Envs(env, num_envs, threads, seed, **params))


class TernVecEnv(VecEnv):
    """infos at the end of an episode: "terminal_observation", "TimeLimit.truncated", "episode"."""

    def __init__(self, envs):
        self.envs = envs
        self._seed = None
        self._actions = None
        self.render_mode = None
        super().__init__(envs.num_envs, _obs_space(envs.spec), _action_space(envs.spec))

    def reset(self):
        obs = self.envs.reset(self._seed)
        self._seed = None
        return _copy(obs)

    def seed(self, seed=None):
        self._seed = seed  # of the next reset
        return [seed] * self.num_envs

    def step_async(self, actions):
        self._actions = actions

    def step_wait(self):
        envs = self.envs
        obs, reward, terminated, truncated = envs.step(self._actions)
        ended = terminated | truncated
        infos = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(ended):
            infos[i] = {"terminal_observation": _row(envs.final_obs, i),
                        "TimeLimit.truncated": bool(truncated[i]),
                        "episode": {"r": float(envs.episode_return[i]), "l": int(envs.episode_length[i])}}
        return _copy(obs), reward.copy(), ended, infos

    def action_masks(self):
        """[N, mask_size] bool, as sb3-contrib's MaskablePPO asks for it."""
        return self.envs.mask.astype(bool)

    def close(self):
        self.envs.close()

    def get_attr(self, attr_name, indices=None):
        return [getattr(self, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name, value, indices=None):
        raise AttributeError(f"environments of Tern have no attribute {attr_name!r} to set")

    def env_method(self, method_name, *args, indices=None, **kwargs):
        if method_name == "action_masks":
            masks = self.action_masks()
            return [masks[i] for i in self._get_indices(indices)]
        raise AttributeError(f"environments of Tern have no method {method_name!r}")

    def env_is_wrapped(self, wrapper_class, indices=None):
        return [False] * len(list(self._get_indices(indices)))
