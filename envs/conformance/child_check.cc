#include "envs/conformance/child_check.h"

#include <vector>

#include "core/run_in_child.h"
#include "core/state_io.h"
#include "envs/conformance/conformance.h"
#include "envs/conformance/watched_env.h"

namespace tern {
namespace {

// What the child tells: a kind, then texts.
enum class Kind : std::uint8_t { kStart, kRule, kFinding, kSpeed };

std::string packed(Kind kind, const Finding& finding, double speed = 0) {
  StateWriter out;
  out.write(kind, finding.rule, finding.text, finding.passed, finding.message, speed);
  return std::string(out.bytes().begin(), out.bytes().end());
}

/// The report as it grows in the parent.
class Listener {
 public:
  explicit Listener(const ChildCheck& check) : check_(check) {}

  void hear(const std::string& message) {
    const std::vector<std::uint8_t> bytes(message.begin(), message.end());
    StateReader in{Row<const std::uint8_t>(bytes)};
    Kind kind{};
    Finding finding;
    double speed = 0;
    in.read(kind, finding.rule, finding.text, finding.passed, finding.message, speed);
    if (kind == Kind::kStart) {
      report.env = finding.text;
      if (check_.on_start) check_.on_start(report.env);
    } else if (kind == Kind::kRule) {
      current = finding;
      if (check_.options.on_rule) check_.options.on_rule(finding);
    } else if (kind == Kind::kFinding) {
      add(finding);
    } else {
      report.steps_per_second = speed;
    }
  }
  void add(const Finding& finding) {
    report.findings.push_back(finding);
    heard_ = Clock::now();
    if (check_.options.on_finding) check_.options.on_finding(finding);
  }
  /// Asked now and then while nothing is heard.
  void wait(std::uint64_t calls) {
    if (!check_.on_waiting || Clock::now() - heard_ < std::chrono::seconds(2)) return;
    heard_ = Clock::now();
    check_.on_waiting(current, calls);
  }

  ConformanceReport report;
  Finding current = {"runs", "an env can be made", false, ""};  // the rule that is looked at

 private:
  using Clock = std::chrono::steady_clock;

  const ChildCheck& check_;
  Clock::time_point heard_ = Clock::now();
};

/// The child's work.
void look(const ChildCheck& check, CallNote& note, const ChildStage& tell) {
  note.begin("create", 0, 0, {});
  const auto [entry, params] = check.choose();
  note.end();
  tell(packed(Kind::kStart, {"", entry->spec.id, false, ""}));
  ConformanceOptions options = check.options;
  options.on_rule = [&](const Finding& rule) { tell(packed(Kind::kRule, rule)); };
  options.on_finding = [&](const Finding& finding) { tell(packed(Kind::kFinding, finding)); };
  // Envs of ours are checked as they are trained on, with their own batch loop.
  const EnvEntry examined = entry->checksum.empty() ? *entry : watched(*entry, note);
  const ConformanceReport report = check_conformance(examined, params, options);
  tell(packed(Kind::kSpeed, {}, report.steps_per_second));
}

}  // namespace

ChildCheckResult check_in_child(const ChildCheck& check) {
  CallNote note;
  Listener listener(check);
  ChildWatch watch{check.call_limit};
  watch.on_stage = [&](const std::string& message) { listener.hear(message); };
  watch.pulse = [&] {
    listener.wait(note.count());
    return note.count();
  };
  const ChildReport child =
      run_in_child([&](const ChildStage& tell) { look(check, note, tell); }, watch);
  if (child.end == ChildReport::End::kThrew) {
    throw Error(child.error, child.code == 2 ? ExitCode::kUsage : ExitCode::kFailure);
  }
  if (child.end != ChildReport::End::kReturned) {
    Finding ended = listener.current;
    ended.passed = false;
    ended.message = "the env " + describe_end(child) + " in " + note.text() +
                    ". --seed " + std::to_string(check.options.seed) + " --steps " +
                    std::to_string(check.options.steps) +
                    " repeats it; the rules after this one were not looked at";
    listener.add(ended);
  }
  return {listener.report, child.output};
}

}  // namespace tern
