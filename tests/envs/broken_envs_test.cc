// Conformance, poisoned: for each rule an env that breaks it and nothing else on purpose, which
// the checker must catch under that rule's name. The sound env they derive from passes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/envs/sound_env.h"

namespace tern {
namespace {

struct NoVersion : Sound {
  NoVersion() { spec_.id = "Walk"; }
};
struct NamelessField : Sound {
  NamelessField() { spec_.obs = ObsSpace().scalar("", -4, 4).scalar("wind", -1, 1).scalar("l", 0, 3); }
};
struct ChangingSpec : Sound {
  ChangingSpec() {
    static int instances = 0;
    spec_.max_episode_steps = 30 + ++instances;
  }
};
struct ThrowsAtTheEdge : Sound {
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    if (position_ == 2 && action.discrete() == 2) throw std::runtime_error("no way");
    return Sound::step(action, rng, obs);
  }
};
struct AllowsWhatItForbids : Sound {  // the mask says yes, step says no
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    if (position_ == 1 && action.discrete() == 0) throw std::runtime_error("masked");
    return Sound::step(action, rng, obs);
  }
};
/// Leaves an element of its row alone, in a uint8 and in a float32 space.
template <DType kType>
struct Unwritten : Env {
  Unwritten() {
    spec_.id = "Unwritten-v0";
    spec_.family = "test";
    spec_.summary = "forgets an element";
    spec_.obs = ObsSpace(kType);
    spec_.obs.vector("values", 4, kType == DType::kUint8 ? 0 : -1, kType == DType::kUint8 ? 255 : 1);
    spec_.action = ActionSpace::discrete({"a", "b"});
    spec_.max_episode_steps = 20;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { write(obs, 4); }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    write(obs, action.discrete() == 1 ? 3 : 4);
    return {};
  }
  bool load(StateReader&) override { return true; }
  static void write(ObsRow obs, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (kType == DType::kUint8) {
        obs.bytes()[i] = 1;
      } else {
        obs[i] = 1;
      }
    }
  }
  EnvSpec spec_;
};
/// More choices than a byte can number.
struct WideByte : Env {
  WideByte() {
    spec_.id = "WideByte-v0";
    spec_.family = "test";
    spec_.summary = "numbers too much";
    spec_.obs = ObsSpace(DType::kUint8).categorical("room", 257);
    spec_.action = ActionSpace::discrete({"a", "b"});
    spec_.max_episode_steps = 20;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs.bytes()[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs.bytes()[0] = 0;
    return {};
  }
  bool load(StateReader&) override { return true; }
  EnvSpec spec_;
};
struct LeavesItsSpace : Sound {
  LeavesItsSpace() {
    spec_.obs = ObsSpace().scalar("position", -3, 3).scalar("wind", -1, 1).scalar("l", 0, 3);
  }
};
struct SaysNan : Sound {
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const StepResult result = Sound::step(action, rng, obs);
    if (position_ == 2) obs[1] = std::numeric_limits<float>::quiet_NaN();
    return result;
  }
};
struct FractionalIndex : Sound {
  FractionalIndex() {
    spec_.obs = ObsSpace().scalar("position", -4, 4).categorical("wind", 3).scalar("l", 0, 3);
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    Sound::reset(ctx, obs);
    obs[1] = 1;
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const StepResult result = Sound::step(action, rng, obs);
    obs[1] = 0.5f;
    return result;
  }
};
struct NanReward : Sound {
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    StepResult result = Sound::step(action, rng, obs);
    if (position_ == -2) result.reward = std::sqrt(static_cast<float>(position_));
    return result;
  }
};
struct TermsThatDoNotSum : Sound {
  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(position_);
    terms[1] = static_cast<float>(2 * wind_);
  }
};
struct ForgetsATerm : Sound {
  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(position_ + wind_);
  }
};
struct BothFlags : Sound {
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    StepResult result = Sound::step(action, rng, obs);
    result.truncated = result.terminated;
    return result;
  }
};
struct ForbidsEverything : Sound {
  void action_mask(MaskRow mask) const override {
    for (std::uint8_t& flag : mask) flag = position_ != 3;
  }
};
struct ForgetsAFlag : Sound {
  void action_mask(MaskRow mask) const override { mask[0] = mask[1] = 1; }
};
struct HidesItsMasks : Sound {
  HidesItsMasks() { spec_.has_masks = false; }
};
struct ForgetsAMetric : Sound {
  void metrics(FloatRow) const override {}
};
struct OwnRandomNumbers : Sound {
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    thread_local tern_rng global = {{1, 2, 3, 4}};
    const StepResult result = Sound::step(action, rng, obs);
    wind_ = 2 * tern_rng_uniform(&global) - 1;
    observe(obs);
    return result;
  }
};
struct SharedState : Sound {  // the wind blows for all instances alike
  void reset(ResetContext& ctx, ObsRow obs) override {
    Sound::reset(ctx, obs);
    shared() = wind_;
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    wind_ = shared();
    const StepResult result = Sound::step(action, rng, obs);
    shared() = wind_;
    return result;
  }
  static double& shared() {
    thread_local double wind = 0;  // a plain static would be a data race as well
    return wind;
  }
};
struct DependsOnItsThread : Sound {
  void reset(ResetContext& ctx, ObsRow obs) override {
    static const std::thread::id first = std::this_thread::get_id();
    Sound::reset(ctx, obs);
    if (std::this_thread::get_id() != first) obs[1] = 0;
  }
};
struct ResetForgets : Sound {
  void reset(ResetContext& ctx, ObsRow obs) override {
    const int gusts = gusts_;
    Sound::reset(ctx, obs);
    gusts_ = gusts;
  }
};
struct SaveForgets : Sound {
  void save(StateWriter& out) const override { out.write(position_, level_, wind_); }
  bool load(StateReader& in) override {
    in.read(position_, level_, wind_);
    return true;
  }
};
struct LoadReadsTooLittle : Sound {
  void save(StateWriter& out) const override {
    Sound::save(out);
    out.write(1.0);
  }
};
struct SameLevels : Sound {
  void reset(ResetContext& ctx, ObsRow obs) override {
    ResetContext first{ctx.rng, 0};
    Sound::reset(first, obs);
  }
};
struct WrongStateSize : Sound {
  bool get_state(DoubleVec& state) const override {
    state = {static_cast<double>(position_)};
    return true;
  }
};
struct SetsHalfItsState : Sound {
  bool set_state(ConstDoubleRow state) override {
    position_ = static_cast<int>(state[0]);
    return true;
  }
};
struct UnnamedState : Sound {
  UnnamedState() { spec_.state_fields.clear(); }
};
struct KeysMeanNonsense : Sound {
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = keys[Key::kSpace] ? 3 : 0;
    return true;
  }
};
struct DrawsWithoutView : Sound {
  void draw(Canvas& canvas) const override { canvas.circle({0, 0}, 1, palette::kAgent); }
};
struct ForgetsToPop : Sound {
  void draw(Canvas& canvas) const override {
    Sound::draw(canvas);
    canvas.push({0, 0}, 0);
  }
};

struct TwiceTheSameTerm : Sound {
  TwiceTheSameTerm() { spec_.reward_terms = {"wind", "wind"}; }
};

/// A tabular env of two states; kFlaw 1: probabilities do not sum to 1, 2: step does otherwise.
template <int kFlaw>
struct Tabular : Env {
  Tabular() {
    spec_.id = "Tabular-v0";
    spec_.family = "test";
    spec_.summary = "two states";
    spec_.obs.categorical("state", 2);
    spec_.action = ActionSpace::discrete({"stay", "switch"});
    spec_.max_episode_steps = 10;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = static_cast<float>(state_ = 0); }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    if (action.discrete() == 1) state_ = 1 - state_;
    obs[0] = static_cast<float>(state_);
    StepResult result;
    result.reward = kFlaw == 2 ? 2 : 1;
    return result;
  }
  bool transitions(TransitionTable& table) const override {
    const double p = kFlaw == 1 ? 0.9 : 1;
    table.outcomes = {{{{p, 0, 1, false}}, {{p, 1, 1, false}}},
                      {{{p, 1, 1, false}}, {{p, 0, 1, false}}}};
    table.initial = {1, 0};
    return true;
  }
  void save(StateWriter& out) const override { out.write(state_); }
  bool load(StateReader& in) override {
    in.read(state_);
    return true;
  }
  EnvSpec spec_;
  int state_ = 0;
};

/// A Box env; kClamps false: what it says grows with the action beyond its bounds.
template <bool kClamps>
struct Boxed : Env {
  Boxed() {
    spec_.id = "Boxed-v0";
    spec_.family = "test";
    spec_.summary = "says the action";
    spec_.obs.scalar("last action", -1, 1);
    spec_.action = ActionSpace::box({ActionSpace::real("value", -1, 1)});
    spec_.max_episode_steps = 10;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    obs[0] = kClamps ? std::fmax(-1.0f, std::fmin(1.0f, action[0])) : action[0];
    return {};
  }
  bool load(StateReader&) override { return true; }
  EnvSpec spec_;
};

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(BrokenEnvs, TheSoundOnesPass) {
  EXPECT_THAT(broken_rules<Sound>(), IsEmpty());
  EXPECT_THAT(broken_rules<Tabular<0>>(), IsEmpty());
  EXPECT_THAT(broken_rules<Boxed<true>>(), IsEmpty());
}

TEST(BrokenEnvs, AnIdWithoutVersionIsCaught) {
  EXPECT_THAT(broken_rules<NoVersion>(), UnorderedElementsAre(Pair("spec", HasSubstr("version"))));
}
TEST(BrokenEnvs, AFieldWithoutANameIsCaught) {
  EXPECT_THAT(broken_rules<NamelessField>(), UnorderedElementsAre(Pair("spec", HasSubstr("no name"))));
}
TEST(BrokenEnvs, AByteWithMoreThan256CategoriesIsCaught) {
  EXPECT_THAT(broken_rules<WideByte>(), Contains(Pair("spec", HasSubstr("below 256"))));
}
TEST(BrokenEnvs, ASpecThatDiffersBetweenInstancesIsCaught) {
  EXPECT_THAT(broken_rules<ChangingSpec>(), Contains(Pair("spec", HasSubstr("different specs"))));
}
TEST(BrokenEnvs, AnExceptionInAnAllowedStepIsCaught) {
  EXPECT_THAT(broken_rules<ThrowsAtTheEdge>(),
              UnorderedElementsAre(Pair("runs", HasSubstr("no way"))));
}
TEST(BrokenEnvs, AMaskThatStepDoesNotHonourIsCaught) {
  EXPECT_THAT(broken_rules<AllowsWhatItForbids>(),
              UnorderedElementsAre(Pair("runs", HasSubstr("masked"))));
}
TEST(BrokenEnvs, AnUnwrittenElementIsCaught) {
  EXPECT_THAT(broken_rules<Unwritten<DType::kFloat32>>(),
              Contains(Pair("obs-written", HasSubstr("element 3 ('values', number 3)"))));
  EXPECT_THAT(broken_rules<Unwritten<DType::kUint8>>(),
              Contains(Pair("obs-written", HasSubstr("element 3 ('values', number 3)"))));
}
TEST(BrokenEnvs, AnObservationOutsideItsSpaceIsCaught) {
  EXPECT_THAT(broken_rules<LeavesItsSpace>(),
              UnorderedElementsAre(Pair("obs-space", HasSubstr("('position') is"))));
}
TEST(BrokenEnvs, ANanInAnObservationIsCaught) {
  EXPECT_THAT(broken_rules<SaysNan>(),
              UnorderedElementsAre(Pair("obs-space", HasSubstr("('wind') is nan"))));
}
TEST(BrokenEnvs, AFractionalIndexIsCaught) {
  EXPECT_THAT(broken_rules<FractionalIndex>(),
              Contains(Pair("obs-space", HasSubstr("whole number from 0 to 2"))));
}
TEST(BrokenEnvs, AnActionBeyondItsBoundsThatShowsInTheObservationIsCaught) {
  EXPECT_THAT(broken_rules<Boxed<false>>(), UnorderedElementsAre(Pair("obs-space", HasSubstr("11"))));
}
TEST(BrokenEnvs, ANanRewardIsCaught) {
  EXPECT_THAT(broken_rules<NanReward>(), Contains(Pair("reward-finite", HasSubstr("is nan"))));
}
TEST(BrokenEnvs, TermsThatDoNotSumAreCaught) {
  EXPECT_THAT(broken_rules<TermsThatDoNotSum>(),
              UnorderedElementsAre(Pair("reward-terms", HasSubstr("sum to"))));
}
TEST(BrokenEnvs, AForgottenTermIsCaught) {
  EXPECT_THAT(broken_rules<ForgetsATerm>(),
              UnorderedElementsAre(Pair("reward-terms", HasSubstr("'wind'"))));
}
TEST(BrokenEnvs, BothFlagsAreCaught) {
  EXPECT_THAT(broken_rules<BothFlags>(), UnorderedElementsAre(Pair("flags", HasSubstr("both"))));
}
TEST(BrokenEnvs, AMaskOfZerosIsCaught) {
  EXPECT_THAT(broken_rules<ForbidsEverything>(),
              UnorderedElementsAre(Pair("masks", HasSubstr("at least one"))));
}
TEST(BrokenEnvs, AnUnwrittenFlagIsCaught) {
  EXPECT_THAT(broken_rules<ForgetsAFlag>(), Contains(Pair("masks", HasSubstr("flag 2"))));
}
TEST(BrokenEnvs, MasksThatTheSpecDeniesAreCaught) {
  EXPECT_THAT(broken_rules<HidesItsMasks>(),
              UnorderedElementsAre(Pair("masks", HasSubstr("has_masks"))));
}
TEST(BrokenEnvs, AForgottenMetricIsCaught) {
  EXPECT_THAT(broken_rules<ForgetsAMetric>(),
              UnorderedElementsAre(Pair("metrics", HasSubstr("'success'"))));
}
TEST(BrokenEnvs, ARewardTermThatIsThereTwiceIsCaught) {
  EXPECT_THAT(broken_rules<TwiceTheSameTerm>(),
              Contains(Pair("spec", HasSubstr("reward_terms has the name 'wind' twice"))));
}
TEST(BrokenEnvs, RandomNumbersOfItsOwnAreCaught) {
  EXPECT_THAT(broken_rules<OwnRandomNumbers>(),
              Contains(Pair("determinism", HasSubstr("only from the Rng"))));
}
TEST(BrokenEnvs, StateSharedBetweenInstancesIsCaught) {
  const auto broken = broken_rules<SharedState>();
  EXPECT_THAT(broken, Contains(Pair("independence", HasSubstr("another instance"))));
  EXPECT_EQ(broken.count("determinism"), 0u);  // one after the other they agree
}
TEST(BrokenEnvs, AnEnvThatDependsOnItsThreadIsCaught) {
  EXPECT_THAT(broken_rules<DependsOnItsThread>(),
              UnorderedElementsAre(Pair("threads", HasSubstr("1, 2 and 4 threads"))));
}
TEST(BrokenEnvs, AResetThatForgetsAMemberIsCaught) {
  EXPECT_THAT(broken_rules<ResetForgets>(),
              Contains(Pair("fresh-reset", HasSubstr("used before"))));
}
TEST(BrokenEnvs, ASaveThatForgetsAMemberIsCaught) {
  EXPECT_THAT(broken_rules<SaveForgets>(),
              UnorderedElementsAre(Pair("save-load", HasSubstr("every member"))));
}
TEST(BrokenEnvs, ALoadThatLeavesBytesIsCaught) {
  EXPECT_THAT(broken_rules<LoadReadsTooLittle>(),
              Contains(Pair("save-load", HasSubstr("left 8 bytes"))));
}
TEST(BrokenEnvs, LevelsThatDoNotDifferAreCaught) {
  EXPECT_THAT(broken_rules<SameLevels>(),
              UnorderedElementsAre(Pair("levels", HasSubstr("ctx.level"))));
}
TEST(BrokenEnvs, AStateVectorOfTheWrongLengthIsCaught) {
  EXPECT_THAT(broken_rules<WrongStateSize>(),
              UnorderedElementsAre(Pair("state-vector", HasSubstr("gave 1 numbers"))));
}
TEST(BrokenEnvs, AStateThatIsHalfSetIsCaught) {
  EXPECT_THAT(broken_rules<SetsHalfItsState>(),
              UnorderedElementsAre(Pair("state-vector", HasSubstr("other numbers"))));
}
TEST(BrokenEnvs, AStateVectorWithoutNamesIsCaught) {
  EXPECT_THAT(broken_rules<UnnamedState>(),
              UnorderedElementsAre(Pair("state-vector", HasSubstr("names 0 fields"))));
}
TEST(BrokenEnvs, ATableThatIsNoProbabilityIsCaught) {
  EXPECT_THAT(broken_rules<Tabular<1>>(),
              UnorderedElementsAre(Pair("transitions", HasSubstr("sum to 0.9"))));
}
TEST(BrokenEnvs, ATableThatIsNotStepIsCaught) {
  EXPECT_THAT(broken_rules<Tabular<2>>(),
              UnorderedElementsAre(Pair("transitions", HasSubstr("not in the table"))));
}
TEST(BrokenEnvs, KeysThatMeanNoActionAreCaught) {
  EXPECT_THAT(broken_rules<KeysMeanNonsense>(),
              UnorderedElementsAre(Pair("human-action", HasSubstr("action 3"))));
}
TEST(BrokenEnvs, DrawingWithoutAViewIsCaught) {
  EXPECT_THAT(broken_rules<DrawsWithoutView>(),
              UnorderedElementsAre(Pair("draw", HasSubstr("before set_view"))));
}
TEST(BrokenEnvs, APushWithoutAPopIsCaught) {
  EXPECT_THAT(broken_rules<ForgetsToPop>(), UnorderedElementsAre(Pair("draw", HasSubstr("pop"))));
}

}  // namespace
}  // namespace tern
