# Of the text that an interpreter runs (host.py), the part about one environment: what its methods
# take and return, as rows of bytes and back.

import array
import inspect
import json
import struct
import sys

FACTS = {"id", "summary", "family", "reference", "observation", "action", "max_episode_steps",
         "reward_threshold", "metrics", "masks", "num_levels", "frames_per_second", "turn_based",
         "parameters", "info", "reward_terms", "state_fields", "players"}
KEYS = (["left", "right", "up", "down", "space", "enter", "shift"] +
        [chr(letter) for letter in range(ord("a"), ord("z") + 1)] + [str(i) for i in range(10)])


class Hosted:
    """An env of the author's, and how its values become rows."""

    def __init__(self, made, name, own_facts=None):
        self.env = made
        facts = own_facts if own_facts is not None else getattr(made, "facts", None)
        if facts is not None and not isinstance(facts, dict):
            raise Refusal("facts is a %s; expected a dict" % type(facts).__name__)
        self.is_own = facts is not None and "observation" in facts
        facts = dict(facts or {})
        unknown = sorted(set(facts) - FACTS)
        if unknown:
            raise Refusal("facts has %r; expected some of %s" % (unknown[0], ", ".join(sorted(FACTS))))
        if self.is_own:
            self.fields = own_fields(facts["observation"])
            kind, components, self.action_of, self.row_of = own_action(facts.get("action"))
        elif hasattr(made, "observation_space") and hasattr(made, "action_space"):
            self.fields = space_fields(made.observation_space, [])
            kind, components, self.action_of, self.row_of = space_action(made.action_space)
        else:
            raise Refusal("it has neither facts['observation'] nor observation_space and "
                          "action_space")
        self.row_fields = ([f for f in self.fields if f.code == "f"] +
                           [f for f in self.fields if f.code == "B"])
        self.action_code = "f" if kind == "box" else "i"
        self.metrics = [str(metric) for metric in facts.get("metrics", [])]
        self.told = {b"I": [str(name) for name in facts.get("info", [])],
                     b"W": [str(name) for name in facts.get("reward_terms", [])]}
        self.last_info = None
        self.goal_env = getattr(made, "unwrapped", made)
        self.is_of_gymnasium = own_facts is not None
        self.methods = (methods_of(made) if own_facts is None else
                        methods_of(self.goal_env) & {"compute_reward"})
        self.players = int(facts.get("players", 1))
        self.components = components
        self.num_flags = sum(len(c.get("options", ())) for c in components)
        self.has_masks = bool(facts.get("masks", False)) and kind != "box"
        self.num_levels = int(facts.get("num_levels", 0))
        doc = (inspect.getdoc(type(made)) or "").split("\n")[0]
        self.facts = {
            "id": id_of(type(made), facts), "summary": str(facts.get("summary", doc or name)),
            "family": str(facts.get("family", "python")),
            "reference": str(facts.get("reference", "")),
            "fields": [field.facts() for field in self.fields],
            "action": kind, "components": components,
            "max_episode_steps": int(facts.get("max_episode_steps", 0)),
            "reward_threshold": facts.get("reward_threshold"), "metrics": self.metrics,
            "info": self.told[b"I"], "reward_terms": self.told[b"W"], "players": self.players,
            "state_fields": [str(name) for name in facts.get("state_fields", [])],
            "can_save": "save" in self.methods and "load" in self.methods,
            "has_keys": "human_action" in self.methods,
            "has_goals": "relabel" in self.methods or "compute_reward" in self.methods,
            "num_levels": self.num_levels, "masks": self.has_masks,
            "frames_per_second": int(facts.get("frames_per_second", 30)),
            "turn_based": bool(facts.get("turn_based", False))}

    def reset(self, seed, level):
        options = {"level": level} if self.num_levels > 0 else None
        result = self.env.reset(seed=seed, options=options)
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], dict):
            raise Refusal("reset returned %s; expected (observation, info), info a dict"
                          % described(result))
        self.last_info = result[1]
        return self.turn() + self.row(result[0]) + self.mask(result[1])

    def step(self, action):
        values = array.array(self.action_code)
        values.frombytes(action)
        result = self.env.step(self.action_of(values.tolist()))
        if not isinstance(result, tuple) or len(result) != 5 or not isinstance(result[4], dict):
            raise Refusal("step returned %s; expected (observation, reward, terminated, truncated, "
                          "info), info a dict" % described(result))
        observation, reward, terminated, truncated, info = result
        if self.is_of_gymnasium and terminated:
            truncated = False  # by its wrappers both may come at once, and the end is what counts
        head = struct.pack("<fBB", number_of(reward, "the reward"), flag_of(terminated, "terminated"),
                           flag_of(truncated, "truncated"))
        self.last_info = info
        return (head + self.metric_values(info) + self.turn() + self.row(observation) +
                self.mask(info))

    def turn(self):
        """Who is to move and what the step gave each player, where several take turns."""
        if self.players <= 1:
            return b""
        rewards = self.env.player_rewards() if "player_rewards" in self.methods else None
        if rewards is not None and len(rewards) != self.players:
            raise Refusal("player_rewards() returned %s; expected a reward for each of the %d "
                          "players, or None" % (described(rewards), self.players))
        player = self.env.current_player() if "current_player" in self.methods else 0
        if not isinstance(player, int):
            raise Refusal("current_player() returned %s; expected a whole number" % described(player))
        given = [float(reward) for reward in rewards or [0] * self.players]
        return struct.pack("<iB", player, rewards is not None) + array.array("f", given).tobytes()

    def told_values(self, kind):
        """Info values or reward terms of the last step."""
        values, info = [], self.last_info
        for name in self.told[kind]:
            if info is not None and name not in info and kind == b"I":
                raise Refusal("info has no '%s', which is one of facts['info']; it is wanted of each "
                              "reset and step" % name)
            values.append(number_of((info or {}).get(name, 0), "info['%s']" % name))
        return array.array("f", values).tobytes()

    def human_action(self, bits):
        action = self.env.human_action({name for i, name in enumerate(KEYS) if bits >> i & 1})
        if action is None:
            return b""
        values = list(self.row_of(action))
        if len(values) != len(self.components):
            raise Refusal("human_action() returned %d values; expected %d" %
                          (len(values), len(self.components)))
        for i, component in enumerate(self.components):
            options = component.get("options")
            if options is None:
                continue
            value = options.index(values[i]) if values[i] in options else values[i]
            if isinstance(value, str) or not 0 <= int(value) < len(options):
                raise Refusal("human_action() returned %r; expected one of %s" %
                              (action, ", ".join(options)))
            values[i] = int(value)
        return array.array(self.action_code, values).tobytes()

    def relabel(self, payload):
        goals = array.array("f")
        goals.frombytes(payload)
        half = len(goals) // 2
        achieved, desired = list(goals[:half]), list(goals[half:])
        if "relabel" in self.methods:
            reward = self.env.relabel(achieved, desired)
        else:
            import numpy
            reward = self.goal_env.compute_reward(numpy.array(achieved, "float32"),
                                                  numpy.array(desired, "float32"), {})
        return struct.pack("<f", float(reward))

    def saved(self):
        info = self.last_info
        told = info and {name: float(info[name]) for names in self.told.values() for name in names
                         if name in info}
        return state_text([self.env.save(), told])

    def load(self, text):
        try:
            state, self.last_info = state_of(text)
        except ValueError:
            raise Refusal("the saved state is damaged")
        self.env.load(state)

    def state_vector(self):
        if "get_state" not in self.methods:
            return b""
        return array.array("d", [float(value) for value in self.env.get_state()]).tobytes()

    def set_state_vector(self, payload):
        if "set_state" not in self.methods:
            return b""
        values = array.array("d")
        values.frombytes(payload)
        self.env.set_state(list(values))
        return b"1"

    def metric_values(self, info):
        values = []
        for metric in self.metrics:
            if metric not in info:
                raise Refusal("info has no '%s', which is one of facts['metrics']; it is wanted of "
                              "each step" % metric)
            values.append(number_of(info[metric], "info['%s']" % metric))
        return array.array("f", values).tobytes()

    def mask(self, info):
        if not self.has_masks:
            return b""
        if "action_mask" not in info:
            raise Refusal("info has no 'action_mask', and facts['masks'] says that there are masks")
        flags = []
        numbers_in(info["action_mask"], flags)
        if len(flags) != self.num_flags:
            raise Refusal("info['action_mask'] has %d flags; expected %d" % (len(flags), self.num_flags))
        return bytes(bool(flag) for flag in flags)

    def row(self, observation):
        if not isinstance(observation, dict):
            if len(self.fields) == 1:
                return self.encoded(self.fields[0], observation)
            return self.flat_row(observation)
        parts = []
        for field in self.row_fields:
            value = observation.get(field.name) if self.is_own else None
            if value is None:
                value = value_at(observation, field.path)
            parts.append(self.encoded(field, value))
        return b"".join(parts)

    def flat_row(self, observation):
        """All numbers in the order in which the fields were given."""
        numbers = []
        numbers_in(observation, numbers)
        expected = sum(field.size for field in self.fields)
        if len(numbers) != expected:
            raise Refusal("the observation has %d numbers; expected %d: %s" %
                          (len(numbers), expected, ", ".join(f.name for f in self.fields[:8])))
        parts, place = {}, 0
        for field in self.fields:
            parts[id(field)] = packed(field, numbers[place:place + field.size])
            place += field.size
        return b"".join(parts[id(field)] for field in self.row_fields)

    @staticmethod
    def encoded(field, value):
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.ndarray):
            wanted = "uint8" if field.code == "B" else "float32"
            if value.size == field.size and value.dtype == wanted:
                return value.tobytes()
            if value.size == field.size and field.code == "f" and value.dtype.kind == "f":
                with numpy.errstate(over="ignore"):
                    return value.astype(wanted).tobytes()
        if field.code == "B" and isinstance(value, (bytes, bytearray)) and len(value) == field.size:
            return bytes(value)
        numbers = []
        numbers_in(value, numbers)
        if len(numbers) != field.size:
            raise Refusal("observation field '%s' has %d numbers; expected %d" %
                          (field.name, len(numbers), field.size))
        return packed(field, numbers)

    def picture(self):
        """What draw() draws, or else what render() returns; no calls where there is neither."""
        canvas = Canvas()
        if callable(getattr(self.env, "draw", None)):
            self.env.draw(canvas)
        elif getattr(self.env, "render_mode", None) == "rgb_array":
            try:
                rgb = self.env.render()
            except Exception as error:
                if isinstance(error, ImportError) or type(error).__name__ == "DependencyNotInstalled":
                    return []  # what it draws with is not there: bars, then
                raise
            height, width = len(rgb), len(rgb[0])
            canvas.set_view((0, 0), (width, height))
            canvas.image((0, 0), (width, height), width, height, rgb)
        return canvas._calls

    def close(self):
        if callable(getattr(self.env, "close", None)):
            self.env.close()


def methods_of(made):
    """The optional methods that it has and that can be called as Tern would."""
    wanted = {"save": 0, "load": 1, "human_action": 1, "relabel": 2, "compute_reward": 3,
              "get_state": 0, "set_state": 1, "current_player": 0, "player_rewards": 0}
    found = set()
    for method, count in wanted.items():
        function = getattr(made, method, None)
        if not callable(function):
            continue
        try:
            inspect.signature(function).bind(*[None] * count)
        except (TypeError, ValueError):
            continue
        found.add(method)
    return found


def number_of(value, what):
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Refusal("%s is %s; expected a number" % (what, described(value)))


def flag_of(value, what):
    if isinstance(value, (bool, int)) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise Refusal("%s is %s; expected True or False" % (what, described(value)))


def packed(field, numbers):
    try:
        if field.code == "B":
            numbers = [int(number) for number in numbers]
        return array.array(field.code, numbers).tobytes()
    except (TypeError, ValueError, OverflowError) as error:
        raise Refusal("observation field '%s' (%s): %s" % (field.name, field.dtype, error))


def value_at(observation, path):
    value = observation
    for i, key in enumerate(path):
        if isinstance(value, dict):
            if key not in value:
                raise Refusal("the observation has no '%s'" % ".".join(path[:i + 1]))
            value = value[key]
        else:  # element of a Box whose elements have bounds of their own
            value = value[int(key)]
    return value


def described(value):
    text = "a " + type(value).__name__
    return text + " of %d" % len(value) if isinstance(value, (tuple, list)) else text
