"""Envs with the optional methods: exact state, keys, goals, a state vector, info values and reward
terms; and cards, where each of two players sees a hand of its own."""

import random


class Reach:
    facts = {
        "id": "PyReach-v0",
        "observation": {"achieved goal": {"shape": 2, "low": -9, "high": 9},
                        "desired goal": {"shape": 2, "low": -9, "high": 9}},
        "action": {"x": ["left", "stay", "right"], "y": ["down", "stay", "up"]},
        "max_episode_steps": 20,
        "info": ["distance", "wind"],
        "reward_terms": ["far", "near"],
        "state_fields": ["x", "y"],
    }

    def reset(self, seed=None, options=None):
        self.random = random.Random(seed)
        self.place = [0, 0]
        self.goal = [self.random.randrange(-3, 4), self.random.randrange(-3, 4)]
        self.wind = 0.0
        return self.observation(), self.info(0)

    def step(self, action):
        self.wind = self.random.uniform(-0.5, 0.5)
        for i in range(2):
            self.place[i] = max(-9, min(9, self.place[i] + action[i] - 1))
        reward = self.relabel(self.place, self.goal)
        return self.observation(), reward, False, False, self.info(reward)

    def info(self, reward):
        distance = abs(self.place[0] - self.goal[0]) + abs(self.place[1] - self.goal[1])
        return {"distance": distance, "wind": self.wind, "far": min(reward, 0),
                "near": max(reward, 0)}

    def observation(self):
        return {"achieved goal": self.place, "desired goal": self.goal}

    def relabel(self, achieved, desired):
        far = abs(achieved[0] - desired[0]) + abs(achieved[1] - desired[1])
        return 1 if far == 0 else -0.5 * far

    def human_action(self, keys):
        if not keys & {"left", "right", "up", "down"}:
            return None
        return [1 + ("right" in keys) - ("left" in keys),
                "up" if "up" in keys else "down" if "down" in keys else "stay"]

    def get_state(self):
        return self.place

    def set_state(self, state):
        self.place = [int(value) for value in state]

    def save(self):
        return {"random": self.random.getstate(), "place": self.place, "goal": tuple(self.goal),
                "wind": self.wind}

    def load(self, state):
        self.random = random.Random()
        self.random.setstate(state["random"])
        self.place, self.goal, self.wind = state["place"], list(state["goal"]), state["wind"]


class Cards:
    """Each draws a card of three and bets or folds; the higher one wins what was bet."""

    facts = {
        "id": "PyCards-v0",
        "observation": {"player": {"categories": 2}, "own card": {"categories": 3},
                        "other has bet": (0, 1)},
        "action": ["fold", "bet"],
        "players": 2,
        "metrics": ["bets"],
    }

    def reset(self, seed=None, options=None):
        self.cards = random.Random(seed).sample(range(3), 2)
        self.player, self.bets, self.last = 0, [], [0, 0]
        return self.observation(), {}

    def step(self, action):
        mover, self.player = self.player, 1 - self.player
        self.bets.append(action)
        ended = len(self.bets) == 2
        if ended:
            better = 0 if self.cards[0] > self.cards[1] else 1
            stake = 1 + self.bets[0] * self.bets[1]
            winner = better if self.bets[0] == self.bets[1] else self.bets.index(1)
            self.last = [stake if player == winner else -stake for player in (0, 1)]
        return self.observation(), self.last[mover], ended, False, {"bets": sum(self.bets)}

    def observation(self):
        return [self.player, self.cards[self.player], self.bets[0] if self.bets else 0]

    def current_player(self):
        return self.player

    def player_rewards(self):
        return self.last

    def save(self):
        return [self.cards, self.player, self.bets, self.last]

    def load(self, state):
        self.cards, self.player, self.bets, self.last = state
