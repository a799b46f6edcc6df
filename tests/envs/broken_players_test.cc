// Conformance, poisoned, where several players take turns: for each rule an env that breaks it and
// nothing else on purpose. The sound one passes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/envs/sound_env.h"

namespace tern {
namespace {

/// Two walk in turn; what one gains the other loses.
struct SoundPair : Sound {
  SoundPair() { spec_.players = 2; }
  void reset(ResetContext& ctx, ObsRow obs) override {
    Sound::reset(ctx, obs);
    player_ = 0;
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const StepResult result = Sound::step(action, rng, obs);
    reward_ = result.reward;
    player_ = 1 - player_;
    return result;
  }
  int current_player() const override { return player_; }
  bool player_rewards(FloatRow rewards) const override {
    rewards[static_cast<std::size_t>(1 - player_)] = reward_;
    rewards[static_cast<std::size_t>(player_)] = -reward_;
    return true;
  }
  void save(StateWriter& out) const override {
    Sound::save(out);
    out.write(player_);
  }
  bool load(StateReader& in) override {
    Sound::load(in);
    in.read(player_);
    return true;
  }
  int player_ = 0;
  float reward_ = 0;
};
struct AThirdPlayer : SoundPair {
  int current_player() const override { return position_ == 2 ? 2 : player_; }
};
struct HiddenPlayers : SoundPair {
  HiddenPlayers() { spec_.players = 1; }
};
struct NoPlayers : Sound {
  NoPlayers() { spec_.players = 0; }
};
struct OneOfTwoMoves : Sound {
  OneOfTwoMoves() { spec_.players = 2; }
};
struct ForgetsAPlayer : SoundPair {
  bool player_rewards(FloatRow rewards) const override {
    rewards[static_cast<std::size_t>(1 - player_)] = reward_;
    return true;
  }
};
struct PaysTheOther : SoundPair {
  bool player_rewards(FloatRow rewards) const override {
    rewards[static_cast<std::size_t>(player_)] = reward_;
    rewards[static_cast<std::size_t>(1 - player_)] = -reward_;
    return true;
  }
};

/// The row says whose view it is.
struct SaysWhose : SoundPair {
  SaysWhose() { spec_.obs.categorical("player", 2); }
  void reset(ResetContext& ctx, ObsRow obs) override {
    SoundPair::reset(ctx, obs);
    obs[obs.size() - 1] = 0;
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const StepResult result = SoundPair::step(action, rng, obs);
    obs[obs.size() - 1] = static_cast<float>(shown());
    return result;
  }
  virtual int shown() const { return player_; }
};
struct ShowsTheOthersView : SaysWhose {
  int shown() const override { return 1 - player_; }
};

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(BrokenPlayers, SoundPlayersPass) { EXPECT_THAT(broken_rules<SoundPair>(), IsEmpty()); }
TEST(BrokenPlayers, APlayerWhoIsNotThereIsCaught) {
  EXPECT_THAT(broken_rules<AThirdPlayer>(),
              Contains(Pair("runs", HasSubstr("current_player() returned 2; expected 0 to 1"))));
}
TEST(BrokenPlayers, PlayersThatTheSpecDeniesAreCaught) {
  EXPECT_THAT(broken_rules<HiddenPlayers>(),
              UnorderedElementsAre(Pair("players", HasSubstr("spec.players is 1"))));
}
TEST(BrokenPlayers, NoPlayersAreCaught) {
  EXPECT_THAT(broken_rules<NoPlayers>(), Contains(Pair("spec", HasSubstr("players is 0"))));
}
TEST(BrokenPlayers, PlayersWhoDoNotTakeTurnsAreCaught) {
  EXPECT_THAT(broken_rules<OneOfTwoMoves>(),
              UnorderedElementsAre(Pair("players", HasSubstr("the same player moved all the time"))));
}
TEST(BrokenPlayers, AForgottenPlayersRewardIsCaught) {
  EXPECT_THAT(broken_rules<ForgetsAPlayer>(),
              Contains(Pair("players", HasSubstr("not finite or was not written"))));
}
TEST(BrokenPlayers, ARewardForTheWrongPlayerIsCaught) {
  EXPECT_THAT(broken_rules<PaysTheOther>(),
              UnorderedElementsAre(Pair("players", HasSubstr("let step() return the mover's"))));
}
TEST(BrokenPlayers, TheViewOfThePlayerWhoMovedIsCaught) {
  EXPECT_THAT(broken_rules<SaysWhose>(), IsEmpty());
  EXPECT_THAT(broken_rules<ShowsTheOthersView>(),
              UnorderedElementsAre(Pair("players", HasSubstr("write the row after the turn"))));
}

}  // namespace
}  // namespace tern
