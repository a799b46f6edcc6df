// Fuzz: a saved state of any env, with bytes that somebody changed on purpose, is refused with an
// Error or loaded into something that can be stepped. Never a crash, never a long wait. TERN_FUZZ
// sets the tries for each env.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/recording_canvas.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/state_io.h"
#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

using Bytes = std::vector<std::uint8_t>;

int tries() {
  const char* const text = std::getenv("TERN_FUZZ");
  return text == nullptr ? 20 : std::atoi(text);
}

template <class T>
void put(Bytes& bytes, std::size_t at, T value) {
  if (at + sizeof value <= bytes.size()) std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// Changes a few places: a bit, a byte, a word that is extreme; or cuts or lengthens.
Bytes changed(Bytes bytes, Rng& rng) {
  const int changes = 1 + static_cast<int>(rng.below(3));
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = rng.below(static_cast<std::uint32_t>(bytes.size()));
    switch (rng.below(9)) {
      case 0: bytes[at] ^= static_cast<std::uint8_t>(1u << rng.below(8)); break;
      case 1: bytes[at] = static_cast<std::uint8_t>(rng.next()); break;
      case 2: put(bytes, at, std::numeric_limits<std::int32_t>::max()); break;
      case 3: put(bytes, at, std::numeric_limits<std::int32_t>::min()); break;
      case 4: put(bytes, at, std::int32_t{-1}); break;
      case 5: put(bytes, at, rng.next()); break;
      case 6: put(bytes, at, std::numeric_limits<double>::quiet_NaN()); break;
      case 7: put(bytes, at, 1e300); break;
      case 8: put(bytes, at, std::uint64_t{0}); break;
    }
  }
  if (rng.below(10) == 0) bytes.resize(rng.below(static_cast<std::uint32_t>(bytes.size()) + 9));
  return bytes;
}

/// Two envs with random actions.
class Played {
 public:
  Played(const EnvEntry& entry, const ParamValues& params)
      : vec_(entry, params, options()),
        buffers_(vec_.spec().obs, vec_.spec().action, vec_.spec().metrics.size(), 2),
        rng_(1, "fuzz actions") {
    vec_.reset(buffers_.batch.obs, buffers_.batch.mask);
  }
  void play(int steps) {
    for (int t = 0; t < steps; ++t) {
      for (std::size_t i = 0; i < 2; ++i) {
        random_action(vec_.spec().action, buffers_.batch.mask[i], rng_, buffers_.actions[i]);
      }
      vec_.step(buffers_.actions, buffers_.batch);
    }
  }
  Bytes save() const {
    StateWriter out;
    vec_.save(out);
    return out.bytes();
  }
  void load(const Bytes& bytes) {
    StateReader in{Row<const std::uint8_t>(bytes)};
    vec_.load(in);
    for (std::size_t i = 0; i < 2; ++i) {
      if (vec_.spec().has_masks) vec_.env(i).action_mask(buffers_.batch.mask[i]);
    }
  }
  /// As a viewer and a recording do.
  void look() {
    RasterCanvas picture(48, 32);
    picture.set_view({0, 0}, {48, 32}, {255, 255, 255});
    vec_.env(0).draw(picture);
    RecordingCanvas recording;
    vec_.env(1).draw(recording);
  }
  const EnvSpec& spec() const { return vec_.spec(); }
  Env& env() { return vec_.env(0); }

 private:
  static VecEnvOptions options() {
    VecEnvOptions options;
    options.num_envs = 2;
    return options;
  }
  VecEnv vec_;
  StepBuffers buffers_;
  Rng rng_;
};

struct Outcomes {
  int taken = 0, refused = 0;
};

void try_changes(const EnvEntry& entry, const ParamValues& params, int count, Outcomes& outcomes) {
  Rng rng(7, entry.spec.id);
  for (int i = 0; i < count; ++i) {
    Played played(entry, params);
    played.play(1 + static_cast<int>(rng.below(12)));
    const Bytes bytes = changed(played.save(), rng);
    try {
      played.load(bytes);
      played.play(1);  // throws where it says that no episode has begun
      played.look();
      played.play(20);
      played.look();
      ++outcomes.taken;
    } catch (const Error&) {
      ++outcomes.refused;  // at once, or at a step
    }
  }
}

/// A fuzz that is always refused, or never, tests nothing.
void expect_both(const Outcomes& outcomes) {
  EXPECT_GT(outcomes.taken, 0);
  EXPECT_GT(outcomes.refused, 0);
}

TEST(HostileState, OfEveryEnvIsRefusedOrPlayed) {
  Outcomes outcomes;
  for (const EnvEntry* entry : registry().entries()) {
    SCOPED_TRACE(entry->spec.id);
    const bool is_slow = entry->spec.family == "physics";
    try_changes(*entry, {}, is_slow ? 1 + tries() / 10 : tries(), outcomes);
  }
  expect_both(outcomes);
}

TEST(HostileState, OfWrappersIsRefusedOrPlayed) {
  const auto param = [](const char* key, const char* value) {
    return ParamValue{key, value, "test"};
  };
  const struct {
    const char* id;
    ParamValues params;
  } wrapped[] = {
      {"CartPole-v1", {param("sticky_actions", "0.5"), param("action_repeat", "3")}},
      {"Pendulum-v1", {param("sticky_actions", "0.5"), param("time_aware", "true")}},
      {"Taxi-v3", {param("sticky_actions", "0.5"), param("frame_stack", "2")}},
      {"Taxi-v3", {param("action_delay", "2")}},
      {"Pendulum-v1", {param("rescale_action", "true"), param("sticky_actions", "0.5")}},
      {"Taxi-v3", {param("max_episode_steps", "30"), param("time_aware", "true")}},
      {"MinAtar-Breakout-v1", {param("action_repeat", "2"), param("reward_noise", "0.1")}},
  };
  Outcomes outcomes;
  for (const auto& each : wrapped) {
    SCOPED_TRACE(each.id);
    try_changes(registry().find(each.id), each.params, 4 * tries(), outcomes);
  }
  expect_both(outcomes);
}

// What `rollout --state` hands over: any numbers that JSON can say.
TEST(HostileState, SetByHandIsRefusedOrPlayed) {
  const double extremes[] = {0, -1, 0.5, 1e308, -1e308, 4294967296.0, 9.3e18, 1e-308, 2147483648.0};
  Outcomes outcomes;
  for (const EnvEntry* entry : registry().entries()) {
    SCOPED_TRACE(entry->spec.id);
    if (entry->spec.state_fields.empty()) continue;
    Rng rng(3, entry->spec.id);
    for (int i = 0; i < tries(); ++i) {
      Played played(*entry, {});
      DoubleVec state;
      played.env().get_state(state);
      const std::uint32_t changes = 1 + rng.below(3);
      for (std::uint32_t k = 0; k < changes && !state.empty(); ++k) {
        state[rng.below(static_cast<std::uint32_t>(state.size()))] = extremes[rng.below(9)];
      }
      try {
        if (!played.env().set_state(state)) continue;
        played.look();
        played.play(10);
        played.look();
        ++outcomes.taken;
      } catch (const Error&) {
        ++outcomes.refused;
      }
    }
  }
  expect_both(outcomes);
}

}  // namespace
}  // namespace tern
