// Two kinds of env in one plugin; the second observes bytes and takes real actions.

#include "envs/plugin.h"
#include "tests/plugin/envs/mirror_env.h"

namespace {

class BytesEnv final : public tern::Env {
 public:
  const tern::EnvSpec& spec() const override {
    static const tern::EnvSpec spec = [] {
      tern::EnvSpec facts;
      facts.id = "Bytes-v0";
      facts.family = "tests";
      facts.summary = "shows the action as a picture";
      facts.obs = tern::ObsSpace(tern::DType::kUint8);
      facts.obs.image("picture", 2, 2, 1, 0, 255);
      facts.action = tern::ActionSpace::box({tern::ActionSpace::real("push", -1, 1, "N"),
                                             tern::ActionSpace::real("turn", 0, 1, "rad")});
      facts.max_episode_steps = 10;
      return facts;
    }();
    return spec;
  }
  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    for (std::uint8_t& byte : obs.bytes()) byte = static_cast<std::uint8_t>(ctx.rng.below(256));
  }
  tern::StepResult step(tern::ActionRow action, tern::Rng&, tern::ObsRow obs) override {
    obs.bytes()[0] = static_cast<std::uint8_t>(100 + 50 * action[0]);
    obs.bytes()[1] = static_cast<std::uint8_t>(200 * action[1]);
    obs.bytes()[2] = 7;
    obs.bytes()[3] = 8;
    return {action[0] + action[1], false, false};
  }
};

}  // namespace

TERN_EXPORT_ENVS(tern::MirrorEnv, BytesEnv)
