"""The package `tern`: arrays without copies, Gymnasium's and Stable-Baselines3's rules where they are installed,
and sentences for what is wrong. tern_test.py [RUN]: a trained PPO run on CartPole-v1."""

import sys
import unittest

import numpy as np

import tern

try:
    import gymnasium
except ImportError:
    gymnasium = None
try:
    import stable_baselines3
except ImportError:
    stable_baselines3 = None

RUN = sys.argv.pop(1) if len(sys.argv) > 1 else None


class EnvsTest(unittest.TestCase):
    def test_steps_in_arrays_of_its_own(self):
        envs = tern.Envs("CartPole-v1", num_envs=3, seed=1)
        obs = envs.reset()
        self.assertEqual((obs.shape, obs.dtype), ((3, 4), np.float32))
        returned = []
        for _ in range(300):
            after, reward, terminated, truncated = envs.step((obs[:, 2] > 0).astype(np.int32))
            self.assertIs(after, obs)  # written over, not copied
            np.testing.assert_array_equal(reward, 1)
            for i in np.flatnonzero(terminated | truncated):
                self.assertEqual(envs.episode_return[i], envs.episode_length[i])
                self.assertGreater(abs(envs.final_obs[i, 2]), 0.2)
                returned.append(envs.episode_return[i])
        self.assertGreater(len(returned), 10)

    def test_a_seed_gives_the_same_again(self):
        def played(seed, threads):
            envs = tern.Envs("Pendulum-v1", num_envs=4, seed=seed, threads=threads)
            sums = [envs.reset().sum()]
            for t in range(50):
                obs, reward, _, _ = envs.step(np.full((4, 1), t % 3 - 1, np.float32))
                sums.append(obs.sum() + reward.sum())
            return sums

        self.assertEqual(played(5, 1), played(5, 2))
        self.assertNotEqual(played(5, 1), played(6, 1))

    def test_parameters_wrappers_and_facts(self):
        envs = tern.Envs("CartPole-v1", gravity=12, frame_stack=2)
        self.assertEqual(envs.spec.num_floats, 8)
        spec = tern.Envs("CartPole-v1").spec
        self.assertEqual(spec.fields[2]["name"], "pole angle")
        self.assertEqual(spec.components[0]["options"], ["left", "right"])
        self.assertEqual((spec.reward_threshold, spec.max_episode_steps), (475, 500))

    def test_what_is_wrong_is_a_sentence(self):
        envs = tern.Envs("CartPole-v1", num_envs=2)
        envs.reset()
        for says, wrong in {
            "Did you mean 'CartPole-v1'": lambda: tern.Envs("CartPol-v1"),
            "gravity": lambda: tern.Envs("CartPole-v1", gravitas=1),
            "num_envs is 0; expected 1 to": lambda: tern.Envs("CartPole-v1", num_envs=0),
            r"shape \(3,\); expected \(2, 1\)": lambda: envs.step(np.zeros(3, np.int32)),
            "expected whole numbers, not float64": lambda: envs.step(np.zeros(2)),
            "action 7 is outside": lambda: envs.step(np.array([0, 7])),
        }.items():
            with self.assertRaisesRegex(tern.Error, says):
                wrong()
        envs.close()
        envs.close()
        with self.assertRaisesRegex(tern.Error, "is closed"):
            envs.reset()

    def test_every_built_in_env_steps(self):
        rng = np.random.default_rng(0)
        for env in tern.env_ids():
            envs = tern.Envs(env, num_envs=2)
            envs.reset()
            for _ in range(5):
                actions = np.zeros((2, envs.spec.action_size), envs.spec.action_dtype)
                if not envs.spec.is_box:
                    for i in range(2):
                        start = 0
                        for k, component in enumerate(envs.spec.components):
                            size = len(component["options"])
                            actions[i, k] = rng.choice(np.flatnonzero(envs.mask[i, start:start + size]))
                            start += size
                envs.step(actions)


@unittest.skipIf(gymnasium is None, "Gymnasium is not installed")
class GymnasiumTest(unittest.TestCase):
    def test_its_checker_passes(self):
        from gymnasium.utils.env_checker import check_env

        for env in tern.env_ids():
            with self.subTest(env):
                made = tern.make(env)
                if made.tern_spec.has_masks or made.tern_spec.players > 1:
                    continue  # it draws actions that are forbidden
                check_env(made, skip_render_check=True)

    def test_it_makes_them_by_name(self):
        env = gymnasium.make("tern/LunarLander-v3")
        obs, _ = env.reset(seed=3)
        self.assertTrue(env.observation_space.contains(obs))
        again, _ = env.reset(seed=3)
        np.testing.assert_array_equal(obs, again)

    def test_one_env_ends_and_says_so(self):
        env = tern.make("CartPole-v1", seed=4)
        with self.assertRaisesRegex(tern.Error, "call reset"):
            env.step(0)
        env.reset(seed=4)
        for t in range(1, 100):
            obs, reward, terminated, truncated, info = env.step(1)
            if terminated:
                break
        self.assertEqual(info["episode"], {"r": float(t), "l": t})
        self.assertGreater(abs(obs[2]), 0.2)
        with self.assertRaisesRegex(tern.Error, "call reset"):
            env.step(0)

    def test_vectors_reset_in_the_same_step(self):
        envs = tern.make_vec("CartPole-v1", num_envs=4, seed=2)
        self.assertEqual(envs.metadata["autoreset_mode"], gymnasium.vector.AutoresetMode.SAME_STEP)
        obs, _ = envs.reset(seed=2)
        self.assertTrue(envs.observation_space.contains(obs))
        ended = 0
        for _ in range(100):
            before = obs
            obs, reward, terminated, truncated, info = envs.step(np.ones(4, np.int64))
            self.assertIsNot(before, obs)
            for i in np.flatnonzero(terminated):
                ended += 1
                self.assertTrue(info["_final_obs"][i] and abs(info["final_obs"][i][2]) > 0.2)
                self.assertLess(abs(obs[i][2]), 0.06)  # of the next episode
                self.assertEqual(info["final_info"]["episode"]["r"][i],
                                 info["final_info"]["episode"]["l"][i])
        self.assertGreater(ended, 10)
        envs.close()

    def test_a_vector_is_its_envs(self):
        one = tern.make("Acrobot-v1", seed=9)
        many = tern.make_vec("Acrobot-v1", num_envs=1, seed=9)
        self.assertEqual(one.reset(seed=9)[0].tolist(), many.reset(seed=9)[0][0].tolist())
        for t in range(60):
            self.assertEqual(one.step(t % 3)[0].tolist(), many.step(np.array([t % 3]))[0][0].tolist())

    def test_options_and_lists_of_seeds_are_refused(self):
        with self.assertRaisesRegex(tern.Error, "takes no options"):
            tern.make("CartPole-v1").reset(options={"low": 1})
        with self.assertRaisesRegex(tern.Error, "one seed for all"):
            tern.make_vec("CartPole-v1", num_envs=2).reset(seed=[1, 2])


@unittest.skipIf(stable_baselines3 is None, "Stable-Baselines3 is not installed")
class StableBaselinesTest(unittest.TestCase):
    def test_it_trains(self):
        import tern.sb3

        envs = tern.sb3.make_vec("CartPole-v1", num_envs=8, seed=1)
        model = stable_baselines3.PPO("MlpPolicy", envs, n_steps=64, seed=1)
        model.learn(20_000)
        self.assertGreater(np.mean([e["r"] for e in model.ep_info_buffer]), 60)


@unittest.skipIf(RUN is None, "no run was given")
class PolicyTest(unittest.TestCase):
    def test_plays(self):
        policy = tern.load_policy(RUN)
        self.assertEqual(policy.spec.id, "CartPole-v1")
        envs = tern.Envs("CartPole-v1", num_envs=8, seed=1)
        obs, state, returns = envs.reset(), None, []
        for _ in range(1000):
            actions, state = policy.predict(obs, state)
            _, _, terminated, truncated = envs.step(actions)
            returns += envs.episode_return[terminated | truncated].tolist()
        self.assertGreater(np.mean(returns), 60)  # at random: 22

    def test_one_row_or_many(self):
        policy = tern.load_policy(RUN)
        row = np.array([0.01, 0, 0.05, 0.1], np.float32)
        action, _ = policy.predict(row)
        self.assertEqual(np.ndim(action), 0)
        self.assertEqual(policy.predict(np.stack([row, row]))[0].tolist(), [action, action])
        self.assertEqual(policy.predict(row.tolist())[0], action)
        policy.seed(3)
        drawn = [policy.predict(row, deterministic=False)[0] for _ in range(50)]
        policy.seed(3)
        self.assertEqual(drawn, [policy.predict(row, deterministic=False)[0] for _ in range(50)])

    def test_what_is_wrong_is_a_sentence(self):
        policy = tern.load_policy(RUN)
        for says, obs in {
            "has 3 numbers; expected 4": np.zeros(3, np.float32),
            "'pole angle' is nan": np.array([0, 0, np.nan, 0], np.float32),
            "is of <U1; expected float32": np.array(["a"] * 4),
        }.items():
            with self.assertRaisesRegex(tern.Error, says):
                policy.predict(obs)
        with self.assertRaisesRegex(tern.Error, "allows no choice"):
            policy.predict(np.zeros(4, np.float32), mask=[0, 0])
        with self.assertRaisesRegex(tern.Error, "no/such"):
            tern.load_policy("no/such")


if __name__ == "__main__":
    unittest.main()
