// Cannot be constructed with its default parameters.

#include <stdexcept>

#include "envs/plugin.h"
#include "tests/plugin/envs/mirror_env.h"

namespace {

class Unmade final : public tern::Env {
 public:
  Unmade() { throw std::runtime_error("no such track"); }
  const tern::EnvSpec& spec() const override { return spec_; }
  void reset(tern::ResetContext&, tern::ObsRow) override {}
  tern::StepResult step(tern::ActionRow, tern::Rng&, tern::ObsRow) override { return {}; }

 private:
  tern::EnvSpec spec_;
};

}  // namespace

TERN_EXPORT_ENVS(tern::MirrorEnv, Unmade)
