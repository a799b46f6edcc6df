# The Python side of environments that are written in Python: loads the file, makes environments and
# answers Tern's requests, one at a time. Needs Python 3.8 and nothing else. CMake joins host_*.py and
# this file to one text; Tern sends it and the file's text to an interpreter.
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


# The file ---------------------------------------------------------------------------------------


def id_of(kind, facts=None):
    facts = facts if facts is not None else getattr(kind, "facts", None)
    own = facts.get("id") if isinstance(facts, dict) else None
    return str(own or getattr(kind, "id", None) or kind.__name__ + "-v0")


def plain_text(value):
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def parameters_of(kind, given=()):
    """Keyword parameters of the constructor whose defaults are bools, numbers or texts. given: those
    that have a value already."""
    docs = getattr(kind, "facts", None)
    docs = docs.get("parameters", {}) if isinstance(docs, dict) else {}
    found = []
    signature = inspect.signature(kind.__init__ if inspect.isclass(kind) else kind)
    for parameter in list(signature.parameters.values())[1 if inspect.isclass(kind) else 0:]:
        default = parameter.default
        if parameter.name in given:
            default = given[parameter.name]
        type_name = {bool: "bool", int: "int", float: "float", str: "text"}.get(type(default))
        if type_name is None:
            if default is inspect.Parameter.empty and parameter.kind not in (
                    inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
                raise Refusal("the parameter '%s' of %s has no default" % (parameter.name, kind.__name__))
            continue
        found.append({"name": parameter.name, "type": type_name, "default": plain_text(default),
                      "doc": str(docs.get(parameter.name, ""))})
    return found


class Host:
    def __init__(self):
        self.kinds, self.envs = {}, {}

    def load(self, request):
        """Runs the file and tells which envs it has."""
        if "gym" in request:
            kind = GymKind(request["gym"])
            self.kinds[kind.id] = kind
            return [{"id": kind.id, "params": kind.params(), "source": kind.source()}]
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
        if isinstance(kind, GymKind):
            made = kind(**values)
            self.envs[number] = Hosted(made, request["id"], kind.facts(made))
            return self.envs[number].facts
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
        if kind in (b"I", b"W"):
            return self.envs[number].told_values(kind)
        if kind == b"K":
            return self.envs[number].human_action(struct.unpack("<Q", payload)[0])
        if kind == b"G":
            return self.envs[number].relabel(payload)
        if kind == b"V":
            return self.envs[number].saved()
        if kind == b"U":
            self.envs[number].load(payload)
            return b""
        if kind == b"T":
            return self.envs[number].state_vector()
        if kind == b"Z":
            return self.envs[number].set_state_vector(payload)
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
            status = 2 if isinstance(error, WrongName) else 1
            answer = told(error).encode("utf-8", "replace")
        if os.getpid() != OWN_PROCESS:
            os._exit(0)  # a copy that the env made of us
        sys.stderr.flush()
        sys.stdout.flush()
        write_all(struct.pack("<IB", len(answer), status) + answer)
    host.close()


serve()
