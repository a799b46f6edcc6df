// A walk to the right end of a line, in three versions: WIDER has another observation field and one
// place more, RESAVED refuses what the others save. When its code is loaded it says so, in the file
// that TERN_TEST_MARK names.

#include <cstdio>
#include <cstdlib>

#include "envs/plugin.h"

namespace {

struct Mark {
  Mark() {
    const char* const path = std::getenv("TERN_TEST_MARK");
    if (path == nullptr) return;
    if (std::FILE* const file = std::fopen(path, "w")) std::fclose(file);
  }
} mark;

#ifdef WIDER
constexpr int kEnd = 5;
#else
constexpr int kEnd = 4;
#endif
#ifdef RESAVED
constexpr int kVersion = 77;
#endif

class Walk final : public tern::Env {
 public:
  const tern::EnvSpec& spec() const override {
    static const tern::EnvSpec spec = [] {
      tern::EnvSpec facts;
      facts.id = "Walk-v0";
      facts.family = "tests";
      facts.summary = "walk to the right end of a line";
      facts.obs.scalar("place", -kEnd, kEnd);
      if (kEnd > 4) facts.obs.scalar("speed", -1, 1);
      facts.action = tern::ActionSpace::discrete({"left", "right"});
      facts.max_episode_steps = 30;
      return facts;
    }();
    return spec;
  }
  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    place_ = static_cast<int>(ctx.rng.below(3)) - 1;
    observe(obs);
  }
  tern::StepResult step(tern::ActionRow action, tern::Rng&, tern::ObsRow obs) override {
    place_ += 2 * action.discrete() - 1;
    observe(obs);
    return {place_ == kEnd ? 1.0f : 0.0f, place_ == kEnd || place_ == -kEnd, false};
  }
#ifdef RESAVED
  void save(tern::StateWriter& out) const override {
    out.write(kVersion, place_);
  }
  bool load(tern::StateReader& in) override {
    int version = 0;
    in.read(version);
    if (version != kVersion) throw tern::Error("a state of version 77 is needed");
    in.read(place_);
    return true;
  }
#else
  void save(tern::StateWriter& out) const override { out.write(place_); }
  bool load(tern::StateReader& in) override {
    in.read(place_);
    return true;
  }
#endif

 private:
  void observe(tern::ObsRow obs) const {
    for (std::size_t i = 0; i < obs.size(); ++i) obs[i] = i == 0 ? static_cast<float>(place_) : 0;
  }
  int place_ = 0;
};

}  // namespace

TERN_EXPORT_ENVS(Walk)
