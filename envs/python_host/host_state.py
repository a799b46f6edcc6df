# Of the text that an interpreter runs (host.py), the part about exact state: what save() of an env
# returns as text and back. It may come from a run folder of somebody else, so it is plain data, no
# pickle.

import array
import base64
import json
import sys


def coded(value, place="save()"):
    """As values that JSON has; what JSON lacks stands in an object of one key."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return float(value) if type(value).__name__.startswith("float") else value
    if isinstance(value, list):
        return [coded(item, place) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [coded(item, place) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": [coded(item, place) for item in sorted(value)]}
    if isinstance(value, dict):
        return {"dict": [[coded(key, place), coded(item, "%s[%r]" % (place, key))]
                         for key, item in value.items()]}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, array.array):
        return {"array": [value.typecode, base64.b64encode(value.tobytes()).decode()]}
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray) and value.dtype.kind in "biuf":
        data = base64.b64encode(numpy.ascontiguousarray(value).tobytes()).decode()
        return {"numpy": [value.dtype.str, list(value.shape), data]}
    if numpy is not None and isinstance(value, (numpy.bool_, numpy.integer, numpy.floating)):
        return {"number": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
    raise Refusal("%s has a %s; expected None, bools, numbers, texts, bytes, lists, tuples, sets, "
                  "dicts and arrays of NumPy" % (place, type(value).__name__))


def decoded(value):
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    (kind, inside), = value.items()
    if kind == "tuple":
        return tuple(decoded(item) for item in inside)
    if kind == "set":
        return {decoded(item) for item in inside}
    if kind == "dict":
        return {decoded(key): decoded(item) for key, item in inside}
    if kind == "bytes":
        return base64.b64decode(inside)
    if kind == "array":
        return array.array(inside[0], base64.b64decode(inside[1]))
    import numpy
    if kind == "numpy":
        flat = numpy.frombuffer(base64.b64decode(inside[2]), dtype=inside[0])
        return flat.reshape(inside[1]).copy()
    return numpy.frombuffer(base64.b64decode(inside[1]), dtype=inside[0])[0]


def state_text(state):
    return json.dumps(coded(state)).encode()


def state_of(text):
    try:
        return decoded(json.loads(text))
    except Exception as error:
        raise Refusal("the saved state is damaged: %s" % error)
