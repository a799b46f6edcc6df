#include "envs/conformance/child_check.h"

#include <algorithm>

#include "core/error.h"
#include "core/run_in_child.h"
#include "core/state_io.h"
#include "envs/call_record/env_calls.h"
#include "envs/conformance/conformance.h"
#include "envs/conformance/watched_env.h"

namespace tern {
namespace {

using Clock = std::chrono::steady_clock;

// What the child tells: a kind, then a finding's texts and two numbers.
enum class Kind : std::uint8_t { kLoaded, kRule, kFinding, kEnd };

struct ChildMessage {
  Kind kind = Kind::kLoaded;
  Finding finding;
  double speed = 0;
  int steps = 0;
};

std::string packed(const ChildMessage& message) {
  const Finding& finding = message.finding;
  StateWriter out;
  out.write(message.kind, finding.rule, finding.text, finding.passed, finding.message, finding.docs,
            message.speed, message.steps);
  return std::string(out.bytes().begin(), out.bytes().end());
}

ChildMessage unpacked(const std::string& text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  StateReader in{Row<const std::uint8_t>(bytes)};
  ChildMessage message;
  Finding& finding = message.finding;
  in.read(message.kind, finding.rule, finding.text, finding.passed, finding.message, finding.docs,
          message.speed, message.steps);
  return message;
}

Finding loading() {
  return {"loads", "the env is loaded, made and makes a first step", false, "",
          "docs/plugins.md#errors"};
}

/// The report as it grows in the parent.
class Listener {
 public:
  explicit Listener(const ChildCheck& check) : check_(check) {}

  void begin() { current_ = loading(); }
  void hear(const std::string& text) {
    const ChildMessage message = unpacked(text);
    switch (message.kind) {
      case Kind::kLoaded:
        if (report.env.empty() && check_.on_start) check_.on_start(message.finding.text);
        report.env = message.finding.text;
        break;
      case Kind::kRule:
        current_ = message.finding;
        if (check_.options.on_rule) check_.options.on_rule(current_);
        break;
      case Kind::kFinding: add(message.finding); break;
      case Kind::kEnd:
        report.steps_per_second = message.speed;
        report.steps = message.steps;
        break;
    }
  }
  void add(const Finding& found) {
    report.findings.push_back(found);
    Finding& finding = report.findings.back();
    if (!finding.passed && check_.repeat) {
      finding.repeat = check_.repeat(finding.rule, check_.options.steps);
    }
    heard_ = Clock::now();
    patience_ = kPatience;
    if (check_.options.on_finding) check_.options.on_finding(finding);
  }
  /// The present rule is broken by what happened to the child.
  void fail_current(const std::string& message) {
    current_.passed = false;
    current_.message = message;
    if (report.env.empty()) {
      report.env = check_.word;
      if (check_.on_start) check_.on_start(check_.word);
    }
    add(current_);
  }
  /// Asked now and then while nothing is heard.
  void wait(std::uint64_t calls) {
    if (!check_.on_waiting || Clock::now() - heard_ < patience_) return;
    heard_ = Clock::now();
    patience_ *= 2;
    check_.on_waiting(current_, calls);
  }
  const Finding& current() const { return current_; }

  ConformanceReport report;

 private:
  static constexpr std::chrono::milliseconds kPatience{1500};

  const ChildCheck& check_;
  std::chrono::milliseconds patience_ = kPatience;
  Finding current_;
  Clock::time_point heard_ = Clock::now();
};

/// The env to be examined, in the child. Envs of ours are stepped in batches by their own loop.
std::pair<EnvEntry, ParamValues> chosen(const ChildCheck& check) {
  const auto [entry, params] = check.choose();
  return {entry->checksum.empty() ? watched(*entry) : *entry, params};
}

/// The child's work, from the rule behind `after` on.
void look(const ChildCheck& check, const std::string& after, const ChildStage& tell) {
  ConformanceOptions options = check.options;
  options.process = ProcessState::now();
  const auto [entry, params] = chosen(check);
  tell(packed({Kind::kLoaded, {"", entry.spec.id, false, "", ""}}));
  options.after = after;
  options.on_rule = [&](const Finding& rule) { tell(packed({Kind::kRule, rule})); };
  options.on_finding = [&](const Finding& finding) { tell(packed({Kind::kFinding, finding})); };
  const ConformanceReport report = check_conformance(entry, params, options);
  tell(packed({Kind::kEnd, {}, report.steps_per_second, report.steps}));
}

/// Runs `work` with what the env calls noted in `calls` and watched.
ChildReport watched_child(const ChildCheck& check, SharedEnvCalls& calls, Listener& listener,
                          const std::function<void(const ChildStage&)>& work) {
  ChildWatch watch{check.call_limit};
  watch.on_stage = [&](const std::string& text) { listener.hear(text); };
  watch.pulse = [&] {
    listener.wait(calls.count());
    return calls.count();
  };
  return run_in_child(
      [&](const ChildStage& tell) {
        calls.use();
        work(tell);
      },
      watch);
}

/// "the env crashed (..) in step 3 of episode 1, action 0"
std::string ending_text(const ChildReport& child, const SharedEnvCalls& calls) {
  const bool forked = calls.was_forked();
  std::string text = forked ? "the env made a copy of the process (fork) that came back from the env "
                              "as well,"
                            : "the env " + describe_end(child);
  const std::string call = calls.text();
  if (!call.empty()) text += (calls.is_inside() ? " in " : " after ") + call;
  if (calls.is_in_guarded_pages(child.fault_address)) {
    text += std::string(": ") + kWroteFarOutside;
  } else if (child.end == ChildReport::End::kTimedOut) {
    text += "; look for an endless loop, or allow more time with --step-limit";
  } else if (child.end == ChildReport::End::kExited && !forked) {
    text += "; an env may not end the process: throw tern::Error with the reason";
  } else if (forked) {
    text += "; start no processes, or end the copy inside the env with _exit()";
  }
  constexpr std::size_t kShown = 300;
  const std::string& output = child.output;
  if (output.empty()) return text;
  return text + ". It printed: " + output.substr(output.size() - std::min(output.size(), kShown));
}

/// Throws what the child threw, if that is for the caller.
void throw_wrong_call(const ChildReport& child) {
  if (child.end == ChildReport::End::kThrew && child.code == static_cast<int>(ExitCode::kUsage)) {
    throw Error(child.error, ExitCode::kUsage);
  }
}

/// What was printed to standard output beyond what the rule "printing" saw.
void judge_printed(const std::string& printed, Listener& listener) {
  if (printed.empty()) return;
  const std::vector<Finding>& findings = listener.report.findings;
  const auto found = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.rule == "printing";
  });
  if (found != findings.end() && !found->passed) return;
  std::string line = printed.substr(0, std::min<std::size_t>(printed.find('\n'), 60));
  for (char& c : line) c = c >= ' ' && c <= '~' ? c : ' ';
  listener.report.findings.erase(
      std::remove_if(listener.report.findings.begin(), listener.report.findings.end(),
                     [](const Finding& finding) { return finding.rule == "printing"; }),
      listener.report.findings.end());
  listener.add({"printing", "nothing is printed to standard output", false,
                "the env printed '" + line + "' while it was checked; standard output belongs to "
                "--json documents: print to standard error, or nothing",
                "docs/plugins.md#the-class"});
}

}  // namespace

ConformanceReport check_in_child(const ChildCheck& check) {
  constexpr int kMostEnds = 4;  // of children; then it is enough
  Listener listener(check);
  std::string after = check.options.after, printed;
  for (int ends = 0; ends < kMostEnds; ++ends) {
    SharedEnvCalls calls;
    listener.begin();
    const ChildReport child = watched_child(
        check, calls, listener, [&](const ChildStage& tell) { look(check, after, tell); });
    if (printed.empty()) printed = child.printed;
    throw_wrong_call(child);
    if (child.end == ChildReport::End::kReturned) break;
    const std::string rule = listener.current().rule;
    if (child.end == ChildReport::End::kThrew) {
      listener.fail_current(child.error);
      break;
    }
    listener.fail_current(ending_text(child, calls));
    const bool is_hopeless = rule == "loads" || rule == "spec" || rule == "runs" || rule == "speed";
    if (is_hopeless || calls.was_forked()) break;
    after = rule;
  }
  judge_printed(printed, listener);
  return listener.report;
}

std::vector<std::string> hashes_in_child(const ChildCheck& check) {
  SharedEnvCalls calls;
  std::vector<std::string> lines;
  ChildWatch watch{check.call_limit};
  watch.on_stage = [&](const std::string& line) { lines.push_back(line); };
  watch.pulse = [&] { return calls.count(); };
  const ChildReport child = run_in_child(
      [&](const ChildStage& tell) {
        calls.use();
        const auto [entry, params] = chosen(check);
        for (const std::string& line : conformance_hashes(entry, params, check.options)) tell(line);
      },
      watch);
  throw_wrong_call(child);
  if (child.end == ChildReport::End::kThrew) throw Error::failure(child.error);
  if (child.end != ChildReport::End::kReturned) {
    throw Error::failure(ending_text(child, calls));
  }
  return lines;
}

}  // namespace tern
