#pragma once
// An env whose rows have fields of both types: two images, an index of bytes, floats and an index.

#include <string>

#include "envs/env.h"

namespace tern {

/// One step. The left or the right half of the camera's picture is bright; the action must point to
/// that half where `gain` is 1, away from it where it is -1. So neither the image nor the floats alone
/// tell it. All else is noise. The best return is 1; who reads one of the two gets 0.
///   floats: gain, gear (one of 5..9); bytes: camera 4x4x1, mirror 3x4x3, floor (one of 3..7)
class MixedEnv final : public Env {
 public:
  struct Params {
    std::string actions = "discrete";
    std::string shows = "both";
    template <class V>
    void visit(V& v) {
      v("actions", actions, "what an action is", one_of({"discrete", "box"}));
      v("shows", shows, "what is no noise", one_of({"both", "floats", "image"}));
    }
  };

  explicit MixedEnv(const Params& params) : shows_(params.shows) {
    spec_.id = "Mixed-v0";
    spec_.family = "test";
    spec_.summary = "point to the light, or away from it";
    // In another order than in the row, where floats come first.
    spec_.obs.of(DType::kUint8)
        .image("camera", kSide, kSide, 1, 0, 255)
        .of(DType::kFloat32)
        .scalar("gain", -1, 1)
        .categorical("gear", 5, /*first=*/5)
        .of(DType::kUint8)
        .image("mirror", 3, kSide, 3, 0, 255)
        .categorical("floor", 5, /*first=*/3);
    spec_.action = params.actions == "box" ? ActionSpace::box({ActionSpace::real("side", -1, 1)})
                                           : ActionSpace::discrete({"left", "right"});
    spec_.max_episode_steps = 5;
  }

  const EnvSpec& spec() const override { return spec_; }

  void reset(ResetContext& ctx, ObsRow obs) override {
    is_right_ = ctx.rng.chance(0.5);
    gain_ = ctx.rng.chance(0.5) ? 1.0f : -1.0f;
    observe(ctx.rng, obs);
  }

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    const float side = is_right_ ? gain_ : -gain_;
    StepResult result;
    if (spec_.action.is_box()) {
      const float miss = action[0] - 0.5f * side;
      result.reward = 1 - 4 * miss * miss;
    } else {
      result.reward = (action.discrete() == 1) == (side > 0) ? 1.0f : -1.0f;
    }
    result.terminated = true;
    observe(rng, obs);
    return result;
  }

  void save(StateWriter& out) const override { out.write(is_right_, gain_); }
  bool load(StateReader& in) override {
    in.read(is_right_, gain_);
    return true;
  }

 private:
  static constexpr int kSide = 4;

  void observe(Rng& rng, ObsRow obs) const {
    obs[0] = shows_ == "image" ? 0 : gain_;
    obs[1] = static_cast<float>(5 + rng.below(5));
    const Row<std::uint8_t> bytes = obs.bytes();
    for (std::uint8_t& value : bytes) value = static_cast<std::uint8_t>(rng.below(60));
    for (std::size_t i = 0; shows_ != "floats" && i < kSide * kSide; ++i) {
      if ((i % kSide >= kSide / 2) == is_right_) bytes[i] = static_cast<std::uint8_t>(bytes[i] + 190);
    }
    bytes[bytes.size() - 1] = static_cast<std::uint8_t>(3 + rng.below(5));
  }

  std::string shows_;
  EnvSpec spec_;
  bool is_right_ = false;
  float gain_ = 1;
};

}  // namespace tern
