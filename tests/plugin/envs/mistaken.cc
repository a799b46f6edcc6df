// An env that is in order, and that has one of the mistakes that people make, by a parameter. For the
// tests of check-env: tests/plugin/mistaken_envs_test.cc has the list.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <cmath>
#include <limits>
#include <string>
#include <thread>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "envs/plugin.h"

namespace {

extern "C" void ignore_it(int) {}

/// A cart on a line of 41 places that is pushed left or right and blown about; the reward is nearness
/// to the middle. Mistake "box..": a push in [-1, 1]; "bytes..": rows of bytes.
class Mistaken final : public tern::Env {
 public:
  struct Params {
    std::string mistake = "none";
    int at = 20;  // from which step of an episode on
    template <class V>
    void visit(V& v) {
      v("mistake", mistake, "what is wrong");
      v("at", at, "the step of an episode from which on", tern::at_least(0));
    }
  };

  explicit Mistaken(const Params& params) : params_(params) {
    spec_.id = "Mistaken-v0";
    spec_.family = "tests";
    spec_.summary = "stay in the middle of a line";
    const bool is_box = starts("box"), has_bytes = starts("bytes");
    if (has_bytes) spec_.obs.of(tern::DType::kUint8);
    spec_.obs.scalar("place", has_bytes ? 0 : -20, has_bytes ? 40 : 20);
    const char* second = is("names_twice") ? "place" : "wind";
    if (is("field_and_group")) second = "place.wind";
    if (is("empty_group")) second = "place..wind";
    spec_.obs.scalar(second, has_bytes ? 0 : -1, has_bytes ? 2 : 1);
    spec_.action = tern::ActionSpace::discrete({"left", is("options_twice") ? "left" : "right"});
    if (is("metric_late")) spec_.metrics = {"nearness"};
    if (is_box) spec_.action = tern::ActionSpace::box({tern::ActionSpace::real("push", -1, 1)});
    // Some of the mistakes are seen in episodes without an end.
    if (!is("limit_inside") && !starts("late")) spec_.max_episode_steps = 100;
  }
  const tern::EnvSpec& spec() const override { return spec_; }

  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    steps_ = 0;
    ++resets_;
    place_ = static_cast<int>(ctx.rng.below(5)) - 2;
    wind_ = static_cast<int>(ctx.rng.below(3)) - 1;
    if (is("stream_copied")) own_ = ctx.rng;
    observe(obs);
  }

  tern::StepResult step(tern::ActionRow action, tern::Rng& rng, tern::ObsRow obs) override {
    ++steps_;
    if (is_due("process")) spoil_process();
    if (is("starts_processes") && fork() == 0) _exit(0);
    if (is_due("throw_text")) throw "no more fuel";
    if (is("sleeps")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    int push = 0;
    if (starts("box_reads_choice")) {
      push = action.discrete();
    } else if (spec_.action.is_box()) {
      push = action[0] > 0 ? 1 : -1;
    } else {
      push = starts("reads_real") ? static_cast<int>(action[0]) : 2 * action.discrete() - 1;
    }
    if (is("action_ignored")) push = 0;
    tern::Rng& stream = is("stream_copied") ? own_ : rng;
    wind_ = static_cast<int>(stream.below(3)) - 1;
    place_ += push + wind_;
    if (place_ > 20) place_ = 20;
    if (place_ < -20) place_ = -20;
    observe(obs);
    tern::StepResult result;
    result.reward = 1 - static_cast<float>(std::abs(place_)) / 20;
    if (is("late_nan_reward") && steps_ >= params_.at)
      result.reward = std::numeric_limits<float>::quiet_NaN();
    if (is("limit_inside")) result.terminated = steps_ >= 50;
    return result;
  }

  void metrics(tern::FloatRow metrics) const override {
    metrics[0] = resets_ > 15 ? std::nanf("") : 0;
  }
  void save(tern::StateWriter& out) const override { out.write(steps_, place_, wind_); }
  bool load(tern::StateReader& in) override {
    in.read(steps_, place_, wind_);
    return true;
  }

 private:
  bool is(const char* mistake) const { return params_.mistake == mistake; }
  bool starts(const char* mistake) const { return params_.mistake.rfind(mistake, 0) == 0; }
  bool is_due(const char* mistake) const { return starts(mistake) && steps_ == params_.at; }

  void observe(tern::ObsRow obs) const {
    if (starts("bytes") && !is("bytes_as_floats")) {
      obs.bytes()[0] = static_cast<std::uint8_t>(place_ + 20);
      obs.bytes()[1] = static_cast<std::uint8_t>(wind_ + 1);
      return;
    }
    if (is("floats_as_bytes")) {
      obs.bytes()[0] = static_cast<std::uint8_t>(place_ + 20);
      obs.bytes()[1] = static_cast<std::uint8_t>(wind_ + 1);
      return;
    }
    obs[0] = static_cast<float>(place_);
    obs[1] = static_cast<float>(wind_);
    if (is("late_nan") && steps_ >= params_.at) obs[1] = std::nanf("");
    if (is("late_outside") && steps_ >= params_.at) obs[1] = 3;
  }

  /// What concerns the whole program.
  void spoil_process() const {
    if (is("process_folder")) [[maybe_unused]] const int failed = chdir("/");
    if (is("process_locale")) std::setlocale(LC_ALL, "C.UTF-8");
    if (is("process_signal")) signal(SIGINT, ignore_it);
    if (is("process_rounding")) std::fesetround(FE_UPWARD);
#if defined(__GLIBC__)
    if (is("process_traps")) feenableexcept(FE_DIVBYZERO);
#endif
    if (is("process_umask")) umask(0);
    if (is("process_output")) close(STDOUT_FILENO);
#if defined(__x86_64__)
    if (is("process_fast_math")) _mm_setcsr(_mm_getcsr() | 0x8040);  // what -ffast-math links in
#endif
  }

  Params params_;
  tern::EnvSpec spec_;
  int steps_ = 0, place_ = 0, wind_ = 0, resets_ = 0;
  tern::Rng own_{1, "mine"};
};

}  // namespace

TERN_EXPORT_ENVS(Mistaken)
