"""An env that does wrong what its parameter names, in one function, from a step of an episode on."""

import os
import signal
import subprocess
import sys
import time


kept = []


class Faulty:
    facts = {"id": "PyFaulty-v0", "observation": {"place": (-40, 40), "time": (0, 1000)},
             "action": ["left", "right"], "max_episode_steps": 40}

    def __init__(self, fault="none", at=3):
        self.fault, self.at = fault, at
        if fault == "constructor":
            raise ValueError("no such motor")
        if fault == "facts":
            self.facts = dict(self.facts, max_steps=3)
        if fault == "no_observation":
            self.facts = dict(self.facts, observation={})
        if fault == "field_and_group":
            self.facts = dict(self.facts, observation={"place": (0, 1), "place.x": (0, 1)})
        if fault == "huge":
            self.facts = dict(self.facts, observation={"place": {"shape": [100000, 100000]}})

    def reset(self, seed=None, options=None):
        self.place = self.time = 0
        if self.fault == "reset_alone":
            return [0, 0]
        return [0, 0], {}

    def step(self, action):
        self.place += 2 * action - 1
        self.time += 1
        observation = [self.place, self.time]
        if self.time >= self.at:
            if self.fault == "raise":
                self.deep(action)
            if self.fault == "exit":
                sys.exit(3)
            if self.fault == "bare_exit":
                os._exit(0)
            if self.fault == "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            if self.fault == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.fault == "fork":
                os.fork()
            if self.fault == "loop":
                if "TERN_TEST_MARK" in os.environ:  # with a process of its own
                    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", __file__])
                    open(os.environ["TERN_TEST_MARK"], "w").close()
                while True:
                    pass
            if self.fault == "sleep":
                time.sleep(1000)
            if self.fault == "leaks":
                kept.append(bytearray(100_000))
            if self.fault == "opens":
                kept.append(open(os.devnull))
            if self.fault == "starts":
                kept.append(subprocess.Popen(["sleep", "20"]))
            if self.fault == "prints":
                print("hello from the env")
            if self.fault == "too_long":
                observation = [1, 2, 3]
            if self.fault == "text":
                observation = [1, "two"]
            if self.fault == "flag_text":
                return observation, 0, "no", False, {}
            if self.fault == "reward_list":
                return observation, [0.5], False, False, {}
            if self.fault == "four":
                return observation, 0, False, False
            if self.fault == "nan":
                observation = [float("nan"), 0]
        return observation, 0.5, False, False, {}

    def draw(self, canvas):
        canvas.set_view((0, 0), (1, 1))
        canvas.circle((0, 0), 1, "pink" if self.fault == "colour" else "ink")

    def deep(self, action):
        raise RuntimeError("the motor is gone")
