// MemoryChain-v0: see some bits at the first step, wait, and at the last step say what one of them was.
//
//   observation         range
//   0 time left         1 at the first step, falling evenly to 0 at the last
//   1.. query           at the last step 1 for the bit that is asked for, else 0
//   .. context          at the first step -1 or 1 for each bit, else 0
//
// Actions: 0 (the bit was -1), 1 (it was 1); only the last one counts. Reward: at the last step +1 if
// it is right and -1 if not, and the episode terminates; else 0. An episode has `length` steps.
// The best mean return is 1 with memory and 0 without.
//
// Reference: bsuite's memory_len and memory_size (Osband et al. 2020), in which an episode has one step
// more and the query is the bit's number.

#include <cmath>
#include <string>
#include <vector>

#include "envs/registry/registry.h"

namespace tern::memory_chain {
namespace {

struct MemoryChainParams {
  int length = 10;
  int bits = 1;

  template <class V>
  void visit(V& v) {
    v("length", length, "steps of an episode", in_range(2, 1000));
    v("bits", bits, "bits to remember", in_range(1, 32));
  }
};

EnvSpec make_spec(const MemoryChainParams& params) {
  EnvSpec spec;
  spec.id = "MemoryChain-v0";
  spec.family = "grid";
  spec.summary = "remember what was shown at the first step until the last";
  spec.reference = "after bsuite memory_len";
  spec.obs.scalar("time left", 0, 1)
      .vector("query", params.bits, 0, 1)
      .vector("context", params.bits, -1, 1);
  spec.action = ActionSpace::discrete({"it was -1", "it was 1"});
  spec.reward_threshold = 0.99;
  spec.metrics = {"success"};
  spec.frames_per_second = 4;
  spec.turn_based = true;
  return spec;
}

class MemoryChain final : public Env {
 public:
  using Params = MemoryChainParams;

  explicit MemoryChain(const Params& params)
      : params_(params), spec_(make_spec(params)),
        context_(static_cast<std::size_t>(params.bits)) {}

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    time_ = 0;
    for (std::uint8_t& bit : context_) bit = ctx.rng.chance(0.5) ? 1 : 0;
    query_ = ctx.rng.below(static_cast<std::uint32_t>(params_.bits));
    reward_ = 0;
    observe(obs);
  }

  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    StepResult result;
    if (++time_ == params_.length) {
      result.terminated = true;
      reward_ = action.discrete() == context_[query_] ? 1.0f : -1.0f;
    }
    result.reward = reward_;
    observe(obs);
    return result;
  }

  void metrics(FloatRow values) const override { values[0] = reward_ > 0 ? 1 : 0; }

  void draw(Canvas& canvas) const override {
    canvas.set_view({-1.1f, -0.62f}, {1.1f, 0.62f}, palette::kFloor);
    draw_way(canvas);
    const bool is_first = time_ == 0, is_over = time_ == params_.length;
    const bool is_asked = time_ >= params_.length - 1;
    const float bits = static_cast<float>(context_.size());
    const float radius = std::min(0.2f, 0.85f / bits);
    std::string letters;
    for (std::size_t i = 0; i < context_.size(); ++i) {
      const Point at{(static_cast<float>(i) + 0.5f - bits / 2) * 2.3f * radius, -0.22f};
      const bool is_query = is_asked && i == query_;
      const bool is_shown = is_first || (is_over && is_query);
      if (is_query) {
        const Color ring = reward_ > 0   ? palette::kGoal
                           : reward_ < 0 ? palette::kDanger
                                         : palette::kAccent;
        canvas.circle(at, radius * 1.15f, ring);
      }
      const Color lamp = context_[i] ? palette::kItem : palette::kAgent;
      canvas.circle(at, radius * 0.92f, is_shown ? lamp : palette::kMuted);
      const char sign = !is_shown ? '?' : context_[i] ? '+' : '-';
      canvas.text({at.x, at.y - 0.35f * radius}, 0.8f * radius, std::string(1, sign),
                  palette::kBackground, Align::kCenter);
    }
    const char* const verdict = reward_ > 0 ? "right" : reward_ < 0 ? "wrong" : nullptr;
    canvas.text({0, 0.08f}, 0.12f,
                verdict != nullptr ? verdict
                : is_first         ? "remember"
                : is_asked         ? "what was it?"
                                   : "wait",
                palette::kInk, Align::kCenter);
  }

  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (!keys[Key::kLeft] && !keys[Key::kRight]) return false;
    action.discrete() = keys[Key::kRight] ? 1 : 0;
    return true;
  }

  void save(StateWriter& out) const override {
    out.write(context_);
    out.write(query_, time_, reward_);
  }
  bool load(StateReader& in) override {
    std::vector<std::uint8_t> context;
    in.read(context);
    in.read(query_, time_, reward_);
    if (context.size() != context_.size() || query_ >= context.size() || time_ < 0 ||
        time_ > params_.length) {
      throw Error::failure("saved state is of another chain");
    }
    context_ = context;
    return true;
  }

 private:
  void observe(ObsRow obs) const {
    const std::size_t bits = context_.size();
    const int last = params_.length - 1;
    obs[0] = static_cast<float>(std::max(last - time_, 0)) / static_cast<float>(last);
    for (std::size_t i = 0; i < bits; ++i) {
      obs[1 + i] = time_ >= last && i == query_ ? 1 : 0;
      const float bit = context_[i] ? 1.0f : -1.0f;
      obs[1 + bits + i] = time_ == 0 ? bit : 0.0f;
    }
  }

  /// The time that has passed, on a line from the first step to the last.
  void draw_way(Canvas& canvas) const {
    const float share = static_cast<float>(std::min(time_, params_.length - 1)) /
                        static_cast<float>(params_.length - 1);
    canvas.capsule({-0.9f, 0.42f}, {0.9f, 0.42f}, 0.03f, palette::kMuted);
    canvas.capsule({-0.9f, 0.42f}, {-0.9f + 1.8f * share, 0.42f}, 0.03f, palette::kAgentLight);
    canvas.circle({-0.9f + 1.8f * share, 0.42f}, 0.075f, palette::kAgent);
  }

  Params params_;
  EnvSpec spec_;
  std::vector<std::uint8_t> context_;  // 1 or 0 for each bit
  std::uint32_t query_ = 0;
  int time_ = 0;      // steps taken
  float reward_ = 0;  // of the last step
};

}  // namespace

void add(EnvRegistry& registry) { registry.add<MemoryChain>("built-in"); }

}  // namespace tern::memory_chain
