"""The same from Python, which needs no package: host.py LIBTERN_C ENV

Arrays of ctypes are the rows; numpy's would do as well (array.ctypes.data).
"""

import ctypes
import sys

ENVS, STEPS = 8, 2000


class EnvsOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("num_envs", ctypes.c_size_t),
                ("threads", ctypes.c_size_t), ("seed", ctypes.c_uint64)]


class Step(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t)] + [
        (name, ctypes.c_void_p) for name in (
            "obs", "mask", "reward", "terminated", "truncated", "final_obs", "final_mask",
            "episode_return", "episode_length", "episode_metrics")]


class Facts(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("id", ctypes.c_char_p)] + [
        (name, ctypes.c_size_t) for name in ("num_floats", "num_bytes", "obs_stride", "num_fields")] + [
        ("action_kind", ctypes.c_int32), ("action_size", ctypes.c_size_t), ("mask_size", ctypes.c_size_t)]


def main(library, env):
    tern = ctypes.CDLL(library)
    tern.ternc_last_error.restype = ctypes.c_char_p
    tern.ternc_envs_spec.restype = ctypes.c_void_p

    def check(status):
        if status != 0:
            sys.exit("host.py: " + tern.ternc_last_error().decode())

    envs = ctypes.c_void_p()
    options = EnvsOptions(ctypes.sizeof(EnvsOptions), ENVS, 1, 0)
    check(tern.ternc_envs_make(env.encode(), None, ctypes.c_size_t(0), ctypes.byref(options),
                               ctypes.byref(envs)))
    facts = Facts(ctypes.sizeof(Facts))
    check(tern.ternc_spec_facts(ctypes.c_void_p(tern.ternc_envs_spec(envs)), ctypes.byref(facts)))

    obs = (ctypes.c_uint8 * (ENVS * facts.obs_stride))()
    actions = (ctypes.c_int32 * (ENVS * facts.action_size))()  # zeros
    ended = [(ctypes.c_uint8 * ENVS)(), (ctypes.c_uint8 * ENVS)()]
    returns = (ctypes.c_double * ENVS)()
    step = Step(ctypes.sizeof(Step))
    step.obs = ctypes.addressof(obs)
    step.terminated, step.truncated = map(ctypes.addressof, ended)
    step.episode_return = ctypes.addressof(returns)
    check(tern.ternc_envs_reset(envs, obs, None))
    all_returns = []
    for _ in range(STEPS):
        check(tern.ternc_envs_step(envs, actions, ctypes.byref(step)))
        all_returns += [returns[i] for i in range(ENVS) if ended[0][i] or ended[1][i]]
    mean = sum(all_returns) / max(len(all_returns), 1)
    print(f"{facts.id.decode()}: {len(all_returns)} episodes, mean return {mean:.1f}")
    tern.ternc_envs_free(envs)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: host.py LIBTERN_C ENV")
    main(*sys.argv[1:])
