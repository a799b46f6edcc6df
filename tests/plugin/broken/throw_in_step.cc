// Throws something that is no std::exception in its first step.

#include "envs/plugin.h"

namespace {

class Thrower final : public tern::Env {
 public:
  const tern::EnvSpec& spec() const override {
    static const tern::EnvSpec spec = [] {
      tern::EnvSpec facts;
      facts.id = "Thrower-v0";
      facts.obs.scalar("nothing", 0, 1);
      facts.action = tern::ActionSpace::discrete({"wait"});
      return facts;
    }();
    return spec;
  }
  void reset(tern::ResetContext&, tern::ObsRow obs) override { obs[0] = 0; }
  tern::StepResult step(tern::ActionRow, tern::Rng&, tern::ObsRow) override { throw 42; }
};

}  // namespace

TERN_EXPORT_ENVS(Thrower)
