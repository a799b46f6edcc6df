// Blackjack-v1: come nearer to 21 than the dealer without going over it.
//
//   observation                  range
//   0 player sum (categorical)   4 to 31, of 32
//   1 dealer card (categorical)  1 (ace) to 10, of 11: the one that lies open
//   2 usable ace (categorical)   1: an ace counts as 11 in the sum
//
// Cards are drawn with replacement: 1 to 9 with probability 1/13 each, 10 with 4/13. An ace counts
// as 11 where that does not bust the hand. Both sides begin with two cards.
// Actions: 0 stick, 1 hit. A hit over 21 terminates with -1. After stick the dealer draws until
// having at least 17, and the episode terminates with +1, 0 or -1 as the player's sum is above,
// equal to or below the dealer's; a busted dealer has lost.
// `natural`: a win with an ace and a ten as the first two cards pays 1.5. `sab` (the rules of
// Sutton and Barto; `natural` is ignored then): such a hand wins against all but another such hand.
// No time limit; a hand ends after at most 21 hits.
//
// Reference: Gymnasium's Blackjack-v1 (Sutton and Barto 2018, example 5.1).

#include <algorithm>
#include <array>
#include <string>

#include "envs/grid/board_pieces.h"
#include "envs/registry/registry.h"

namespace tern::blackjack {
namespace {

constexpr int kStick = 0, kHit = 1;
constexpr int kLimit = 21, kDealerStands = 17;
constexpr std::size_t kMaxCards = 23;  // 21 aces are 21; one more and the first of another hit

/// Some cards, 1 to 10 each.
struct Hand {
  std::array<std::uint8_t, kMaxCards> cards{};
  std::uint8_t count = 0;

  void add(int card) { cards[count++] = static_cast<std::uint8_t>(card); }
  int hard_sum() const {
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += cards[i];
    return sum;
  }
  bool has_usable_ace() const {
    return std::count(cards.begin(), cards.begin() + count, 1) > 0 && hard_sum() + 10 <= kLimit;
  }
  int sum() const { return hard_sum() + (has_usable_ace() ? 10 : 0); }
  bool is_bust() const { return hard_sum() > kLimit; }
  /// The sum, or 0 for a bust.
  int score() const { return is_bust() ? 0 : sum(); }
  bool is_natural() const { return count == 2 && sum() == kLimit; }
};

int draw_card(Rng& rng) { return std::min(10, 1 + static_cast<int>(rng.below(13))); }

struct BlackjackParams {
  bool natural = false;
  bool sab = false;

  template <class V>
  void visit(V& v) {
    v("natural", natural, "whether winning with an ace and a ten pays 1.5");
    v("sab", sab, "the rules of Sutton and Barto, where an ace and a ten win at once");
  }
};

EnvSpec make_spec() {
  EnvSpec spec;
  spec.id = "Blackjack-v1";
  spec.family = "grid";
  spec.summary = "come nearer to 21 than the dealer without going over it";
  spec.reference = "Gymnasium Blackjack-v1";
  spec.obs.categorical("player sum", 32).categorical("dealer card", 11).categorical("usable ace", 2);
  spec.action = ActionSpace::discrete({"stick", "hit"});
  spec.metrics = {"success"};
  spec.frames_per_second = 2;
  spec.turn_based = true;
  return spec;
}

class Blackjack final : public Env {
 public:
  using Params = BlackjackParams;

  explicit Blackjack(const Params& params) : params_(params), spec_(make_spec()) {
    for (const int card : {10, 7}) player_.add(card), dealer_.add(card);
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    player_ = dealer_ = Hand();
    for (int i = 0; i < 2; ++i) dealer_.add(draw_card(ctx.rng));
    for (int i = 0; i < 2; ++i) player_.add(draw_card(ctx.rng));
    is_over_ = false;
    reward_ = 0;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    reward_ = 0;
    if (action.discrete() == kHit) {
      player_.add(draw_card(rng));
      is_over_ = player_.is_bust();
      if (is_over_) reward_ = -1;
    } else {
      while (dealer_.sum() < kDealerStands) dealer_.add(draw_card(rng));
      is_over_ = true;
      reward_ = payoff();
    }
    observe(obs);
    StepResult result;
    result.reward = reward_;
    result.terminated = is_over_;
    return result;
  }

  void metrics(FloatRow values) const override { values[0] = reward_ > 0 ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    canvas.set_view({0, 0}, {10, 7.2f}, palette::kFloor);
    canvas.text({0.4f, 6.55f}, 0.45f, "dealer", palette::kInk);
    canvas.text({0.4f, 3.05f}, 0.45f, "you", palette::kInk);
    draw_hand(canvas, dealer_, 4.2f, /*hides_second=*/!is_over_);
    draw_hand(canvas, player_, 0.7f, /*hides_second=*/false);
    const std::string player = std::to_string(player_.sum());
    canvas.text({9.6f, 3.05f}, 0.55f, player_.has_usable_ace() ? "soft " + player : player,
                palette::kInk, Align::kRight);
    if (!is_over_) return;
    canvas.text({9.6f, 6.55f}, 0.55f, std::to_string(dealer_.sum()), palette::kInk, Align::kRight);
    const bool is_won = reward_ > 0, is_lost = reward_ < 0;
    canvas.rectangle({3.2f, 3}, {6.8f, 3.8f},
                     is_won ? palette::kGoal : is_lost ? palette::kDanger : palette::kMuted);
    canvas.text({5, 3.2f}, 0.5f,
                player_.is_bust() ? "bust" : is_won ? "won" : is_lost ? "lost" : "draw",
                palette::kBackground, Align::kCenter);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    const bool hits = keys[Key::kSpace] || keys[Key::kH] || keys[Key::kUp];
    if (!hits && !keys[Key::kEnter] && !keys[Key::kS] && !keys[Key::kDown]) return false;
    action.discrete() = hits ? kHit : kStick;
    return true;
  }

  void save(StateWriter& out) const override {
    for (const Hand* hand : {&player_, &dealer_}) {
      out.write(Row<const std::uint8_t>(hand->cards.data(), hand->count));
    }
    out.write(is_over_, reward_);
  }
  bool load(StateReader& in) override {
    for (Hand* hand : {&player_, &dealer_}) {
      std::vector<std::uint8_t> cards;
      in.read(cards);
      const bool are_cards = std::all_of(cards.begin(), cards.end(), [](std::uint8_t card) {
        return card >= 1 && card <= 10;
      });
      if (cards.size() < 2 || cards.size() >= kMaxCards || !are_cards) {
        throw Error::failure("saved state is no game of blackjack");
      }
      *hand = Hand();
      for (const std::uint8_t card : cards) hand->add(card);
    }
    in.read(is_over_, reward_);
    return true;
  }

 private:
  float payoff() const {
    const bool is_natural = player_.is_natural();
    if (params_.sab && is_natural && !dealer_.is_natural()) return 1;
    const int player = player_.score(), dealer = dealer_.score();
    if (player == dealer) return 0;
    if (player < dealer) return -1;
    return !params_.sab && params_.natural && is_natural ? 1.5f : 1.0f;
  }

  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(player_.sum());
    obs[1] = dealer_.cards[0];
    obs[2] = player_.has_usable_ace() ? 1 : 0;
  }

  /// Cards side by side, overlapping where there are many.
  static void draw_hand(Canvas& canvas, const Hand& hand, float y, bool hides_second) {
    const float gap = hand.count > 5 ? 7.6f / static_cast<float>(hand.count - 1) : 1.75f;
    for (std::size_t i = 0; i < hand.count; ++i) {
      const float x = 0.4f + gap * static_cast<float>(i);
      const bool is_hidden = hides_second && i == 1;
      canvas.rectangle({x - 0.05f, y - 0.05f}, {x + 1.5f, y + 2.1f}, palette::kInk);
      canvas.rectangle({x, y}, {x + 1.45f, y + 2.05f},
                       is_hidden ? palette::kAgent : palette::kBackground);
      if (is_hidden) {
        canvas.rectangle({x + 0.2f, y + 0.2f}, {x + 1.25f, y + 1.85f}, palette::kAgentLight);
        canvas.text({x + 0.72f, y + 0.7f}, 0.7f, "?", palette::kBackground, Align::kCenter);
        continue;
      }
      const int card = hand.cards[i];
      canvas.text({x + 0.72f, y + 0.65f}, 0.8f, card == 1 ? "A" : std::to_string(card),
                  card == 1 ? palette::kDanger : palette::kInk, Align::kCenter);
    }
  }

  Params params_;
  EnvSpec spec_;
  Hand player_, dealer_;
  bool is_over_ = false;
  float reward_ = 0;  // of the last step
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<Blackjack>("built-in"); }

}  // namespace tern::blackjack
