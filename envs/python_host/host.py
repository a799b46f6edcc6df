# The Python side of environments that are written in Python: loads the file, makes environments and
# answers Tern's requests, one at a time. Needs Python 3.8 and nothing else. Tern sends this text and
# the file's text to an interpreter; envs/python_host/python_process.cc is the other side.

import array
import importlib.util
import inspect
import json
import linecache
import os
import struct
import sys
import traceback

if sys.version_info < (3, 8):
    sys.stderr.write("Tern needs Python 3.8 or later, and this is %s\n" % sys.version.split()[0])
    os._exit(3)

SOCKET = 3
OWN_PROCESS = os.getpid()
FACTS = {"id", "summary", "family", "reference", "observation", "action", "max_episode_steps",
         "reward_threshold", "metrics", "masks", "num_levels", "frames_per_second", "turn_based",
         "parameters"}


class Refusal(Exception):
    """What the author of the env can correct; told without a traceback."""


# Spaces -----------------------------------------------------------------------------------------


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
                      "MultiDiscrete, MultiBinary and Dict" % (kind, ".".join(path)))
    shape, dtype = list(space.shape), str(space.dtype)
    low, high = space.low.ravel().tolist(), space.high.ravel().tolist()
    dtype = "uint8" if dtype == "uint8" else "float32"
    if len(shape) == 2 and dtype == "uint8":
        shape = shape + [1]
    shape = shape if len(shape) == 3 else [max(flat_size(shape), 1)]
    limit = 3e38  # Gymnasium's bounds of float32 that mean none
    low = [value if value > -limit else float("-inf") for value in low]
    high = [value if value < limit else float("inf") for value in high]
    if len(shape) == 1 and shape[0] <= 32 and (len(set(low)) > 1 or len(set(high)) > 1):
        return [Field(path + [str(i)], low=bound(low[i]), high=bound(high[i]), dtype=dtype)
                for i in range(shape[0])]
    return [Field(path, shape, bound(min(low)), bound(max(high)), dtype=dtype)]


def flat_size(shape):
    size = 1
    for extent in shape:
        size *= int(extent)
    return size


def own_action(action):
    """Kind, components, and what makes the env's action of the row's numbers."""
    if isinstance(action, (list, tuple)):
        return "discrete", [{"name": "action", "options": [str(o) for o in action]}], first_of
    if isinstance(action, int) and action > 0:
        return "discrete", [{"name": "action", "options": [str(i) for i in range(action)]}], first_of
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
    return "box" if kinds == {False} else "multi_discrete", components, list


def first_of(values):
    return values[0]


def space_action(space):
    kind = type(space).__name__
    if kind == "Discrete":
        start = int(getattr(space, "start", 0))
        options = [str(start + i) for i in range(int(space.n))]
        return "discrete", [{"name": "action", "options": options}], lambda v: v[0] + start
    import numpy
    if kind == "MultiBinary":
        shape = space.shape
        return ("multi_discrete",
                [{"name": "switch %d" % i, "options": ["off", "on"]} for i in range(flat_size(shape))],
                lambda v: numpy.array(v, dtype=space.dtype).reshape(shape))
    if kind == "MultiDiscrete":
        shape, counts = space.nvec.shape, space.nvec.ravel().tolist()
        starts = getattr(space, "start", space.nvec * 0)
        return ("multi_discrete",
                [{"name": "action %d" % i, "options": [str(k) for k in range(int(n))]}
                 for i, n in enumerate(counts)],
                lambda v: numpy.array(v, dtype=space.dtype).reshape(shape) + starts)
    if kind != "Box":
        raise Refusal("the action space is a %s; Tern knows Discrete, MultiDiscrete, MultiBinary "
                      "and Box" % kind)
    low, high, shape = space.low.ravel().tolist(), space.high.ravel().tolist(), space.shape
    components = [{"name": "action" if len(low) == 1 else "action %d" % i, "low": bound(low[i]),
                   "high": bound(high[i]), "unit": ""} for i in range(len(low))]
    return "box", components, lambda v: numpy.array(v, dtype=space.dtype).reshape(shape)


# Pictures ---------------------------------------------------------------------------------------


class Canvas:
    """The calls of Tern's canvas (core/canvas.h): scene units, y up, from back to front. A colour is
    (r, g, b), (r, g, b, alpha) or one of the names below; a point is (x, y)."""

    PALETTE = {"background": (250, 250, 247), "ink": (38, 50, 56), "muted": (144, 155, 160),
               "floor": (232, 232, 226), "agent": (0, 114, 178), "agent_light": (86, 180, 233),
               "goal": (0, 158, 115), "danger": (213, 94, 0), "item": (230, 159, 0),
               "accent": (204, 121, 167), "ice": (214, 234, 243)}

    def __init__(self):
        self._calls = []

    def _add(self, kind, points, size, color, **more):
        points = [[float(x), float(y)] for x, y in points]
        self._calls.append(dict(more, kind=kind, points=points, size=float(size),
                                color=self._color(color)))

    def _color(self, color):
        if isinstance(color, str) and color not in self.PALETTE:
            raise ValueError("there is no colour %r; there are %s" % (color, ", ".join(self.PALETTE)))
        parts = [int(part) for part in self.PALETTE.get(color, color) if 0 <= part <= 255]
        if len(parts) not in (3, 4):
            raise ValueError("the colour %r is not 3 or 4 numbers from 0 to 255" % (color,))
        return parts if len(parts) == 4 else parts + [255]

    def set_view(self, low, high, background="background"):
        self._calls = []
        self._add("set_view", [low, high], 0, background)

    def rectangle(self, low, high, color):
        self.polygon([low, (high[0], low[1]), high, (low[0], high[1])], color)

    def polygon(self, corners, color):
        self._add("polygon", corners, 0, color)

    def circle(self, center, radius, color):
        self._add("circle", [center], radius, color)

    def capsule(self, a, b, radius, color):
        self._add("capsule", [a, b], radius, color)

    def line(self, a, b, width, color):
        self._add("line", [a, b], width, color)

    def cells(self, top_left, cell_size, kinds, styles):
        """A board: kinds[row][column] is the number of a style (color, glyph), row 0 on top."""
        numbers = []
        numbers_in(kinds, numbers)
        if numbers and not 0 <= min(numbers) <= max(numbers) < len(styles):
            raise ValueError("the kinds are %d to %d, and there are %d styles" %
                             (min(numbers), max(numbers), len(styles)))
        self._add("cells", [top_left], cell_size, "ink", rows=len(kinds),
                  columns=len(numbers) // max(len(kinds), 1), bytes=bytes(numbers).hex(),
                  styles=[self._color(color) + [ord(glyph[:1] or " ")] for color, glyph in styles])

    def image(self, low, high, width, height, rgb):
        """3 bytes a pixel, top row first."""
        data = rgb.tobytes() if hasattr(rgb, "tobytes") else bytes(rgb)
        if len(data) != 3 * width * height:
            raise ValueError("the image has %d bytes; expected %d" % (len(data), 3 * width * height))
        self._add("image", [low, high], 0, "ink", rows=height, columns=width, bytes=data.hex())

    def text(self, at, height, line, color="ink", align="left"):
        self._add("text", [at], height, color, line=str(line),
                  align=("left", "center", "right").index(align))

    def push(self, move, angle=0, scale=1):
        self._add("push", [move], angle, "ink", scale=float(scale))

    def pop(self):
        self._add("pop", [], 0, "ink")


# Environments -----------------------------------------------------------------------------------


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


class Hosted:
    """An env of the author's, and how its values become rows."""

    def __init__(self, made, name):
        self.env = made
        facts = getattr(made, "facts", None)
        if facts is not None and not isinstance(facts, dict):
            raise Refusal("facts is a %s; expected a dict" % type(facts).__name__)
        self.is_own = facts is not None and "observation" in facts
        facts = dict(facts or {})
        unknown = sorted(set(facts) - FACTS)
        if unknown:
            raise Refusal("facts has %r; expected some of %s" % (unknown[0], ", ".join(sorted(FACTS))))
        if self.is_own:
            self.fields = own_fields(facts["observation"])
            kind, components, self.action_of = own_action(facts.get("action"))
        elif hasattr(made, "observation_space") and hasattr(made, "action_space"):
            self.fields = space_fields(made.observation_space, [])
            kind, components, self.action_of = space_action(made.action_space)
        else:
            raise Refusal("it has neither facts['observation'] nor observation_space and "
                          "action_space")
        self.row_fields = ([f for f in self.fields if f.code == "f"] +
                           [f for f in self.fields if f.code == "B"])
        self.action_code = "f" if kind == "box" else "i"
        self.metrics = [str(metric) for metric in facts.get("metrics", [])]
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
            "num_levels": self.num_levels, "masks": self.has_masks,
            "frames_per_second": int(facts.get("frames_per_second", 30)),
            "turn_based": bool(facts.get("turn_based", False))}

    def reset(self, seed, level):
        options = {"level": level} if self.num_levels > 0 else None
        result = self.env.reset(seed=seed, options=options)
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], dict):
            raise Refusal("reset returned %s; expected (observation, info), info a dict"
                          % described(result))
        return self.row(result[0]) + self.mask(result[1])

    def step(self, action):
        values = array.array(self.action_code)
        values.frombytes(action)
        result = self.env.step(self.action_of(values.tolist()))
        if not isinstance(result, tuple) or len(result) != 5 or not isinstance(result[4], dict):
            raise Refusal("step returned %s; expected (observation, reward, terminated, truncated, "
                          "info), info a dict" % described(result))
        observation, reward, terminated, truncated, info = result
        head = struct.pack("<fBB", float(reward), bool(terminated), bool(truncated))
        return head + self.metric_values(info) + self.row(observation) + self.mask(info)

    def metric_values(self, info):
        values = []
        for metric in self.metrics:
            if metric not in info:
                raise Refusal("info has no '%s', which is one of facts['metrics']; it is wanted of "
                              "each step" % metric)
            values.append(float(info[metric]))
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


# The file ---------------------------------------------------------------------------------------


def id_of(kind, facts=None):
    facts = facts if facts is not None else getattr(kind, "facts", None)
    own = facts.get("id") if isinstance(facts, dict) else None
    return str(own or getattr(kind, "id", None) or kind.__name__ + "-v0")


def parameters_of(kind):
    """Keyword parameters of the constructor whose defaults are bools, numbers or texts."""
    docs = getattr(kind, "facts", None)
    docs = docs.get("parameters", {}) if isinstance(docs, dict) else {}
    found = []
    for parameter in list(inspect.signature(kind.__init__).parameters.values())[1:]:
        default = parameter.default
        type_name = {bool: "bool", int: "int", float: "float", str: "text"}.get(type(default))
        if type_name is None:
            if default is inspect.Parameter.empty and parameter.kind not in (
                    inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
                raise Refusal("the parameter '%s' of %s has no default" % (parameter.name, kind.__name__))
            continue
        text = ("true" if default else "false") if type_name == "bool" else str(default)
        found.append({"name": parameter.name, "type": type_name, "default": text,
                      "doc": str(docs.get(parameter.name, ""))})
    return found


class Host:
    def __init__(self):
        self.kinds, self.envs = {}, {}

    def load(self, request):
        """Runs the file and tells which envs it has."""
        path, source = request["path"], request["source"]
        name = os.path.splitext(os.path.basename(path))[0]
        linecache.cache[path] = (len(source), None, source.splitlines(True), path)
        spec = importlib.util.spec_from_loader(name, loader=None, origin=path)
        module = importlib.util.module_from_spec(spec)
        module.__file__ = path
        sys.modules[name] = module
        sys.path.insert(0, os.path.dirname(path))
        exec(compile(source, path, "exec"), module.__dict__)
        kinds = [kind for kind in vars(module).values()
                 if inspect.isclass(kind) and kind.__module__ == name
                 and not kind.__name__.startswith("_") and callable(getattr(kind, "reset", None))
                 and callable(getattr(kind, "step", None))]
        if not kinds:
            raise Refusal("it has no class with the methods reset and step")
        for kind in kinds:
            if id_of(kind) in self.kinds:
                raise Refusal("two of its classes have the id '%s'" % id_of(kind))
            self.kinds[id_of(kind)] = kind
        return [{"id": known, "params": parameters_of(kind)} for known, kind in self.kinds.items()]

    def make(self, number, request):
        readers = {"bool": lambda text: text == "true", "int": int, "float": float, "text": str}
        values = {key: readers[kind](text) for key, kind, text in request["values"]}
        kind = self.kinds[request["id"]]
        metadata = getattr(kind, "metadata", None)  # of Gymnasium's wrappers a property
        modes = metadata.get("render_modes", []) if isinstance(metadata, dict) else []
        if "rgb_array" in modes and "render_mode" in inspect.signature(kind.__init__).parameters:
            values.setdefault("render_mode", "rgb_array")
        self.envs[number] = Hosted(kind(**values), request["id"])
        return self.envs[number].facts

    def answer(self, kind, number, payload):
        if kind == b"S":
            return self.envs[number].step(payload)
        if kind == b"R":
            seed, level = struct.unpack("<QQ", payload)
            return self.envs[number].reset(seed, level)
        if kind == b"P":
            return json.dumps(self.envs[number].picture()).encode()
        if kind == b"D":
            self.envs.pop(number).close()
            return b""
        request = json.loads(payload)
        facts = self.load(request) if kind == b"L" else self.make(number, request)
        return json.dumps(facts).encode()

    def close(self):
        for env in self.envs.values():
            env.close()


def told(error):
    """What the author needs: the text, or the traceback from his own code on."""
    if isinstance(error, Refusal):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == "<tern>":
        trace = trace.tb_next
    lines = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    if isinstance(error, SystemExit):
        lines += "\nsys.exit() is not for envs: raise an error instead"
    return "\n" + lines


def read_exactly(count):
    parts = []
    while count > 0:
        part = os.read(SOCKET, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write_all(data):
    view = memoryview(data)
    while view:
        view = view[os.write(SOCKET, view):]


def serve():
    host = Host()
    while True:
        head = read_exactly(13)
        if head is None:
            break
        size, kind, number = struct.unpack("<IcQ", head)
        payload = read_exactly(size)
        if payload is None:
            break
        try:
            status, answer = 0, host.answer(kind, number, payload)
        except BaseException as error:
            status, answer = 1, told(error).encode("utf-8", "replace")
        if os.getpid() != OWN_PROCESS:
            os._exit(0)  # a copy that the env made of us
        sys.stderr.flush()
        sys.stdout.flush()
        write_all(struct.pack("<IB", len(answer), status) + answer)
    host.close()


serve()
