"""Environments of Tern: many at once in arrays (Envs), as Gymnasium's VectorEnv, and one as Gymnasium's Env."""

import ctypes
import math

import numpy as np

from ._library import EnvsOptions, Error, Spec, Step, address, check, lib

try:
    import gymnasium
    from gymnasium import spaces
except ImportError:
    gymnasium = None


def _words(params):
    words = []
    for key, value in params.items():
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, (list, tuple)):
            value = "[" + ", ".join(map(str, value)) + "]"
        words.append(f"{key}={value}".encode())
    return (ctypes.c_char_p * len(words))(*words), len(words)


class Envs:
    """`num_envs` environments that are stepped together. All arrays are its own and are written over by the next
    call; copy what is to be kept.

    obs: as Spec.obs_rows shows it. mask: [N, mask_size]. reward: [N] float32. terminated, truncated: [N] bool.
    When an episode ends, obs and mask are already the first of the next one; final_obs, episode_return,
    episode_length and episode_metrics of that env tell how it ended.
    """

    def __init__(self, env, num_envs=1, threads=1, seed=0, **params):
        self._handle = ctypes.c_void_p()
        words, count = _words(params)
        options = EnvsOptions(ctypes.sizeof(EnvsOptions), num_envs, threads, seed)
        check(lib.ternc_envs_make(str(env).encode(), words, count, options, self._handle))
        self.num_envs = num_envs
        self.spec = Spec(lib.ternc_envs_spec(self._handle))
        spec = self.spec
        self._obs, self.obs = spec.obs_rows(num_envs)
        self._final_obs, self.final_obs = spec.obs_rows(num_envs)
        self.mask = np.ones((num_envs, spec.mask_size), np.uint8)
        self.final_mask = np.ones((num_envs, spec.mask_size), np.uint8)
        self.reward = np.zeros(num_envs, np.float32)
        self.terminated = np.zeros(num_envs, np.bool_)
        self.truncated = np.zeros(num_envs, np.bool_)
        self.episode_return = np.zeros(num_envs, np.float64)
        self.episode_length = np.zeros(num_envs, np.int32)
        self.episode_metrics = np.zeros((num_envs, len(spec.metrics)), np.float32)
        self._step = Step(ctypes.sizeof(Step), *[
            address(array) if array.size else None for array in (
                self._obs, self.mask, self.reward, self.terminated, self.truncated, self._final_obs,
                self.final_mask, self.episode_return, self.episode_length, self.episode_metrics)])
        self._shape = (num_envs, spec.action_size)
        self._dtype = np.dtype(spec.action_dtype)
        self._step_pointer = ctypes.pointer(self._step)
        self._actions, self._actions_address = None, None  # the newest array and where it lies

    def __del__(self):
        self.close()

    def close(self):
        if getattr(self, "_handle", None):
            lib.ternc_envs_free(self._handle)
            self._handle = None

    def _open(self):
        if not self._handle:
            raise Error(f"{self.spec.id} is closed")
        return self._handle

    def reset(self, seed=None):
        """Starts an episode everywhere; with a seed as if the envs had just been made with it."""
        if seed is not None:
            check(lib.ternc_envs_seed(self._open(), seed))
        check(lib.ternc_envs_reset(self._open(), address(self._obs),
                                   address(self.mask) if self.mask.size else None))
        return self.obs

    def step(self, actions):
        """actions: [N, action_size] of int32 (choices) or float32; [N] for one choice. Others are converted."""
        if actions is not self._actions:
            self._take(actions)
        check(lib.ternc_envs_step(self._open(), self._actions_address, self._step_pointer))
        return self.obs, self.reward, self.terminated, self.truncated

    def _take(self, actions):
        given = actions
        actions = np.asarray(actions)
        if not self.spec.is_box and actions.dtype.kind not in "iu":
            raise Error(f"{self.spec.id}: actions are choices; expected whole numbers, not {actions.dtype}")
        actions = np.ascontiguousarray(actions, self._dtype)
        if actions.size != math.prod(self._shape) or actions.shape[:1] != self._shape[:1]:
            raise Error(f"{self.spec.id}: actions are of shape {actions.shape}; expected {self._shape}")
        self._actions_address = actions.__array_interface__["data"][0]
        self._converted = actions  # kept alive
        self._actions = given if given is actions else None


def env_ids():
    """Ids of the built-in environments."""
    ids = []
    while (env := lib.ternc_env_id(len(ids))) is not None:
        ids.append(env.decode())
    return ids


def make(env, seed=0, **params):
    """One environment, as Gymnasium's Env. env: an id or a plugin's path; params: its own and those of wrappers."""
    _need_gymnasium()
    return Env(env, seed=seed, **params)


def make_vec(env, num_envs=1, threads=1, seed=0, **params):
    """Many, as Gymnasium's VectorEnv, which resets in the same step."""
    _need_gymnasium()
    return VectorEnv(env, num_envs=num_envs, threads=threads, seed=seed, **params)


def _need_gymnasium():
    if gymnasium is None:
        raise Error("this needs Gymnasium, which is not installed (pip install gymnasium); tern.Envs needs "
                    "only NumPy")


if gymnasium is not None:

    def _obs_space(spec):
        def box(fields, dtype, size):
            low, high = np.zeros(size, np.float64), np.zeros(size, np.float64)
            start = 0
            for field in fields:
                place = slice(start, start + field["size"])
                unsure = field["is_advisory"] and dtype is np.float32
                low[place] = -np.inf if unsure else field["low"]
                high[place] = np.inf if unsure else field["high"]
                start += field["size"]
            shape = fields[0]["shape"] if len(spec.fields) == 1 else (size,)
            return spaces.Box(low.astype(dtype).reshape(shape), high.astype(dtype).reshape(shape),
                              dtype=dtype)

        floats = [field for field in spec.fields if not field["is_bytes"]]
        pixels = [field for field in spec.fields if field["is_bytes"]]
        parts = {}
        if floats:
            parts["floats"] = box(floats, np.float32, spec.num_floats)
        if pixels:
            parts["bytes"] = box(pixels, np.uint8, spec.num_bytes)
        return spaces.Dict(parts) if len(parts) > 1 else next(iter(parts.values()))

    def _action_space(spec):
        if spec.is_box:
            return spaces.Box(np.array([c["low"] for c in spec.components], np.float32),
                              np.array([c["high"] for c in spec.components], np.float32),
                              dtype=np.float32)
        sizes = [len(c["options"]) for c in spec.components]
        return spaces.Discrete(sizes[0]) if spec.action_kind == 0 else spaces.MultiDiscrete(sizes)

    def _row(obs, i):
        if isinstance(obs, dict):
            return {name: part[i].copy() for name, part in obs.items()}
        return obs[i].copy()

    def _copy(obs):
        return {name: part.copy() for name, part in obs.items()} if isinstance(obs, dict) else obs.copy()

    class Env(gymnasium.Env):
        """One environment. info has "action_mask" where actions may be forbidden, and at the end of an episode
        "episode": {"r": return, "l": steps} and the metrics of the env."""

        metadata = {"render_modes": []}
        render_mode = None

        def __init__(self, env, seed=0, **params):
            self.envs = Envs(env, seed=seed, **params)
            self.tern_spec = self.envs.spec
            self.observation_space = _obs_space(self.tern_spec)
            self.action_space = _action_space(self.tern_spec)
            self.metadata = {"render_modes": [], "render_fps": self.tern_spec.frames_per_second}
            self._is_over = True

        def _info(self, mask):
            return {"action_mask": mask[0].copy()} if self.tern_spec.has_masks else {}

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            if options:
                raise Error(f"{self.tern_spec.id}: reset takes no options; parameters are given to tern.make")
            obs = self.envs.reset(seed)
            self._is_over = False
            return _row(obs, 0), self._info(self.envs.mask)

        def step(self, action):
            if self._is_over:
                raise Error(f"{self.tern_spec.id}: the episode is over, or none has begun; call reset()")
            actions = np.asarray(action).reshape(1, -1)
            obs, reward, terminated, truncated = self.envs.step(actions)
            self._is_over = bool(terminated[0] or truncated[0])
            envs = self.envs
            info = self._info(envs.final_mask if self._is_over else envs.mask)
            if self._is_over:
                info["episode"] = {"r": float(envs.episode_return[0]), "l": int(envs.episode_length[0])}
                info.update(zip(self.tern_spec.metrics, map(float, envs.episode_metrics[0])))
            return (_row(envs.final_obs if self._is_over else obs, 0), float(reward[0]),
                    bool(terminated[0]), bool(truncated[0]), info)

        def close(self):
            self.envs.close()

    class VectorEnv(gymnasium.vector.VectorEnv):
        """Many environments, with autoreset in the same step: infos of envs whose episode ended have final_obs and
        final_info (episode, metrics), with _final_obs and _final_info saying which those are.

        copy=False gives out the arrays that the next step writes over.
        """

        def __init__(self, env, num_envs=1, threads=1, seed=0, copy=True, **params):
            self.envs = Envs(env, num_envs, threads, seed, **params)
            self.tern_spec = self.envs.spec
            self.num_envs = num_envs
            self.single_observation_space = _obs_space(self.tern_spec)
            self.single_action_space = _action_space(self.tern_spec)
            batch_space = gymnasium.vector.utils.batch_space
            self.observation_space = batch_space(self.single_observation_space, num_envs)
            self.action_space = batch_space(self.single_action_space, num_envs)
            self.metadata = {"render_modes": []}
            mode = getattr(gymnasium.vector, "AutoresetMode", None)
            self.metadata["autoreset_mode"] = mode.SAME_STEP if mode else "SameStep"
            self._shown = _copy if copy else lambda obs: obs

        def _info(self):
            return {"action_mask": self.envs.mask.copy()} if self.tern_spec.has_masks else {}

        def reset(self, *, seed=None, options=None):
            if options:
                raise Error(f"{self.tern_spec.id}: reset takes no options; parameters are given to "
                            "tern.make_vec")
            if seed is not None and not isinstance(seed, (int, np.integer)):
                raise Error(f"{self.tern_spec.id}: expected one seed for all envs, not {seed!r}")
            return self._shown(self.envs.reset(seed)), self._info()

        def step(self, actions):
            envs = self.envs
            obs, reward, terminated, truncated = envs.step(actions)
            info = self._info()
            ended = terminated | truncated
            if ended.any():
                final = np.full(self.num_envs, None, dtype=object)
                for i in np.flatnonzero(ended):
                    final[i] = _row(envs.final_obs, i)
                info["final_obs"], info["_final_obs"] = final, ended
                info["final_info"] = {
                    "episode": {"r": np.where(ended, envs.episode_return, 0),
                                "l": np.where(ended, envs.episode_length, 0), "_r": ended, "_l": ended}}
                for k, name in enumerate(self.tern_spec.metrics):
                    info["final_info"][name] = np.where(ended, envs.episode_metrics[:, k], 0)
                info["_final_info"] = ended
            return self._shown(obs), reward.copy(), terminated.copy(), truncated.copy(), info

        def close_extras(self, **kwargs):
            self.envs.close()
