// tern check-env: checks that an env keeps the contract of every built-in one.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <sstream>
#include <thread>

#include "cli/process/child_process.h"
#include "cli/text/command.h"
#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "cli/text/wrapped_text.h"
#include "core/did_you_mean.h"
#include "core/shell_word.h"
#include "core/utf8.h"
#include "envs/conformance/child_check.h"
#include "envs/conformance/conformance.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/registry.h"

namespace tern::cli {
namespace {

constexpr const char* kOtherProcess = "other-process";  // a rule that needs this program
constexpr std::size_t kTextIndent = 8, kMessageIndent = 10;

Json report_json(const ConformanceReport& report, std::uint64_t seed) {
  Json findings = Json::list();
  for (const Finding& finding : report.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"text", finding.text},
                        {"passed", finding.passed},
                        {"message", finding.message},
                        {"docs", finding.docs},
                        {"repeat", finding.repeat}});
  }
  return {{"env", report.env},
          {"passed", report.passed()},
          {"rules", findings},
          {"steps_per_second", report.steps_per_second},
          {"steps", report.steps},
          {"seed", seed}};
}

void print_finding(const Finding& finding) {
  constexpr std::size_t kAside = 40;  // characters that fit behind the rule
  const std::size_t columns = output_columns();
  const bool is_aside = finding.passed && finding.message.size() <= kAside;
  std::string text = finding.text;
  if (!finding.passed) text += " [" + finding.rule + "]";
  const std::string message = shown(finding.message);
  if (is_aside && !message.empty()) text += " (" + message + ")";
  std::cout << (!finding.passed ? "  FAIL  " : is_aside ? "  ok    " : "  note  ")
            << wrapped(text, kTextIndent, columns).substr(kTextIndent);
  if (!is_aside) std::cout << wrapped(message, kMessageIndent, columns);
  if (!finding.passed) {
    const std::string margin(kMessageIndent, ' ');
    std::cout << margin << "Docs:   " << finding.docs << "\n";
    // In one line whatever its length, to be copied.
    if (!finding.repeat.empty()) std::cout << margin << "Repeat: " << finding.repeat << "\n";
  }
  std::cout << std::flush;  // each as it is found: the next rule may take long
}

/// "12 min", "3.5 h", "12 days".
std::string duration_text(double seconds) {
  if (seconds < 5400) return format_number(std::round(seconds / 6) / 10) + " min";
  if (seconds < 2 * 86400) return format_number(std::round(seconds / 360) / 10) + " h";
  return format_number(std::round(seconds / 8640) / 10) + " days";
}

void print_summary(const ConformanceReport& report) {
  constexpr double kSlow = 2000;  // steps/s
  const std::size_t columns = output_columns();
  const auto broken = std::count_if(report.findings.begin(), report.findings.end(),
                                    [](const Finding& finding) { return !finding.passed; });
  std::cout << "\n";
  if (!report.passed()) {
    std::cout << broken << " of " << report.findings.size() << " rules broken\n";
    return;
  }
  const double speed = report.steps_per_second;
  std::cout << "all " << report.findings.size() << " rules hold";
  if (speed > 0) {
    std::cout << "; " << (speed < 100 ? format_number(std::round(10 * speed) / 10)
                                      : std::to_string(std::llround(speed)))
              << " steps/s in one thread";
  }
  std::cout << "\n";
  if (speed > 0 && speed < kSlow) {
    std::cout << wrapped("A million steps take " + duration_text(1e6 / speed) +
                             " in one thread. Look for what a step does that it need not do; "
                             "run.threads and more envs share it out.",
                         0, columns);
  }
}

/// The call that was made.
struct Request {
  std::string word;         // the env's
  std::string shell_words;  // the same with its key=value words, for a command that is shown
  std::vector<std::string> words;
  std::string rule;  // "": all
  ChildCheck check;
};

std::string check_rule(const Args& args) {
  const std::string rule = args.text("--rule");
  std::vector<std::string> known = conformance_rules();
  known.push_back(kOtherProcess);
  if (rule.empty() || std::find(known.begin(), known.end(), rule) != known.end()) return rule;
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  throw Error("option --rule: there is no rule '" + rule + "'." + did_you_mean(rule, known) +
              " The rules are " + list);
}

Request make_request(const Args& args) {
  Request request;
  request.word = args.words[0];
  request.words = {request.word};
  request.shell_words = shell_word(request.word);
  for (const ParamValue& value : args.assignments) {
    request.words.push_back(value.key + "=" + value.text);
    request.shell_words += " " + shell_word(request.words.back());
  }
  request.rule = check_rule(args);
  ChildCheck& check = request.check;
  check.word = request.word;
  if (!request.rule.empty()) check.options.only = {request.rule};
  check.options.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  check.options.fits_steps = !args.has("--steps");
  check.options.steps =
      static_cast<int>(args.integer("--steps", check.options.steps, 10, 100'000'000));
  check.call_limit = std::chrono::seconds(args.integer("--step-limit", 10, 1, 86'400));
  // A built-in env is known without running any code of a user's, and needs no watchdog.
  if (!is_plugin_name(request.word)) {
    const ChosenEnv env = choose_env(request.word, args.assignments);
    if (env.entry->origin == "built-in") check.call_limit = std::chrono::hours(24 * 14);
  }
  check.choose = [word = request.word, assignments = args.assignments, limit = check.call_limit] {
    registry().find(word, limit);
    const ChosenEnv env = choose_env(word, assignments);
    return std::pair(env.entry, env.params);
  };
  check.repeat = [call = request.shell_words, seed = check.options.seed](const std::string& rule,
                                                                         int steps) {
    const std::string numbers =
        " --seed " + std::to_string(seed) + " --steps " + std::to_string(steps);
    if (rule == "loads" || rule == "speed" || rule == "printing") return "tern check-env " + call + numbers;
    if (rule == "long-run") {
      return "tern rollout " + call + " --seed " + std::to_string(seed) + " --steps " +
             std::to_string(10 * steps);
    }
    return "tern check-env " + call + " --rule " + rule + numbers;
  };
  return request;
}

/// Two new processes, more than a second apart, must give the same: addresses, the clock, the
/// process's number and what else is new each time may not matter.
Finding compare_processes(const Request& request, int steps) {
  Finding finding = {kOtherProcess, "another process, a second later, gives the same future", false, "",
                     "docs/plugins.md#chance"};
  std::vector<std::string> words = {"check-env"};
  words.insert(words.end(), request.words.begin(), request.words.end());
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(request.check.call_limit).count();
  for (const std::string& word :
       {std::string("--hash"), std::string("--seed"), std::to_string(request.check.options.seed),
        std::string("--steps"), std::to_string(steps), std::string("--step-limit"),
        std::to_string(std::min<std::int64_t>(seconds, 86'400))}) {
    words.push_back(word);
  }
  const ChildResult first = run_tern(words, ChildErrors::kCaptured);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const ChildResult second = run_tern(words, ChildErrors::kCaptured);
  for (const ChildResult* const result : {&first, &second}) {
    if (result->signal == 0 && result->exit_code == 0) continue;
    finding.message = "a process of its own that steps the env " + how_it_ended(*result) + ": " +
                      result->output.substr(0, 400);
    return finding;
  }
  std::istringstream one(first.output), two(second.output);
  std::string line, other;
  while (std::getline(one, line) && std::getline(two, other)) {
    if (line == other) continue;
    finding.message =
        "two processes with the same seed and actions differ within the first " +
        line.substr(0, line.find(':')) +
        "; let nothing depend on the time, on addresses (the order of a hash table of pointers), on "
        "the process's number or on files. The command below, several times, shows it";
    finding.repeat = "tern check-env " + request.shell_words + " --hash --seed " +
                     std::to_string(request.check.options.seed) + " --steps " +
                     std::to_string(steps);
    return finding;
  }
  finding.passed = true;
  return finding;
}

bool keeps(const ConformanceReport& report, const std::string& rule) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.rule == rule && finding.passed;
  });
}

ExitCode run_check_env(const Args& args) {
  Request request = make_request(args);
  ChildCheck& check = request.check;
  if (args.has("--hash")) {
    for (const std::string& line : hashes_in_child(check)) std::cout << line << "\n";
    return ExitCode::kSuccess;
  }
  const bool json = args.has("--json");
  if (!json) {
    check.on_start = [](const std::string& env) { std::cout << env << std::endl; };
    check.options.on_finding = print_finding;
  }
  check.on_waiting = [](const Finding& rule, std::uint64_t calls) {
    std::cerr << "  ..    " << rule.text << ": " << calls << " calls of the env so far" << std::endl;
  };
  ConformanceReport report;
  const bool only_processes = request.rule == kOtherProcess;
  if (only_processes) {
    report.env = request.word;
    report.steps = check.options.steps;
    if (!json) std::cout << request.word << std::endl;
  } else {
    report = check_in_child(check);
  }
  // Where two runs in one process differ already, there is nothing to compare.
  if (only_processes || (request.rule.empty() && keeps(report, "determinism"))) {
    report.findings.push_back(compare_processes(request, report.steps));
    if (!json) print_finding(report.findings.back());
  }
  if (json) {
    print_json(report_json(report, check.options.seed));
  } else {
    print_summary(report);
  }
  return report.passed() ? ExitCode::kSuccess : ExitCode::kFailure;
}

}  // namespace

Command make_check_env_command() {
  Command command;
  command.name = "check-env";
  command.synopses = {
      "tern check-env ENV|./plugin.so [key=value ...] [--steps N] [--rule RULE] [--json]"};
  command.summary = "check that an env keeps the contract of every built-in one";
  command.help =
      "The same seed and actions give the same episode, in this process and in another; two envs\n"
      "do not disturb each other; whole observations are written, nothing outside them, and they\n"
      "lie in their space; a saved state has the same future; rewards are finite, masks are\n"
      "honoured; nothing is printed and no memory is lost. Each broken rule says what was seen and\n"
      "what to do, and names the chapter of docs/plugins.md; then the exit code is 1.\n"
      "\n"
      "All of it runs in a process of its own: a crash, an exit() or a call that does not come back\n"
      "is a broken rule, too, and names the function, the step, the action and a command that\n"
      "repeats it. An env that is slow is checked with fewer steps, unless --steps says how many.\n"
      "\n"
      "Examples\n"
      "  tern check-env ./libmaze.so\n"
      "  tern check-env FrozenLake-v1 map=8x8 --steps 5000\n"
      "  tern check-env ./libmaze.so --rule save-load --seed 3\n";
  command.options = {
      {"--steps", "N", "that each rule watches (default 500, fewer of a slow env)"},
      {"--rule", "RULE", "check one rule alone, by the name in brackets: 'obs-space'"},
      {"--step-limit", "S", "seconds that one call of the env may take (default 10)"},
      {"--seed", "N", "of the envs and the random actions (default 0)"},
      {"--hash", "", "only print what the episodes hash to, to compare machines and builds"},
      {"--json", "", "{\"env\", \"passed\", \"rules\": [..], \"steps_per_second\"}"}};
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.run = run_check_env;
  return command;
}

}  // namespace tern::cli
