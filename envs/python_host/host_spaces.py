# Of the text that an interpreter runs (host.py), the part about spaces: what the facts of an env, or
# Gymnasium's spaces, say of observations and actions.

import array


class Refusal(Exception):
    """What the author of the env can correct; told without a traceback."""


class WrongName(Refusal):
    """What the user wrote names nothing that is there."""


class Field:
    """A part of the observation row. `path`: keys of nested dicts that lead to its value."""

    def __init__(self, path, shape=(1,), low=None, high=None, unit="", categories=0, first=0,
                 dtype="float32", advisory=False):
        self.path = path
        self.name = ".".join(path)
        self.shape, self.low, self.high, self.unit = list(shape), low, high, unit
        self.categories, self.first, self.dtype = categories, first, dtype
        self.advisory = advisory
        self.size = 1
        for extent in self.shape:
            self.size *= extent
        self.code = "B" if dtype == "uint8" else "f"

    def facts(self):
        return {"name": self.name, "shape": self.shape, "low": self.low, "high": self.high,
                "unit": self.unit, "categories": self.categories, "first": self.first,
                "dtype": self.dtype, "advisory": self.advisory}


def bound(value):
    """A bound as JSON has it: null where there is none."""
    value = float(value)
    return None if value in (float("inf"), float("-inf")) else value


def range_of(text, name):
    """(low, high) or (low, high, unit)."""
    if not isinstance(text, (tuple, list)) or len(text) not in (2, 3):
        raise Refusal("'%s' is %r; expected (low, high) or (low, high, unit)" % (name, text))
    return bound(text[0]), bound(text[1]), str(text[2]) if len(text) == 3 else ""


def own_fields(observation):
    if not isinstance(observation, dict) or not observation:
        raise Refusal("facts['observation'] is %r; expected a dict of fields: "
                      "{'angle': (-3.2, 3.2, 'rad')}" % (observation,))
    fields = []
    for name, text in observation.items():
        path = str(name).split(".")
        if not isinstance(text, dict):
            low, high, unit = range_of(text, name)
            fields.append(Field(path, low=low, high=high, unit=unit))
            continue
        unknown = set(text) - {"shape", "low", "high", "unit", "dtype", "categories", "first",
                               "advisory"}
        if unknown:
            raise Refusal("field '%s' has %r; expected shape, low, high, unit, dtype, categories, "
                          "first or advisory" % (name, sorted(unknown)[0]))
        n, first = int(text.get("categories", 0)), int(text.get("first", 0))
        low, high = text.get("low", float("-inf")), text.get("high", float("inf"))
        if n > 0:
            low, high = first, first + n - 1
        dtype = str(text.get("dtype", "float32"))
        if dtype not in ("float32", "uint8"):
            raise Refusal("field '%s' has the dtype %r; expected 'float32' or 'uint8'" % (name, dtype))
        shape = text.get("shape", [1])
        fields.append(Field(path, [shape] if isinstance(shape, int) else shape, bound(low),
                            bound(high), str(text.get("unit", "")), n, first, dtype,
                            bool(text.get("advisory", False))))
    return fields


def space_fields(space, path):
    """Fields of one of Gymnasium's spaces."""
    kind = type(space).__name__
    if kind == "Dict":
        return [field for key, inner in space.spaces.items()
                for field in space_fields(inner, path + [str(key)])]
    if kind == "Tuple":
        return [field for i, inner in enumerate(space.spaces)
                for field in space_fields(inner, path + [str(i)])]
    path = path or ["observation"]
    if kind == "Discrete":
        start, n = int(getattr(space, "start", 0)), int(space.n)
        return [Field(path, low=start, high=start + n - 1, categories=n, first=start)]
    if kind == "MultiDiscrete":
        counts = [int(n) for n in space.nvec.ravel()]
        starts = [int(n) for n in getattr(space, "start", space.nvec * 0).ravel()]
        return [Field(path + [str(i)], low=s, high=s + n - 1, categories=n, first=s)
                for i, (n, s) in enumerate(zip(counts, starts))]
    if kind == "MultiBinary":
        return [Field(path, [flat_size(space.shape)], 0, 1)]
    if kind != "Box":
        raise Refusal("the observation space has a %s ('%s'); Tern knows Box, Discrete, "
                      "MultiDiscrete, MultiBinary, Dict and Tuple" % (kind, ".".join(path)))
    shape, dtype = list(space.shape), str(space.dtype)
    low, high = space.low.ravel().tolist(), space.high.ravel().tolist()
    dtype = "uint8" if dtype == "uint8" else "float32"
    if len(shape) == 2 and dtype == "uint8":
        shape = shape + [1]
    shape = shape if len(shape) == 3 else [max(flat_size(shape), 1)]
    limit = 3e38  # Gymnasium's bounds of float32 that mean none
    low = [value if value > -limit else float("-inf") for value in low]
    high = [value if value < limit else float("inf") for value in high]
    is_goal = path in (['achieved_goal'], ['desired_goal'])  # their fields must stay whole
    if not is_goal and len(shape) == 1 and shape[0] <= 32 and (len(set(low)) > 1 or len(set(high)) > 1):
        return [Field(path + [str(i)], low=bound(low[i]), high=bound(high[i]), dtype=dtype)
                for i in range(shape[0])]
    field = Field(path, shape, bound(min(low)), bound(max(high)), dtype=dtype)
    if is_goal:
        field.name = path[0].replace("_", " ")  # as Tern calls them
    return [field]


def flat_size(shape):
    size = 1
    for extent in shape:
        size *= int(extent)
    return size


def own_action(action):
    """Kind, components, what makes the env's action of the row's numbers, and the way back."""
    if isinstance(action, int) and action > 0:
        action = [str(i) for i in range(action)]
    if isinstance(action, (list, tuple)):
        options = [str(option) for option in action]
        return "discrete", [{"name": "action", "options": options}], first_of, single
    if not isinstance(action, dict) or not action:
        raise Refusal("facts['action'] is %r; expected a list of options ['left', 'right'], or a "
                      "dict of components {'torque': (-2, 2, 'N m')}" % (action,))
    components = []
    for name, text in action.items():
        if isinstance(text, (list, tuple)) and text and all(isinstance(o, str) for o in text):
            components.append({"name": str(name), "options": list(text)})
        else:
            low, high, unit = range_of(text, name)
            components.append({"name": str(name), "low": low, "high": high, "unit": unit})
    kinds = {"options" in component for component in components}
    if len(kinds) > 1:
        raise Refusal("facts['action'] has options and real numbers; all must be of one kind")
    names = [component["name"] for component in components]
    return ("box" if kinds == {False} else "multi_discrete", components, list,
            lambda action: [action[name] for name in names] if isinstance(action, dict) else list(action))


def first_of(values):
    return values[0]


def single(action):
    return [action]


def listed(action):
    numbers = []
    numbers_in(action, numbers)
    return numbers


def space_action(space):
    kind = type(space).__name__
    if kind == "Discrete":
        start = int(getattr(space, "start", 0))
        options = [str(start + i) for i in range(int(space.n))]
        return ("discrete", [{"name": "action", "options": options}], lambda v: v[0] + start,
                lambda action: [int(action) - start])
    import numpy
    if kind == "MultiBinary":
        shape = space.shape
        return ("multi_discrete",
                [{"name": "switch %d" % i, "options": ["off", "on"]} for i in range(flat_size(shape))],
                lambda v: numpy.array(v, dtype=space.dtype).reshape(shape), listed)
    if kind == "MultiDiscrete":
        shape, counts = space.nvec.shape, space.nvec.ravel().tolist()
        starts = getattr(space, "start", space.nvec * 0)
        return ("multi_discrete",
                [{"name": "action %d" % i, "options": [str(k) for k in range(int(n))]}
                 for i, n in enumerate(counts)],
                lambda v: numpy.array(v, dtype=space.dtype).reshape(shape) + starts,
                lambda action: listed(action - starts))
    if kind != "Box":
        raise Refusal("the action space is a %s; Tern knows Discrete, MultiDiscrete, MultiBinary "
                      "and Box" % kind)
    low, high, shape = space.low.ravel().tolist(), space.high.ravel().tolist(), space.shape
    components = [{"name": "action" if len(low) == 1 else "action %d" % i, "low": bound(low[i]),
                   "high": bound(high[i]), "unit": ""} for i in range(len(low))]
    return "box", components, lambda v: numpy.array(v, dtype=space.dtype).reshape(shape), listed


def numbers_in(value, out):
    """Adds the numbers of nested sequences to a list."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (int, float)):
        out.append(value)
    elif isinstance(value, (list, tuple, bytes, bytearray, array.array, range)):
        for item in value:
            numbers_in(item, out)
    elif hasattr(value, "__float__"):
        out.append(float(value))
    else:
        raise Refusal("a %s stands where numbers are expected" % type(value).__name__)
