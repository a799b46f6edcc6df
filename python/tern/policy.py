"""Trained policies."""

import ctypes

import numpy as np

from ._library import Error, Spec, address, check, lib


class Policy:
    """A trained policy: load_policy(run).predict(obs). Needs neither the env nor its plugin."""

    def __init__(self, run):
        self._handle = ctypes.c_void_p()
        check(lib.ternc_policy_load(str(run).encode(), self._handle))
        self.spec = Spec(lib.ternc_policy_spec(self._handle))
        self.state_size = lib.ternc_policy_state_size(self._handle)

    def __del__(self):
        if getattr(self, "_handle", None):
            lib.ternc_policy_free(self._handle)
            self._handle = None

    def seed(self, seed):
        """Of the stream that predict(.., deterministic=False) draws from."""
        check(lib.ternc_policy_seed(self._handle, seed))

    def predict(self, obs, state=None, deterministic=True, mask=None):
        """(action, state) for one observation, or for rows of them.

        obs: raw, [num_floats] float32 or [num_bytes] uint8 (images in their shape), or {"floats": ..,
        "bytes": ..}; with one more axis in front for several. state: what the last call gave back for the
        same episodes, None at their start. mask: [.., mask_size], None where all choices are allowed.
        """
        rows, is_single = self._rows(obs)
        count = len(rows)
        if state is None:
            state = np.zeros((count, self.state_size), np.float32)
        state = np.array(state, np.float32).reshape(-1)
        if state.size != count * self.state_size:
            raise Error(f"the state has {state.size} numbers; expected {count * self.state_size}")
        flags = None
        if mask is not None and not self.spec.is_box:
            flags = np.ascontiguousarray(mask, np.uint8)
            if flags.size != count * self.spec.mask_size:
                raise Error(f"policy for {self.spec.id}: the mask has {flags.size} flags; expected "
                            f"{count * self.spec.mask_size}")
        actions = np.zeros((count, self.spec.action_size), self.spec.action_dtype)
        check(lib.ternc_policy_act(self._handle, count, address(rows), address(flags), address(state),
                                   int(deterministic), address(actions)))
        if self.spec.action_kind == 0:
            actions = actions[:, 0]
        state = state.reshape(count, self.state_size)
        return (actions[0], state[0]) if is_single else (actions, state)

    def _rows(self, obs):
        spec = self.spec
        parts = obs if isinstance(obs, dict) else {"floats" if spec.num_floats else "bytes": obs}
        given, count = {}, 1
        is_single = True
        for name, size, dtype in (("floats", spec.num_floats, np.float32),
                                  ("bytes", spec.num_bytes, np.uint8)):
            if size == 0:
                continue
            if name not in parts:
                raise Error(f"policy for {spec.id}: the observation lacks {name!r}; expected floats and "
                            "bytes")
            part = np.asarray(parts[name])
            if part.dtype != dtype and not (dtype is np.float32 and part.dtype.kind in "fiu"):
                raise Error(f"policy for {spec.id}: the observation is of {part.dtype}; expected "
                            f"{np.dtype(dtype)}")
            count, rest = divmod(part.size, size)
            if rest != 0 or count == 0:
                raise Error(f"policy for {spec.id}: the observation has {part.size} numbers; expected "
                            f"{size} for each row")
            is_single = count == 1 and part.shape in self._single_shapes(size)
            given[name] = part.reshape(count, size)
        if len({len(part) for part in given.values()}) > 1:
            raise Error(f"policy for {spec.id}: floats and bytes are of different numbers of rows")
        memory = np.zeros((count, spec.obs_stride), np.uint8)
        if spec.num_floats:
            memory[:, : 4 * spec.num_floats].view(np.float32)[:] = given["floats"]
        if spec.num_bytes:
            memory[:, 4 * spec.num_floats : 4 * spec.num_floats + spec.num_bytes] = given["bytes"]
        return memory, is_single

    def _single_shapes(self, size):
        shapes = [(size,)]
        if size == 1:
            shapes.append(())
        if len(self.spec.fields) == 1:
            shapes.append(self.spec.fields[0]["shape"])
        return shapes


def load_policy(run):
    """run: as `tern` takes it: "pole", "runs/pole@best"."""
    return Policy(run)
