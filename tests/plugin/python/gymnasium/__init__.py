"""A stand-in for Gymnasium, with the part of its interface that Tern's `gym:ID` uses: a registry of
specs, make, wrappers and spaces. For machines without that package."""

from gymnasium.envs.registration import EnvSpec, make, registry
from gymnasium.stand_in import Box, Dict, Discrete

__version__ = "0.0-stand-in"

registry["Walk-v1"] = EnvSpec("Walk-v1", "gymnasium.stand_in:Walk", 12, 0.5, {"size": 3})
registry["Walk-v0"] = EnvSpec("Walk-v0", "gymnasium.stand_in:Walk", None, None, {})
registry["Toys/Reach-v0"] = EnvSpec("Toys/Reach-v0", "gymnasium.stand_in:Reach", 10, None, {})
registry["Needy-v0"] = EnvSpec("Needy-v0", "gymnasium.stand_in:needy", None, None, {})
