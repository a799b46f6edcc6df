// How an env behaves as a part of a program: what it writes besides its rows, what it prints, what
// it holds on to.

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <system_error>
#include <vector>

#include "envs/conformance/conformance_rules.h"
#include "envs/random_action.h"

namespace tern::conformance {
namespace {

/// A canvas that draws nowhere.
class NoCanvas final : public Canvas {
 public:
  void set_view(Point, Point, Color) override {}
  void polygon(const Point*, std::size_t, Color) override {}
  void circle(Point, float, Color) override {}
  void capsule(Point, Point, float, Color) override {}
  void line(Point, Point, float, Color) override {}
  void cells(Point, float, int, int, const std::uint8_t*, const CellStyle*, std::size_t) override {}
  void image(Point, Point, int, int, const std::uint8_t*) override {}
  void text(Point, float, std::string_view, Color, Align) override {}
  void push(Point, float, float) override {}
  void pop() override {}
};

/// A function that only looks, called on an env.
struct Look {
  const char* name;
  std::function<void(DrivenEnv&)> call;
};

std::vector<Look> all_looks(const EnvSpec& spec) {
  std::vector<Look> looks = {
      {"draw", [](DrivenEnv& env) { NoCanvas canvas; env.env().draw(canvas); }},
      {"get_state", [](DrivenEnv& env) { DoubleVec state; env.env().get_state(state); }},
      {"save", [](DrivenEnv& env) { StateWriter out; env.env().save(out); }},
      {"current_player", [](DrivenEnv& env) { env.env().current_player(); }},
  };
  const auto add_row = [&](const char* name, std::size_t size, auto member) {
    if (size == 0) return;
    looks.push_back({name, [size, member](DrivenEnv& env) {
                       GuardedRow row(size *
                                      sizeof(float));  // what is too far, the rule "rows" says
                       (env.env().*member)(FloatRow(reinterpret_cast<float*>(row.data()), size));
                     }});
  };
  add_row("metrics", spec.metrics.size(), &Env::metrics);
  add_row("info", spec.info.size(), &Env::info);
  add_row("reward_terms", spec.reward_terms.size(), &Env::reward_terms);
  if (spec.action.mask_size() > 0) {
    looks.push_back({"action_mask", [size = spec.action.mask_size()](DrivenEnv& env) {
                       GuardedRow mask(size);
                       env.env().action_mask(MaskRow(mask.data(), size));
                     }});
  }
  looks.push_back({"human_action", [&space = spec.action](DrivenEnv& env) {
                     GuardedRow action(4 * space.size());
                     env.env().human_action(Keys(1), ActionRows(action.data(), space, 1)[0]);
                   }});
  return looks;
}

/// Whether an env goes on as one of the same seed does that nobody looks at.
bool changes_by(const Subject& subject, const std::vector<Look>& looks) {
  DrivenEnv alone(subject.make(), subject.options.seed), seen(subject.make(), subject.options.seed);
  for (int i = 0; i < subject.options.steps / 2; ++i) {
    alone.advance();
    seen.advance();
    if (alone.hash() != seen.hash()) return true;
    for (int times = 0; times <= i % 3; ++times) {  // no pattern that a change could hide behind
      for (const Look& look : looks) look.call(seen);
    }
  }
  return false;
}

/// While one lives, standard output goes into memory.
class PrintTrap {
 public:
  PrintTrap() {
    flush();
    before_ = dup(STDOUT_FILENO);
    file_ = memfd_create("printed", MFD_CLOEXEC);
    if (is_set()) dup2(file_, STDOUT_FILENO);
  }
  ~PrintTrap() {
    flush();
    if (is_set()) dup2(before_, STDOUT_FILENO);
    close(before_);
    close(file_);
  }
  PrintTrap(const PrintTrap&) = delete;
  PrintTrap& operator=(const PrintTrap&) = delete;

  bool is_set() const { return before_ >= 0 && file_ >= 0; }
  /// The first line of what was printed.
  std::string printed() {
    flush();
    char text[60];
    const ssize_t size = pread(file_, text, sizeof text, 0);
    std::string line(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    line = line.substr(0, line.find('\n', 1));
    for (char& c : line) c = c >= ' ' && c <= '~' ? c : ' ';
    return line;
  }

 private:
  static void flush() {
    std::cout.flush();
    std::fflush(stdout);
  }

  int before_ = -1, file_ = -1;
};

constexpr const char* kPrintAdvice =
    "; standard output belongs to --json documents: print to standard error, or nothing";

/// What a process and those that it started for envs hold that can pile up.
struct Held {
  double heap = 0;      // bytes in use
  double resident = 0;  // bytes of memory
  double files = 0, threads = 0, processes = 0;
};

double entries_in(const std::string& folder) {
  std::error_code ignored;
  double count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    ++count;
  }
  return count;
}

/// "/proc/self" and the folders of the processes that it started, and these: Pythons, isolated
/// envs, and what an env starts.
std::vector<std::string> process_folders() {
  constexpr std::size_t kMost = 1000;  // however many there are: enough to be told
  std::vector<std::string> folders = {"/proc/self"};
  std::error_code ignored;
  for (std::size_t i = 0; i < folders.size() && folders.size() < kMost; ++i) {
    for (const auto& task : std::filesystem::directory_iterator(folders[i] + "/task", ignored)) {
      std::ifstream children(task.path() / "children");
      for (std::string child; children >> child;) folders.push_back("/proc/" + child);
    }
  }
  return folders;
}

double resident_bytes(const std::string& process) {
  double pages = 0, resident = 0;
  std::ifstream(process + "/statm") >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Held held_now() {
  Held held;
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const struct mallinfo2 heap = mallinfo2();
  held.heap = static_cast<double>(heap.uordblks) + static_cast<double>(heap.hblkhd);
  for (const std::string& process : process_folders()) held.resident += resident_bytes(process);
#endif
  for (const std::string& process : process_folders()) {
    held.files += entries_in(process + "/fd");
    held.threads += entries_in(process + "/task");
    ++held.processes;
  }
  return held;
}

/// The least that a round of `work` leaves behind, after a first one that fills caches.
Held least_growth(const std::function<void()>& work) {
  constexpr double kMost = std::numeric_limits<double>::max();
  constexpr double kEnough = 64e6;  // bytes, to be sure
  Held least = {kMost, kMost, kMost, kMost, kMost};
  work();
  Held before = held_now();
  for (int round = 0; round < 3; ++round) {
    work();
    const Held now = held_now();
    least.heap = std::min(least.heap, now.heap - before.heap);
    least.resident = std::min(least.resident, now.resident - before.resident);
    least.files = std::min(least.files, now.files - before.files);
    least.threads = std::min(least.threads, now.threads - before.threads);
    least.processes = std::min(least.processes, now.processes - before.processes);
    before = now;
    if (least.heap > kEnough || least.resident > kEnough) break;
  }
  return least;
}

std::string bytes_text(double bytes) {
  if (bytes >= 1e6) return format_number(std::round(bytes / 1e5) / 10) + " MB";
  if (bytes >= 1e3) return format_number(std::round(bytes / 1e2) / 10) + " kB";
  return format_number(std::round(bytes)) + " bytes";
}

/// "" or what piles up in `count` repetitions of `deed` ("call").
std::string piles_up(const Held& least, int count, const std::string& deed) {
  // First what takes memory, too.
  if (least.processes >= 1) {
    return "about " + format_number(least.processes) + " processes stay in " +
           std::to_string(count) + " " + deed +
           "s; an env starts none while it steps, and waits for those that it started (waitpid)";
  }
  if (least.threads >= 1) {
    return "about " + format_number(least.threads) + " threads stay in " + std::to_string(count) +
           " " + deed + "s; Tern runs envs on threads of its own, an env starts none";
  }
  if (least.files >= 1) {
    return "about " + format_number(least.files) + " files stay open in " + std::to_string(count) +
           " " + deed + "s; an env opens no files while it steps, and closes those of its "
           "constructor in its destructor";
  }
  // A vector's growth or a cache may cost some bytes a call for a while; a leak costs more.
  constexpr double kHeapPerDeed = 64, kResidentPerDeed = 8192;
  const double heap = least.heap / count, resident = least.resident / count;
  if (heap > kHeapPerDeed || resident > kResidentPerDeed) {
    return "each " + deed + " leaves about " + bytes_text(heap > kHeapPerDeed ? heap : resident) +
           " of memory behind; free what it allocates, and keep no record of all that happened";
  }
  return "";
}

}  // namespace

Verdict check_rows(const Subject& subject) {
  constexpr const char* kAdvice =
      "; write no more than spec() says. Behind it is the next env's row, or the memory of "
      "something "
      "else";
  DrivenEnv env(subject.make(), subject.options.seed);
  for (int i = 0; i < subject.options.steps; ++i) {
    try {
      env.advance();
    } catch (const RowOverrun& overrun) {  // which every other rule would find as well
      return Verdict{overrun.what() + std::string(kAdvice), "", /*ends_check=*/true};
    }
    const std::string damage = env.damage();
    if (!damage.empty()) return {env.where() + ": " + damage + kAdvice};
  }
  return {};
}

Verdict check_looking(const Subject& subject) {
  const EnvSpec spec = subject.spec();
  const std::vector<Look> looks = all_looks(spec);
  if (!changes_by(subject, looks)) return {};
  for (const Look& look : looks) {
    if (!changes_by(subject, {look})) continue;
    return {std::string(look.name) +
            "() changes what the env does next; a const function may be called at any time and "
            "also never: change members only in reset, step, set_state and load"};
  }
  return {"functions that only look (draw, action_mask, metrics, save ..) change, called together, "
          "what the env does next; change members only in reset, step, set_state and load"};
}

Verdict check_printing(const Subject& subject) {
  PrintTrap trap;
  if (!trap.is_set()) return {"", "could not be watched: no memory file"};
  DrivenEnv env(subject.make(), subject.options.seed);
  if (!trap.printed().empty()) {
    return {"the constructor printed '" + trap.printed() + "'" + kPrintAdvice};
  }
  for (int i = 0; i < subject.options.steps; ++i) {
    env.advance();
    if (!trap.printed().empty()) {
      return {env.where() + ": printed '" + trap.printed() + "'" + kPrintAdvice};
    }
  }
  for (const Look& look : all_looks(env.spec())) {
    look.call(env);
    if (trap.printed().empty()) continue;
    return {std::string(look.name) + "() printed '" + trap.printed() + "'" + kPrintAdvice};
  }
  return {};
}

Verdict check_resources(const Subject& subject) {
  const int calls = std::clamp(subject.options.steps, 20, 100);
  DrivenEnv env(subject.make(), subject.options.seed);
  const Held of_calls = least_growth([&] {
    for (int i = 0; i < calls; ++i) env.advance();
  });
  std::string wrong = piles_up(of_calls, calls, "call");
  if (!wrong.empty()) return {wrong, "", std::max(of_calls.heap, of_calls.resident) > 1e5 * calls};

  constexpr int kInstances = 10;
  const Held of_instances = least_growth([&] {
    for (int i = 0; i < kInstances; ++i) {
      DrivenEnv other(subject.make(), subject.options.seed);
      other.advance();
      other.advance();
    }
  });
  wrong = piles_up(of_instances, kInstances, "instance");
  return {wrong};
}

Verdict check_process(const Subject& subject) {
  const ProcessState before = subject.options.process.value_or(ProcessState::now());
  std::string wrong = difference(before, ProcessState::now());
  if (!wrong.empty()) return {"since the env was loaded " + wrong};
  DrivenEnv env(subject.make(), subject.options.seed);
  for (int i = 0; i < subject.options.steps; ++i) {
    env.advance();
    wrong = difference(before, ProcessState::now());
    if (!wrong.empty()) return {env.where() + ": " + wrong};
  }
  return {};
}

}  // namespace tern::conformance
