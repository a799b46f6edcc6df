// Two players with a hand of their own: a card game of one round. Each observation is the view of
// the player who moves next, and says whose; `shows=mover` writes that of the player who moved,
// which is wrong, and `shows=both` that of the next one with the other's card in it.

#include "envs/plugin.h"

class HiddenCards final : public tern::Env {
 public:
  struct Params {
    std::string shows = "own";
    template <class V>
    void visit(V& v) {
      v("shows", shows, "what a player sees", tern::one_of({"own", "mover", "both"}));
    }
  };
  explicit HiddenCards(const Params& params) : params_(params) {
    spec_.id = "HiddenCards-v0";
    spec_.family = "tests";
    spec_.summary = "the higher of two cards wins what was bet";
    spec_.obs.categorical("player", 2).categorical("own card", 3).scalar("other has bet", 0, 1);
    spec_.action = tern::ActionSpace::discrete({"fold", "bet"});
    spec_.players = 2;
    spec_.info = {"card 0", "card 1"};
  }

  const tern::EnvSpec& spec() const override { return spec_; }

  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    cards_[0] = static_cast<int>(ctx.rng.below(3));
    cards_[1] = (cards_[0] + 1 + static_cast<int>(ctx.rng.below(2))) % 3;
    moves_ = player_ = 0;
    bets_[0] = bets_[1] = 0;
    won_[0] = won_[1] = 0;
    observe(obs);
  }

  tern::StepResult step(tern::ActionRow action, tern::Rng&, tern::ObsRow obs) override {
    const int mover = player_;
    bets_[mover] = action.discrete();
    if (params_.shows == "mover") observe(obs);
    player_ = 1 - player_;
    if (params_.shows != "mover") observe(obs);
    tern::StepResult result;
    result.terminated = ++moves_ == 2;
    if (result.terminated) pay();
    result.reward = won_[mover];
    return result;
  }

  int current_player() const override { return player_; }
  bool player_rewards(tern::FloatRow rewards) const override {
    rewards[0] = won_[0];
    rewards[1] = won_[1];
    return true;
  }
  void info(tern::FloatRow info) const override {
    info[0] = static_cast<float>(cards_[0]);
    info[1] = static_cast<float>(cards_[1]);
  }
  void save(tern::StateWriter& out) const override {
    out.write(cards_[0], cards_[1], bets_[0], bets_[1], won_[0], won_[1], moves_, player_);
  }
  bool load(tern::StateReader& in) override {
    in.read(cards_[0], cards_[1], bets_[0], bets_[1], won_[0], won_[1], moves_, player_);
    return true;
  }

 private:
  void observe(tern::ObsRow obs) const {
    obs[0] = static_cast<float>(player_);
    obs[1] = static_cast<float>(cards_[params_.shows == "both" ? 1 - player_ : player_]);
    obs[2] = static_cast<float>(bets_[1 - player_]);
  }
  void pay() {
    const int better = cards_[0] > cards_[1] ? 0 : 1;
    const int winner = bets_[0] == bets_[1] ? better : bets_[1];
    won_[winner] = static_cast<float>(1 + bets_[0] * bets_[1]);
    won_[1 - winner] = -won_[winner];
  }

  Params params_;
  tern::EnvSpec spec_;
  int cards_[2] = {0, 1}, bets_[2] = {0, 0};
  float won_[2] = {0, 0};
  int moves_ = 0, player_ = 0;
};

TERN_EXPORT_ENVS(HiddenCards)
