// Fuzz: a checkpoint whose parts somebody changed on purpose, checksums included, is refused with an
// Error or goes on. Never a crash, never a long wait. TERN_FUZZ sets the tries for each run.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agents/api.h"
#include "agents/run/checkpoint.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/resolve_config.h"
#include "agents/training/run.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

constexpr double kLongestSeconds = 30;  // of a try on a busy machine; a good one takes 0.05

int tries() {
  const char* const text = std::getenv("TERN_FUZZ");
  return text == nullptr ? 60 : std::atoi(text);
}

template <class T>
void put(Bytes& bytes, std::size_t at, T value) {
  if (at + sizeof value <= bytes.size()) std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// Changes a few places: a bit, a byte, a word that is extreme; or cuts or lengthens. Counts and
/// indices stand at the beginning of most parts, so half of the places are there.
Bytes changed(Bytes bytes, Rng& rng) {
  const int changes = 1 + static_cast<int>(rng.below(3));
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    std::size_t at = rng.below(static_cast<std::uint32_t>(bytes.size()));
    if (rng.chance(0.5)) at = std::min<std::size_t>(at, rng.below(128));
    switch (rng.below(9)) {
      case 0: bytes[at] ^= static_cast<std::uint8_t>(1u << rng.below(8)); break;
      case 1: bytes[at] = static_cast<std::uint8_t>(rng.next()); break;
      case 2: put(bytes, at, std::numeric_limits<std::int32_t>::max()); break;
      case 3: put(bytes, at, std::numeric_limits<std::int64_t>::min()); break;
      case 4: put(bytes, at, std::int32_t{-1}); break;
      case 5: put(bytes, at, rng.next()); break;
      case 6: put(bytes, at, std::numeric_limits<float>::quiet_NaN()); break;
      case 7: put(bytes, at, std::numeric_limits<std::int64_t>::max()); break;
      case 8:
        for (std::size_t k = at; k < std::min(at + 32, bytes.size()); ++k) bytes[k] = 0;
        break;
    }
  }
  if (rng.below(12) == 0) bytes.resize(rng.below(static_cast<std::uint32_t>(bytes.size()) + 9));
  return bytes;
}

/// A trained run and its last checkpoint's parts.
struct Trained {
  std::string path;
  std::int64_t step = 0;
  Manifest manifest;
  std::map<std::string, Bytes> parts;
};

Trained trained(const std::string& path, const std::string& agent, const std::string& env,
                const std::vector<std::pair<std::string, std::string>>& settings) {
  std::vector<ParamValue> assignments;
  for (const auto& [key, value] : settings) assignments.push_back({key, value, "test"});
  TrainRequest request;
  request.config = resolve_run_config(config_from_words({agent, env}), assignments);
  request.out = path;
  request.stop_at = request.config.run.total_steps / 2;
  start_run(request, {});
  Trained run;
  run.path = path;
  run.step = *CheckpointStore(path).last();
  const Checkpoint checkpoint(path, run.step);
  run.manifest = checkpoint.manifest();
  for (const ManifestPart& part : run.manifest.parts) {
    run.parts[part.name] = checkpoint.read_part(part.name);
  }
  return run;
}

/// The run again in a new folder, with another content of one part and checksums that fit.
void write_copy(const Trained& run, const std::string& path, const std::string& changed_part,
                const Bytes& content) {
  std::filesystem::remove_all(path);
  std::filesystem::copy(run.path, path, std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(path + "/checkpoints");
  CheckpointWriter writer(path, run.manifest);
  for (const auto& [name, bytes] : run.parts) {
    writer.add(name, ByteRow(name == changed_part ? content : bytes));
  }
  writer.commit();
}

void expect_survival(const Trained& run, const std::string& path) {
  Rng rng(5, run.path.substr(run.path.rfind('/')));
  std::vector<std::string> names;
  for (const auto& [name, bytes] : run.parts) {
    if (!bytes.empty()) names.push_back(name);
  }
  int refused = 0, went_on = 0;
  for (int i = 0; i < tries(); ++i) {
    const std::string& name = names[static_cast<std::size_t>(i) % names.size()];
    SCOPED_TRACE(name + ", try " + std::to_string(i));
    write_copy(run, path, name, changed(run.parts.at(name), rng));
    const auto start = std::chrono::steady_clock::now();
    try {
      if (name == "policy.bin") tern_agents_api()->evaluate({.run = path, .env = {}, .episodes = 1});
      resume_run({path, {}, 0}, {});
      ++went_on;
    } catch (const Error&) {
      ++refused;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_LT(seconds.count(), kLongestSeconds);
  }
  // A fuzz that is always refused, or never, tests nothing.
  EXPECT_GT(refused, 0);
  EXPECT_GT(went_on, 0);
}

const std::vector<std::pair<std::string, std::string>> kSmallPpo = {
    {"total_steps", "256"},  {"num_envs", "2"},      {"rollout_steps", "32"},
    {"minibatch_size", "32"}, {"epochs", "1"},       {"hidden_sizes", "[8]"},
    {"eval_episodes", "1"},  {"final_eval_episodes", "1"}};

std::vector<std::pair<std::string, std::string>> with(
    std::vector<std::pair<std::string, std::string>> settings,
    const std::vector<std::pair<std::string, std::string>>& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

void expect_survival(const std::string& agent, const std::string& env,
                     const std::vector<std::pair<std::string, std::string>>& settings) {
  const TemporaryFolder folder;
  expect_survival(trained(folder / "run", agent, env, settings), folder / "copy");
}

TEST(HostileRun, OfPpoWithNormalisers) {
  expect_survival("ppo", "CartPole-v1",
                  with(kSmallPpo, {{"normalize_obs", "true"}, {"normalize_reward", "true"}}));
}

TEST(HostileRun, OfRecurrentPpo) {
  expect_survival("ppo", "Catch-v0", with(kSmallPpo, {{"recurrent", "gru"}, {"recurrent_size", "8"}}));
}

TEST(HostileRun, OfPpoWithMasksAndWrappers) {
  expect_survival("ppo", "Taxi-v3", with(kSmallPpo, {{"sticky_actions", "0.3"}}));
}

TEST(HostileRun, OfPpoOnAnEnvThatIsReplayed) {
  expect_survival("ppo", "LunarLander-v3", with(kSmallPpo, {{"total_steps", "128"}}));
}

TEST(HostileRun, OfA2cWithMasks) {
  expect_survival("a2c", "Taxi-v3",
                  {{"total_steps", "100"}, {"num_envs", "2"}, {"hidden_sizes", "[8]"},
                   {"normalize_obs", "true"}, {"eval_episodes", "1"}, {"final_eval_episodes", "1"}});
}

TEST(HostileRun, OfDqn) {
  expect_survival("dqn", "CartPole-v1",
                  {{"total_steps", "200"}, {"learning_starts", "20"}, {"buffer_size", "100"},
                   {"hidden_sizes", "[8]"}, {"batch_size", "8"}, {"epsilon_duration", "3"},
                   {"eval_episodes", "1"}, {"final_eval_episodes", "1"}});
}

TEST(HostileRun, OfSacWithPriorities) {
  expect_survival("sac", "Pendulum-v1",
                  {{"total_steps", "200"}, {"learning_starts", "20"}, {"buffer_size", "100"},
                   {"hidden_sizes", "[8]"}, {"batch_size", "8"}, {"prioritized", "true"},
                   {"eval_episodes", "1"}, {"final_eval_episodes", "1"}});
}

TEST(HostileRun, OfDiscreteSacWithMasks) {
  expect_survival("sac", "Taxi-v3",
                  {{"total_steps", "200"}, {"learning_starts", "20"}, {"buffer_size", "100"},
                   {"hidden_sizes", "[8]"}, {"batch_size", "8"}, {"eval_episodes", "1"},
                   {"final_eval_episodes", "1"}});
}

TEST(HostileRun, OfCrossq) {
  expect_survival("crossq", "Pendulum-v1",
                  {{"total_steps", "200"}, {"learning_starts", "20"}, {"buffer_size", "100"},
                   {"hidden_sizes", "[8]"}, {"critic_hidden_sizes", "[8]"}, {"batch_size", "8"},
                   {"renorm_warmup", "50"}, {"eval_episodes", "1"}, {"final_eval_episodes", "1"}});
}

TEST(HostileRun, OfTd3) {
  expect_survival("td3", "Pendulum-v1",
                  {{"total_steps", "200"}, {"learning_starts", "20"}, {"buffer_size", "100"},
                   {"hidden_sizes", "[8]"}, {"batch_size", "8"}, {"eval_episodes", "1"},
                   {"final_eval_episodes", "1"}});
}

}  // namespace
}  // namespace tern
