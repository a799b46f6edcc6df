// Rows of floats and bytes on their way through wrappers, processes and checks. Proof: worked
// examples, conformance, and broken envs that check-env must name.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "envs/conformance/rollout_hash.h"
#include "tests/envs/env_params.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/envs/mixed_env.h"
#include "tests/envs/sound_env.h"

namespace tern {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

std::vector<int> bytes(ObsRow row) { return {row.bytes().begin(), row.bytes().end()}; }

/// A coloured picture of one pixel, a byte and a float, all of which tell the time.
class Watch final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Watch-v0";
      made.family = "test";
      made.summary = "tells the time";
      made.obs.of(DType::kUint8).image("face", 2, 1, 3, 0, 255).categorical("hour", 12, 1);
      made.obs.of(DType::kFloat32).scalar("time", 0, 1e6);
      made.action = ActionSpace::discrete({"go"});
      made.max_episode_steps = 5;
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override {
    time_ = 0;
    observe(obs);
  }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    ++time_;
    observe(obs);
    return {1, false, false};
  }
  void save(StateWriter& out) const override { out.write(time_); }
  bool load(StateReader& in) override {
    in.read(time_);
    return true;
  }

 private:
  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(time_) + 0.5f;
    for (std::size_t i = 0; i < 6; ++i) obs.bytes()[i] = static_cast<std::uint8_t>(10 * time_ + i);
    obs.bytes()[6] = static_cast<std::uint8_t>(1 + time_ % 12);
  }
  int time_ = 0;
};

TEST(MixedRows, EachEnvHasARowOfItsOwn) {
  VecEnvOptions three;
  three.num_envs = 3;
  Batch<Watch> batch(three);
  EXPECT_EQ(batch->obs.row_bytes(), 12u);
  batch.step();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(batch.obs(i), ElementsAre(1.5f));
    EXPECT_THAT(bytes(batch->obs[i]), ElementsAre(10, 11, 12, 13, 14, 15, 2));
  }
}

TEST(MixedRows, FramesAreStackedFieldByField) {
  Batch<Watch> batch({}, params({{"frame_stack", "2"}}));
  batch.step();
  EXPECT_THAT(batch.obs(0), ElementsAre(0.5f, 1.5f));
  EXPECT_THAT(bytes(batch->obs[0]),
              ElementsAre(0, 1, 2, 10, 11, 12, 3, 4, 5, 13, 14, 15, 1, 2));
}

TEST(MixedRows, PicturesBecomeGreyAndSmallAndTheRestStays) {
  Batch<Watch> batch({}, params({{"grey", "true"}, {"resize", "[1, 1]"}}));
  batch.step();
  EXPECT_THAT(batch.obs(0), ElementsAre(1.5f));
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(13, 2));  // of (10, 11, 12) and (13, 14, 15)
}

TEST(MixedRows, TheTimeThatIsLeftIsAFloatBesideBytes) {
  Batch<Watch> batch({}, params({{"time_aware", "true"}}));
  batch.step();
  EXPECT_THAT(batch.obs(0), ElementsAre(1.5f, 0.8f));
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(10, 11, 12, 13, 14, 15, 2));
  Batch<Watch> pixels({}, params({{"pixels", "[4, 4]"}, {"time_aware", "true"}}));
  pixels.step();
  EXPECT_THAT(pixels.obs(0), ElementsAre(0.8f));
  EXPECT_EQ(bytes(pixels->obs[0]).size(), 48u);
}

TEST(MixedRows, AProcessOfItsOwnGivesTheSameBits) {
  const EnvEntry& entry = Batch<MixedEnv>::entry();
  VecEnvOptions five;
  five.num_envs = 5;
  const std::uint64_t here = rollout_hash(entry, {}, five, 50);
  EXPECT_EQ(rollout_hash(entry, params({{"isolate", "process"}}), five, 50), here);
  five.threads = 2;
  EXPECT_EQ(rollout_hash(entry, {}, five, 50), here);
}

TEST(MixedRows, AreInOrder) {
  for (const ParamValues& words :
       {ParamValues{}, params({{"actions", "box"}}), params({{"frame_stack", "3"}}),
        params({{"resize", "[3, 3]"}, {"time_aware", "true"}})}) {
    ConformanceOptions options;
    options.bench_seconds = 0;
    for (const Finding& finding :
         check_conformance(Batch<MixedEnv>::entry(), words, options).findings) {
      EXPECT_TRUE(finding.passed) << finding.rule << ": " << finding.message;
    }
  }
}

// ---- Broken ones --------------------------------------------------------------------------------

/// Sound, with two bytes behind its floats.
struct SoundWithBytes : Sound {
  SoundWithBytes() {
    spec_.obs.of(DType::kUint8).categorical("gear", 3, /*first=*/5).scalar("lamp", 0, 1);
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    Sound::reset(ctx, obs);
    show(obs);
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const StepResult result = Sound::step(action, rng, obs);
    show(obs);
    return result;
  }
  virtual void show(ObsRow obs) const {
    obs.bytes()[0] = 6;
    obs.bytes()[1] = 1;
  }
};
struct IndexFromZero : SoundWithBytes {
  void show(ObsRow obs) const override {
    SoundWithBytes::show(obs);
    obs.bytes()[0] = 1;
  }
};
struct ByteUnwritten : SoundWithBytes {
  void show(ObsRow obs) const override { obs.bytes()[0] = 6; }
};
struct OneByteTooFar : SoundWithBytes {  // where the room between two rows is
  void show(ObsRow obs) const override {
    SoundWithBytes::show(obs);
    obs.bytes().data()[2] = 1;
  }
};
struct ByteTooWide : SoundWithBytes {
  ByteTooWide() { spec_.obs.categorical("room", 10, /*first=*/250); }
  void show(ObsRow obs) const override {
    SoundWithBytes::show(obs);
    obs.bytes()[2] = 250;
  }
};

TEST(BrokenMixedRows, TheSoundOnePasses) {
  EXPECT_THAT(broken_rules<SoundWithBytes>(), ElementsAre());
}
TEST(BrokenMixedRows, AnIndexBelowItsFirstIsCaught) {
  EXPECT_THAT(broken_rules<IndexFromZero>(),
              UnorderedElementsAre(Pair(
                  "obs-space", HasSubstr("element 3 ('gear') is 1; expected a whole number from 5 to 7"))));
}
TEST(BrokenMixedRows, AByteThatIsNotWrittenIsCaught) {
  EXPECT_THAT(broken_rules<ByteUnwritten>(),
              Contains(Pair("obs-written", HasSubstr("element 4 ('lamp')"))));
}
TEST(BrokenMixedRows, AByteTooFarIsCaught) {
  EXPECT_THAT(broken_rules<OneByteTooFar>(),
              Contains(Pair("rows", HasSubstr("the row of the observation has 14 bytes, and 1 bytes "
                                              "behind its end"))));
}
TEST(BrokenMixedRows, AByteThatCannotHoldItsIndexIsCaught) {
  EXPECT_THAT(broken_rules<ByteTooWide>(),
              Contains(Pair("spec", HasSubstr("10 categories from 250 on; a byte holds"))));
}

}  // namespace
}  // namespace tern
