// tern check-env: holds an env to the contract that every built-in one keeps.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/text/command.h"
#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "envs/conformance/child_check.h"
#include "envs/registry/registry.h"

namespace tern::cli {
namespace {

using Json = nlohmann::ordered_json;

Json report_json(const ConformanceReport& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"text", finding.text},
                        {"passed", finding.passed},
                        {"message", finding.message}});
  }
  return {{"env", report.env},
          {"passed", report.passed()},
          {"rules", findings},
          {"steps_per_second", report.steps_per_second}};
}

void print_finding(const Finding& finding) {
  std::cout << (finding.passed ? "  ok    " : "  FAIL  ") << finding.text << "\n";
  if (!finding.message.empty()) std::cout << "          " << finding.message << "\n";
  std::cout << std::flush;  // each as it is found: the next rule may take long
}

void print_summary(const ConformanceReport& report) {
  const auto failed = std::count_if(report.findings.begin(), report.findings.end(),
                                    [](const Finding& finding) { return !finding.passed; });
  std::cout << "\n";
  if (report.passed()) {
    std::cout << "all " << report.findings.size() << " rules hold; "
              << std::llround(report.steps_per_second) << " steps/s in one thread\n";
  } else {
    std::cout << failed << " of " << report.findings.size() << " rules broken\n";
  }
}

ExitCode run_check_env(const Args& args) {
  ChildCheck check;
  check.options.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  check.options.steps =
      static_cast<int>(args.integer("--steps", check.options.steps, 10, 100'000'000));
  check.call_limit = std::chrono::seconds(args.integer("--call-limit", 10, 1, 86'400));
  registry().find(args.words[0]);  // a plugin's loading is tried in a child of its own
  check.choose = [&] {
    const ChosenEnv env = choose_env(args.words[0], args.assignments);
    return std::pair(env.entry, env.params);
  };
  const bool json = args.has("--json");
  if (!json) {
    check.on_start = [](const std::string& env) { std::cout << env << std::endl; };
    check.options.on_finding = print_finding;
    check.on_waiting = [](const Finding& rule, std::uint64_t calls) {
      std::cerr << "  .. " << rule.text << ": " << calls << " calls so far" << std::endl;
    };
  }
  const ChildCheckResult result = check_in_child(check);
  if (json) {
    print_json(report_json(result.report));
  } else {
    print_summary(result.report);
  }
  if (!result.printed.empty()) {
    std::cerr << "The env printed, which spoils --json documents (print nothing):\n"
              << result.printed << "\n";
  }
  return result.report.passed() ? ExitCode::kSuccess : ExitCode::kFailure;
}

}  // namespace

Command make_check_env_command() {
  Command command;
  command.name = "check-env";
  command.synopses = {"tern check-env ENV|./plugin.so [key=value ...] [--steps N] [--json]"};
  command.summary = "hold an env to the contract that every built-in one keeps";
  command.help =
      "The same seed and actions give the same episode, two envs do not disturb each other, "
      "whole\n"
      "observations are written and lie in their space, a saved state has the same future, "
      "rewards\n"
      "are finite, masks are honoured. Each broken rule says what was seen and what to do; then "
      "the\n"
      "exit code is 1.\n"
      "\n"
      "Examples\n"
      "  tern check-env ./libmaze.so\n"
      "  tern check-env FrozenLake-v1 map=8x8 --steps 5000\n";
  command.options = {
      {"--steps", "N", "that each rule watches (default 500)"},
      {"--call-limit", "S", "seconds that one call of the env may take (default 10)"},
      {"--seed", "N", "of the envs and the random actions (default 0)"},
      {"--json", "", "{\"env\", \"passed\", \"rules\": [..], \"steps_per_second\"}"}};
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.run = run_check_env;
  return command;
}

}  // namespace tern::cli
