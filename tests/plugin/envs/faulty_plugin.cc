// An env that is in order, and that does wrong what one of its parameters names. For the tests of
// check-env: tests/plugin/faulty_envs_test.cc has the list.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "envs/plugin.h"

namespace {

volatile int zero = 0;
int* volatile nowhere = reinterpret_cast<int*>(8);
void* volatile lost = nullptr;
int shared_by_all = 0;

// Each frame is used after the call, so that no compiler makes a loop of it.
int overflow(int depth) {
  volatile char frame[4096];
  frame[depth % 4096] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + frame[depth % 4096];
}

/// A walk on a line of nine cells: actions left, stay, right; ends at either edge. Fault "box..":
/// the same with a push in [-1, 1]; "goal..": with goals; "late..": it never ends by itself.
class Faulty final : public tern::Env {
 public:
  struct Params {
    std::string fault = "none";  // what
    std::string in = "step";     // where, for what ends the process or prints
    int at = 20;                 // from which step of an episode on
    template <class V>
    void visit(V& v) {
      v("fault", fault, "what it does wrong");
      v("in", in, "the function in which");
      v("at", at, "the step of an episode from which on", tern::at_least(0));
    }
  };

  explicit Faulty(const Params& params) : params_(params) {
    make_spec();
    if (is("leaks_instances")) lost = std::malloc(100'000);
    act("create");
  }
  ~Faulty() override { act("destroy"); }
  const tern::EnvSpec& spec() const override { return spec_; }

  void reset(tern::ResetContext& ctx, tern::ObsRow obs) override {
    ++resets_;
    position_ = 0;
    if (!is("reset_forgets")) gusts_ = 0;
    steps_ = 0;
    level_ = is("levels_same") ? 0 : static_cast<int>(ctx.level);
    wind_ = ctx.rng.uniform(-1, 1);
    goal_ = static_cast<int>(ctx.rng.below(9)) - 4;
    if (resets_ > 1) act("reset");
    observe(obs);
  }

  tern::StepResult step(tern::ActionRow action, tern::Rng& rng, tern::ObsRow obs) override {
    ++steps_;
    if (spec_.action.is_box()) {
      const float push = action[0];
      position_ += push > 0 ? 1 : -1;
      pushed_ = is("box_not_clamped") ? push : 0;
    } else {
      position_ += action.discrete() - 1;
    }
    if (is_late() && position_ * position_ >= 9) position_ = 0;
    if (is_due("changes_action")) const_cast<std::int32_t&>(action.ints()[0]) = 0;
    if (++gusts_ % 3 == 0) wind_ = rng.uniform(-1, 1);
    if (is("rand")) wind_ = std::rand() % 100 / 100.0;
    if (is("heap_address")) wind_ = low_bits(new_memory().get());
    if (is("address")) wind_ = low_bits(&shared_by_all);
    if (is("time")) wind_ = static_cast<double>(std::time(nullptr) % 1000) / 1000;
    if (is("pid")) wind_ = getpid() % 1000 / 1000.0;
    if (is("shared")) wind_ = (shared_by_all = (shared_by_all + gusts_) % 100) / 100.0;
    if (is("thread"))
      wind_ = std::hash<std::thread::id>()(std::this_thread::get_id()) % 100 / 100.0;
    act("step");
    waste();
    observe(obs);

    tern::StepResult result;
    reward_ = static_cast<float>(position_ + wind_);
    if (has_goals()) reward_ = position_ == goal_ ? 0.0f : -1.0f;
    if (is("reward_zero")) reward_ = 0;
    if (is("reward_huge")) reward_ *= 50'000;
    if (is("reward_tiny")) reward_ *= 1e-5f;
    if (is_due("reward_nan")) reward_ = std::numeric_limits<float>::quiet_NaN();
    if (is_due("reward_infinite")) reward_ = std::numeric_limits<float>::infinity();
    result.reward = reward_;
    result.terminated = !is_late() && (position_ >= 4 || position_ <= -4);
    if (is("both_flags")) result.truncated = result.terminated;
    return result;
  }

  void action_mask(tern::MaskRow mask) const override {
    act("action_mask");
    for (std::uint8_t& allowed : mask) allowed = 1;
    if (mask.empty()) return;
    if (position_ == -1) mask[0] = 0;
    if (is_due("mask_closes")) mask[0] = mask[1] = mask[2] = 0;
    if (is_due("mask_large")) mask[1] = 7;
    if (is_due("mask_too_far")) mask.data()[3] = 1;
    if (is("mask_changes")) ++gusts_;
  }
  void reward_terms(tern::FloatRow terms) const override {
    if (terms.empty()) return;
    terms[0] = static_cast<float>(position_);
    if (!is("term_missing")) terms[1] = reward_ - static_cast<float>(position_);
    if (is("terms_lie")) terms[1] += 1;
    if (is("terms_too_far")) terms.data()[2] = 1;
  }
  void metrics(tern::FloatRow values) const override {
    act("metrics");
    if (!is("metric_missing")) values[0] = position_ >= 4 ? 1 : 0;
    if (is("metric_nan")) values[0] = std::numeric_limits<float>::quiet_NaN();
    if (is("metrics_too_far")) values.data()[1] = 1;
    if (is("metrics_change")) ++gusts_;
  }
  void draw(tern::Canvas& canvas) const override {
    act("draw");
    if (!is("draw_without_view")) canvas.set_view({-5, -1}, {5, 1}, tern::palette::kBackground);
    canvas.push({static_cast<float>(position_), 0}, 0);
    canvas.circle({0, 0}, is("draw_nan") ? std::numeric_limits<float>::quiet_NaN() : 0.4f,
                  tern::palette::kAgent);
    if (!is("draw_without_pop")) canvas.pop();
    if (is("draw_changes")) ++gusts_;
  }
  bool human_action(const tern::Keys&, tern::MutableActionRow action) const override {
    if (spec_.action.is_box()) return false;
    action.discrete() = is("keys_lie") ? 9 : 1;
    return true;
  }
  bool get_state(tern::DoubleVec& state) const override {
    state = {static_cast<double>(position_), wind_};
    if (is("state_short")) state.pop_back();
    return true;
  }
  bool set_state(tern::ConstDoubleRow state) override {
    position_ = static_cast<int>(state[0]);
    if (!is("state_half")) wind_ = state[1];
    return true;
  }
  void save(tern::StateWriter& out) const override {
    act("save");
    out.write(position_, level_, wind_, goal_, steps_);
    if (!is("save_forgets")) out.write(gusts_);
    if (is("save_changes")) ++gusts_;
  }
  bool load(tern::StateReader& in) override {
    if (is("load_lies")) return true;
    in.read(position_, level_, wind_, goal_, steps_);
    if (!is("save_forgets")) in.read(gusts_);
    if (is("load_too_much")) in.read(gusts_);
    return true;
  }
  float relabel(const tern::GoalView& achieved, const tern::GoalView& desired) const override {
    if (is("goal_relabel_missing")) return 0;
    const float reward = achieved[0] == desired[0] ? 0.0f : -1.0f;
    return is("goal_relabel_sign") ? -reward : reward;
  }

 private:
  bool is(const char* fault) const { return !is_mended() && params_.fault == fault; }
  static bool is_mended() {
#ifdef MENDED
    return true;
#else
    return false;
#endif
  }
  bool is_due(const char* fault) const {
    return steps_ >= params_.at && is(fault);
  }
  bool begins(const char* start) const {
    return params_.fault.rfind(start, 0) == 0;
  }
  bool is_late() const {
    return begins("late") || is("endless");
  }
  bool has_scan() const { return is("obs_large_row") || is("obs_ten_million"); }
  bool has_goals() const {
    return begins("goal");
  }

  static double low_bits(const void* address) {
    return static_cast<double>((reinterpret_cast<std::uintptr_t>(address) >> 12) % 997) / 997;
  }
  std::shared_ptr<char[]> new_memory() {
    kept_.push_back(std::shared_ptr<char[]>(new char[5000]));
    if (kept_.size() > 50) kept_.clear();
    return kept_.empty() ? std::shared_ptr<char[]>(new char[5000]) : kept_.back();
  }

  void make_spec() {
    spec_.id = "Faulty-v0";
    spec_.family = is("no_family") ? "" : "tests";
    spec_.summary = is("no_summary") ? "" : "walk on a line";
    spec_.obs.scalar("position", -5, 5).scalar("wind", -1, 1).scalar("level", 0, 3);
    if (is("obs_huge")) spec_.obs.scalar("mass", -1e9, 1e9);
    if (has_scan()) spec_.obs.vector("scan", is("obs_ten_million") ? 10'000'000 : 300'000, 0, 1);
    if (has_goals()) {
      if (!is("goal_half")) spec_.obs.scalar("achieved goal", -5, 5);
      spec_.obs.vector("desired goal", is("goal_sizes") ? 2 : 1, -5, 5);
    }
    if (begins("box")) {
      const double bound = is("box_huge") ? 1e7 : 1;
      spec_.action = tern::ActionSpace::box({tern::ActionSpace::real(
          "push", is("box_one_sided") ? -tern::kUnbounded : -bound, bound, "N")});
    } else {
      spec_.action = tern::ActionSpace::discrete({"left", "stay", "right"});
      spec_.has_masks = !is("masks_denied");
    }
    spec_.max_episode_steps = is("endless") ? 0 : is_late() ? 3000 : 300;
    if (!has_goals()) spec_.reward_terms = {"progress", "rest"};
    if (is("terms_twice")) spec_.reward_terms = {"progress", "progress"};
    spec_.metrics = {"success"};
    spec_.state_fields = {"position", "wind"};
    spec_.num_levels = is("levels_one") ? 1 : is("obs_constant") ? 0 : 4;
  }

  void observe(tern::ObsRow obs) {
    obs[0] = static_cast<float>(position_) + pushed_;
    if (!is_due("obs_unwritten")) obs[1] = static_cast<float>(wind_);
    obs[2] = static_cast<float>(level_);
    std::size_t next = 3;
    if (is("obs_huge")) obs[next++] = static_cast<float>(1e8 + gusts_);
    if (has_scan()) {
      for (; next < spec_.obs.size(); ++next) obs[next] = 0;
    }
    if (has_goals()) {
      if (!is("goal_half")) obs[next++] = static_cast<float>(position_);
      for (; next < spec_.obs.size(); ++next) obs[next] = static_cast<float>(goal_);
    }
    if (is_due("obs_outside")) obs[0] = 40;
    if (is_due("obs_nan")) obs[1] = std::numeric_limits<float>::quiet_NaN();
    if (is_due("obs_too_far")) obs.floats().data()[spec_.obs.size()] = 1;
    if (is_due("obs_far")) obs.floats().data()[1'000'000] = 1;
    if (is_due("obs_before")) *(obs.floats().data() - 1) = 1;
    if (is("obs_constant")) obs[0] = obs[1] = obs[2] = 0;
  }

  void waste() {
    if (is("leaks_megabytes")) {
      auto* const bytes = static_cast<volatile char*>(std::malloc(1'200'000));
      for (int i = 0; i < 1'200'000; i += 4096) bytes[i] = 1;
      lost = const_cast<char*>(bytes);
    }
    if (is("leaks_bytes")) lost = std::malloc(400);
    if (is("leaks_files") && steps_ % 10 == 0) zero = open("/dev/null", O_RDONLY) * 0;
    if (is("leaks_threads") && steps_ % 5 == 0) std::thread([] { pause(); }).detach();
    if (is("slow")) usleep(20'000);
    if (is("very_slow")) usleep(200'000);
  }

  /// What ends a process or prints, in one function.
  void act(const char* function) const {
    if (params_.in != function || steps_ < params_.at || is_mended()) return;
    const std::string what =
        is_late() && params_.fault.size() > 5 ? params_.fault.substr(5) : params_.fault;
    if (what == "segfault") *nowhere = 1;
    if (what == "exit") std::exit(0);
    if (what == "_exit") _exit(0);
    if (what == "exit_group") syscall(SYS_exit_group, 0);
#if defined(__x86_64__)
    if (what == "bare_exit_group") {
      long result = SYS_exit_group;
      asm volatile("syscall" : "+a"(result) : "D"(0L) : "rcx", "r11", "memory");
    }
#endif
    if (what == "_Exit") std::_Exit(0);
    if (what == "quick_exit") std::quick_exit(0);
    if (what == "abort") std::abort();
    if (what == "terminate") std::terminate();
    if (what == "divide") zero = 100 / zero;
    if (what == "overflow") zero = overflow(0);
    if (what == "kill") std::raise(SIGKILL);
    if (what == "fork" && fork() < 0) zero = 0;
    if (what == "chdir" && chdir("/") != 0) zero = 0;
    if (what == "close_files") {
      for (int file = 0; file < 1024; ++file) close(file);
    }
    if (what == "exec") execl("/bin/true", "true", nullptr);
    if (what == "throw_int") throw 7;
    if (what == "throw_usage") throw tern::Error("the motor is \x1b[31mred\r");
    if (what == "throw_error") throw std::runtime_error("the motor is gone");
    if (what == "heap") {
      char* volatile row = static_cast<char*>(std::malloc(32));
      std::free(row);
      std::free(row);
    }
    while (what == "loop") zero = 0;
    if (what == "prints") std::printf("hello from step %d\n", steps_);
    if (what == "writes" && write(STDOUT_FILENO, "raw bytes\n", 10) < 0) zero = 0;
  }

  Params params_;
  tern::EnvSpec spec_;
  std::vector<std::shared_ptr<char[]>> kept_;
  int position_ = 0, level_ = 0, steps_ = 0, goal_ = 0;
  long resets_ = 0;
  mutable int gusts_ = 0;
  double wind_ = 0;
  float reward_ = 0, pushed_ = 0;
};

}  // namespace

TERN_EXPORT_ENVS(Faulty)
