// tern check-env: holds an env to the contract that every built-in one keeps.

#include <cmath>
#include <iostream>

#include "cli/text/command.h"
#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "envs/conformance/conformance.h"

namespace tern::cli {
namespace {

Json report_json(const ConformanceReport& report) {
  Json findings = Json::list();
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

void print_report(const ConformanceReport& report) {
  std::size_t failed = 0;
  std::cout << report.env << "\n";
  for (const Finding& finding : report.findings) {
    std::cout << (finding.passed ? "  ok    " : "  FAIL  ") << finding.text << "\n";
    if (!finding.message.empty()) std::cout << "          " << finding.message << "\n";
    failed += finding.passed ? 0 : 1;
  }
  std::cout << "\n";
  if (report.passed()) {
    std::cout << "all " << report.findings.size() << " rules hold; "
              << std::llround(report.steps_per_second) << " steps/s in one thread\n";
  } else {
    std::cout << failed << " of " << report.findings.size() << " rules broken\n";
  }
}

ExitCode run_check_env(const Args& args) {
  const ChosenEnv env = choose_env(args.words[0], args.assignments);
  ConformanceOptions options;
  options.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  options.steps = static_cast<int>(args.integer("--steps", options.steps, 10, 100'000'000));
  const ConformanceReport report = check_conformance(*env.entry, env.params, options);
  if (args.has("--json")) {
    print_json(report_json(report));
  } else {
    print_report(report);
  }
  return report.passed() ? ExitCode::kSuccess : ExitCode::kFailure;
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
      {"--seed", "N", "of the envs and the random actions (default 0)"},
      {"--json", "", "{\"env\", \"passed\", \"rules\": [..], \"steps_per_second\"}"}};
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.run = run_check_env;
  return command;
}

}  // namespace tern::cli
