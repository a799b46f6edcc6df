"""libtern_c by ctypes: structs, functions, errors. Arrays are numpy's and never copied."""

import ctypes
import os
import pathlib

import numpy as np


class Error(RuntimeError):
    """What Tern refuses: a sentence that says what was expected."""


class EnvsOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("num_envs", ctypes.c_size_t),
                ("threads", ctypes.c_size_t), ("seed", ctypes.c_uint64)]


class Facts(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("id", ctypes.c_char_p)] + [
        (name, ctypes.c_size_t) for name in ("num_floats", "num_bytes", "obs_stride", "num_fields")] + [
        ("action_kind", ctypes.c_int32), ("action_size", ctypes.c_size_t),
        ("mask_size", ctypes.c_size_t), ("has_masks", ctypes.c_int32),
        ("max_episode_steps", ctypes.c_int32), ("has_reward_threshold", ctypes.c_int32),
        ("reward_threshold", ctypes.c_double), ("num_metrics", ctypes.c_size_t),
        ("players", ctypes.c_int32), ("frames_per_second", ctypes.c_int32)]


class Field(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("name", ctypes.c_char_p), ("unit", ctypes.c_char_p),
                ("offset", ctypes.c_size_t), ("size", ctypes.c_size_t), ("num_dims", ctypes.c_int32),
                ("shape", ctypes.c_int32 * 8), ("low", ctypes.c_double), ("high", ctypes.c_double),
                ("is_bytes", ctypes.c_int32), ("is_advisory", ctypes.c_int32),
                ("categories", ctypes.c_int32), ("first", ctypes.c_int32)]


class Component(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("name", ctypes.c_char_p), ("unit", ctypes.c_char_p),
                ("num_options", ctypes.c_size_t), ("low", ctypes.c_double), ("high", ctypes.c_double)]


class Step(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t)] + [
        (name, ctypes.c_void_p) for name in (
            "obs", "mask", "reward", "terminated", "truncated", "final_obs", "final_mask",
            "episode_return", "episode_length", "episode_metrics")]


_SIGNATURES = {  # of functions that return a status
    "ternc_spec_facts": [ctypes.c_void_p, ctypes.POINTER(Facts)],
    "ternc_spec_field": [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(Field)],
    "ternc_spec_component": [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(Component)],
    "ternc_envs_make": [ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_size_t,
                        ctypes.POINTER(EnvsOptions), ctypes.POINTER(ctypes.c_void_p)],
    "ternc_envs_seed": [ctypes.c_void_p, ctypes.c_uint64],
    "ternc_envs_reset": [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p],
    "ternc_envs_step": [ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(Step)],
    "ternc_policy_load": [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)],
    "ternc_policy_seed": [ctypes.c_void_p, ctypes.c_uint64],
    "ternc_policy_act": [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p,
                         ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p],
}
_RETURNING = {
    "ternc_version": (ctypes.c_uint32, []),
    "ternc_last_error": (ctypes.c_char_p, []),
    "ternc_env_id": (ctypes.c_char_p, [ctypes.c_size_t]),
    "ternc_envs_spec": (ctypes.c_void_p, [ctypes.c_void_p]),
    "ternc_envs_free": (None, [ctypes.c_void_p]),
    "ternc_policy_spec": (ctypes.c_void_p, [ctypes.c_void_p]),
    "ternc_policy_free": (None, [ctypes.c_void_p]),
    "ternc_policy_state_size": (ctypes.c_size_t, [ctypes.c_void_p]),
    "ternc_spec_option": (ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]),
    "ternc_spec_metric": (ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_size_t]),
}
VERSION = 1


def _places():
    """TERN_LIBRARY; beside an installed package, <prefix>/lib; in a checkout, build/lib."""
    given = os.environ.get("TERN_LIBRARY")
    if given:
        yield pathlib.Path(given)
        return
    here = pathlib.Path(__file__).resolve().parent
    yield here / "libtern_c.so"
    for folder in here.parents:
        yield folder / "libtern_c.so"
        yield folder / "build" / "lib" / "libtern_c.so"


def _load():
    looked = []
    for place in _places():
        looked.append(str(place))
        if not place.is_file():
            continue
        library = ctypes.CDLL(str(place))
        for name, arguments in _SIGNATURES.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, ctypes.c_int
        for name, (result, arguments) in _RETURNING.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, result
        if library.ternc_version() < VERSION:
            raise ImportError(f"{place} is of version {library.ternc_version()} of its interface; "
                              f"expected {VERSION} or newer. Build Tern again")
        return library
    raise ImportError("libtern_c.so was not found (looked for " + ", ".join(looked[:4]) + ", ..). Build "
                      "Tern's target tern_c, or say in TERN_LIBRARY where it lies")


lib = _load()


def check(status):
    if status != 0:
        raise Error(lib.ternc_last_error().decode(errors="replace"))


def address(array):
    """Of a contiguous array; None of none."""
    return None if array is None else array.ctypes.data


class Spec:
    """Facts of an env, and rows of the layout that libtern_c reads and writes."""

    def __init__(self, pointer):
        facts = Facts(ctypes.sizeof(Facts))
        check(lib.ternc_spec_facts(pointer, facts))
        self.id = facts.id.decode()
        self.num_floats, self.num_bytes = facts.num_floats, facts.num_bytes
        self.obs_stride = facts.obs_stride
        self.action_kind, self.action_size = facts.action_kind, facts.action_size
        self.mask_size, self.has_masks = facts.mask_size, bool(facts.has_masks)
        self.max_episode_steps = facts.max_episode_steps
        self.frames_per_second = facts.frames_per_second
        self.reward_threshold = facts.reward_threshold if facts.has_reward_threshold else None
        self.players = facts.players
        self.metrics = [lib.ternc_spec_metric(pointer, i).decode() for i in range(facts.num_metrics)]
        self.fields = [self._field(pointer, i) for i in range(facts.num_fields)]
        self.components = [self._component(pointer, i) for i in range(facts.action_size)]

    @staticmethod
    def _field(pointer, i):
        field = Field(ctypes.sizeof(Field))
        check(lib.ternc_spec_field(pointer, i, field))
        return {"name": field.name.decode(), "unit": field.unit.decode(), "offset": field.offset,
                "size": field.size, "shape": tuple(field.shape[: field.num_dims]), "low": field.low,
                "high": field.high, "is_bytes": bool(field.is_bytes),
                "is_advisory": bool(field.is_advisory), "categories": field.categories,
                "first": field.first}

    @staticmethod
    def _component(pointer, i):
        component = Component(ctypes.sizeof(Component))
        check(lib.ternc_spec_component(pointer, i, component))
        options = [lib.ternc_spec_option(pointer, i, k).decode() for k in range(component.num_options)]
        return {"name": component.name.decode(), "unit": component.unit.decode(), "options": options,
                "low": component.low, "high": component.high}

    @property
    def is_box(self):
        return self.action_kind == 2

    @property
    def action_dtype(self):
        return np.float32 if self.is_box else np.int32

    def obs_rows(self, count):
        """Memory of `count` observations, and how it is seen: [count, num_floats] of float32 or
        [count, num_bytes] of uint8, images in their shape; where there are both, {"floats": .., "bytes":
        ..}. Views, not copies."""
        memory = np.zeros((count, self.obs_stride), np.uint8)
        return memory, self.view(memory)

    def view(self, memory):
        floats = memory[:, : 4 * self.num_floats].view(np.float32) if self.num_floats else None
        start = 4 * self.num_floats
        pixels = memory[:, start : start + self.num_bytes] if self.num_bytes else None
        if len(self.fields) == 1 and len(self.fields[0]["shape"]) > 1:
            whole = floats if pixels is None else pixels
            return whole.reshape((len(memory),) + self.fields[0]["shape"])
        if floats is None:
            return pixels
        return floats if pixels is None else {"floats": floats, "bytes": pixels}
