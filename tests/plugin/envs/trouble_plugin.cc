// An env that does what ends a process, at a step of one's choice.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "envs/plugin.h"

namespace {

volatile int zero = 0;

// Each frame is used after the call, so that no compiler makes a loop of it.
int overflow(int depth) {
  volatile char frame[4096];
  frame[depth % 4096] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + frame[depth % 4096];
}

class Trouble final : public tern::Env {
 public:
  struct Params {
    std::string kind = "none";
    std::string in = "step";
    int at = 40;
    template <class V>
    void visit(V& v) {
      v("kind", kind, "what it does",
        tern::one_of({"none", "segfault", "exit", "abort", "divide", "overflow", "loop", "print"}));
      v("in", in, "where", tern::one_of({"create", "step", "draw", "save"}));
      v("at", at, "the step of an episode", tern::at_least(0));
    }
  };

  explicit Trouble(const Params& params) : params_(params) {
    spec_.id = "Trouble-v0";
    spec_.family = "tests";
    spec_.summary = "makes trouble";
    spec_.obs.scalar("steps", 0, 1e6);
    spec_.action = tern::ActionSpace::discrete({"a", "b"});
    spec_.max_episode_steps = 3000;
    if (params_.in == "create") make();
  }
  const tern::EnvSpec& spec() const override { return spec_; }
  void reset(tern::ResetContext&, tern::ObsRow obs) override { obs[0] = static_cast<float>(steps_ = 0); }
  tern::StepResult step(tern::ActionRow, tern::Rng&, tern::ObsRow obs) override {
    obs[0] = static_cast<float>(++steps_);
    make_in("step");
    return {1, false, false};
  }
  void draw(tern::Canvas& canvas) const override {
    canvas.set_view({0, 0}, {1, 1}, tern::palette::kBackground);
    make_in("draw");
  }
  void save(tern::StateWriter& out) const override {
    out.write(steps_);
    make_in("save");
  }
  bool load(tern::StateReader& in) override {
    in.read(steps_);
    return true;
  }

 private:
  void make_in(const char* function) const {
    if (params_.in == function && steps_ >= params_.at) make();
  }
  void make() const {
    if (params_.kind == "segfault") std::raise(SIGSEGV);
    if (params_.kind == "exit") std::exit(0);
    if (params_.kind == "abort") std::abort();
    if (params_.kind == "divide") zero = 1 / zero;
    if (params_.kind == "overflow") zero = overflow(0);
    while (params_.kind == "loop") zero = 0;
    if (params_.kind == "print") std::printf("hello from step %d\n", steps_);
  }

  Params params_;
  tern::EnvSpec spec_;
  int steps_ = 0;
};

}  // namespace

TERN_EXPORT_ENVS(Trouble)
