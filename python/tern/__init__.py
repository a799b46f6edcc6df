"""Tern from Python: its environments in arrays, as Gymnasium's and as Stable-Baselines3's (tern.sb3), and its
trained policies.

    envs = tern.Envs("CartPole-v1", num_envs=64)
    env = tern.make("LunarLander-v3")                       # gymnasium.Env
    envs = tern.make_vec("LunarLander-v3", num_envs=64)     # gymnasium.vector.VectorEnv
    action, state = tern.load_policy("runs/pole").predict(obs)
"""

from ._library import Error, Spec
from .envs import Envs, env_ids, make, make_vec
from .policy import Policy, load_policy

__all__ = ["Envs", "Error", "Policy", "Spec", "env_ids", "load_policy", "make", "make_vec"]


def _register():
    """gymnasium.make("tern/LunarLander-v3") after `import tern`, for every built-in env."""
    try:
        from gymnasium.envs.registration import register, registry
    except ImportError:
        return
    for env in env_ids():
        if f"tern/{env}" not in registry:
            register(id=f"tern/{env}", entry_point="tern.envs:Env", kwargs={"env": env})


_register()
