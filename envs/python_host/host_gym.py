# Of the text that an interpreter runs (host.py), the part about `gym:ID`: environments of Gymnasium's
# registry.

import copy
import difflib
import hashlib
import inspect
import sys


class GymKind:
    """What Gymnasium's registry has under an id. Called with values of its parameters, an env."""

    def __init__(self, gym_id):
        try:
            import gymnasium
        except ModuleNotFoundError as error:
            if error.name != "gymnasium":
                raise
            raise WrongName("there is no module 'gymnasium' for %s. Install it (python3 -m pip install "
                            "gymnasium), or name a Python that has it: TERN_PYTHON=/path/to/python3"
                            % sys.executable)
        self.gymnasium = gymnasium
        self.spec = copy.deepcopy(self.find(gym_id))
        entry_point = self.spec.entry_point
        if isinstance(entry_point, str):
            from gymnasium.envs.registration import load_env_creator
            try:
                entry_point = load_env_creator(entry_point)
            except Exception as error:
                if isinstance(error, ImportError) or type(error).__name__ == "DependencyNotInstalled":
                    raise Refusal("it needs a package that is not there: %s" % error)
                raise
        self.creator = entry_point
        self.id = "gym-" + self.spec.id.replace("/", "-")
        self.max_episode_steps = self.spec.max_episode_steps or 0
        self.spec.max_episode_steps = None  # the limit is Tern's to apply

    def find(self, gym_id):
        module, _, name = gym_id.rpartition(":")
        if module:
            try:
                __import__(module)
            except ModuleNotFoundError as error:
                if error.name != module.partition(".")[0]:
                    raise
                raise WrongName("there is no module '%s' for %s" % (error.name, sys.executable))
        registered = self.gymnasium.registry
        if name in registered:
            return registered[name]
        versions = sorted(known for known in registered if known.rpartition("-v")[0] == name)
        near = versions or difflib.get_close_matches(name, registered, 3, 0.6)
        if not near:  # of a namespace, or in other case
            wanted = name.rpartition("/")[2].lower()
            near = [k for k in sorted(registered) if k.rpartition("/")[2].lower() == wanted][:3]
        raise WrongName("Gymnasium %s has no env '%s'.%s" % (
            self.gymnasium.__version__, name,
            " Did you mean %s?" % " or ".join("'gym:%s'" % known for known in near) if near else
            " An env of a package of its own is written gym:MODULE:ID"))

    def params(self):
        given = dict(self.spec.kwargs, render_mode=None)
        return [param for param in parameters_of(self.creator, given)
                if param["name"] != "render_mode"]

    def source(self):
        """What tells whether the env has changed since."""
        try:
            with open(inspect.getsourcefile(self.creator), "rb") as file:
                text = hashlib.sha256(file.read()).hexdigest()
        except (TypeError, OSError):
            text = "unknown"
        return "%s, Gymnasium %s, %s" % (self.spec.id, self.gymnasium.__version__, text)

    def facts(self, made):
        metadata = getattr(made, "metadata", None) or {}
        facts = {"id": self.id, "family": "gymnasium",
                 "summary": first_sentence(inspect.getdoc(type(made.unwrapped))) or self.spec.id,
                 "reference": "%s of Gymnasium %s" % (self.spec.id, self.gymnasium.__version__),
                 "max_episode_steps": self.max_episode_steps,
                 "frames_per_second": metadata.get("render_fps", 30)}
        if self.spec.reward_threshold is not None:
            facts["reward_threshold"] = float(self.spec.reward_threshold)
        return facts

    def __call__(self, **values):
        metadata = getattr(self.creator, "metadata", None)
        modes = metadata.get("render_modes", []) if isinstance(metadata, dict) else []
        if "rgb_array" in modes:
            values["render_mode"] = "rgb_array"
        return self.gymnasium.make(copy.deepcopy(self.spec), disable_env_checker=True, **values)


def first_sentence(text):
    """Of a docstring, behind its headings; "" if there is none that fits into a line."""
    lines = (text or "").split("\n")
    while lines and (not lines[0].strip() or lines[0].startswith("#")):
        lines.pop(0)
    end = lines.index("") if "" in lines else len(lines)
    sentence = " ".join(line.strip() for line in lines[:end]).split(". ")[0].rstrip(".")
    return sentence if len(sentence) <= 120 else ""
