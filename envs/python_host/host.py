# The Python side of environments that are written in Python: loads the file, makes environments and
# answers Tern's requests, one at a time. Needs Python 3.8 and nothing else. CMake joins host_spaces.py,
# host_canvas.py and this file to one text; Tern sends it and the file's text to an interpreter.
# envs/python_host/python_process.cc is the other side.

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
