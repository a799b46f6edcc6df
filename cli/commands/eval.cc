// tern eval: plays fresh episodes with a trained policy.

#include <algorithm>
#include <cmath>
#include <iostream>

#include "agents/run/checkpoint.h"
#include "agents/run/run_ref.h"
#include "cli/process/agents_library.h"
#include "cli/text/command.h"
#include "cli/text/cut_episodes.h"
#include "cli/text/eval_report.h"
#include "cli/text/player_returns.h"
#include "cli/text/print_json.h"
#include "cli/text/run_env_options.h"
#include "core/metrics/return_text.h"

namespace tern::cli {

std::string eval_text(const EvalResult& result) {
  const std::size_t count = result.returns.size();
  std::string text = "mean return " + return_text(result.mean, result.std) + " over " +
                     std::to_string(count) + (count == 1 ? " episode" : " episodes");
  const auto nonfinite = std::count_if(result.returns.begin(), result.returns.end(),
                                       [](double value) { return !std::isfinite(value); });
  if (nonfinite > 0) {
    text += "; " + std::to_string(nonfinite) + " of the returns that " + result.env +
            " paid are infinite or NaN";
  }
  return text + cut_text(result.cut, count, result.env);
}

namespace {

ExitCode run_eval(const EvalRequest& request, bool as_json) {
  const EvalResult result = agents_library().evaluate(request);
  if (as_json) {
    print_json(eval_json(result));
    return ExitCode::kSuccess;
  }
  std::cout << result.run << " at step " << result.step << " on " << result.env << ": "
            << eval_text(result) << "\n";
  if (!result.player_returns.empty()) {
    std::cout << player_returns_text(result.player_returns) << "\n";
  }
  if (!result.returns.empty()) {
    const auto [low, high] = std::minmax_element(result.returns.begin(), result.returns.end());
    std::cout << "returns from " << format_number(*low) << " to " << format_number(*high) << "\n";
  }
  return ExitCode::kSuccess;
}

Work prepare_eval(const Args& args) {
  EvalRequest request;
  request.run = args.words[0];
  request.episodes = static_cast<int>(args.integer("--episodes", 100, 1, 1'000'000'000));
  request.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  request.stochastic = args.has("--stochastic");
  const RunRef ref = find_checkpoint(request.run);
  find_checked_env(ref, Checkpoint(ref.run, *ref.step).manifest(), run_env_words(args, "eval"));
  return [request, as_json = args.has("--json")] { return run_eval(request, as_json); };
}

}  // namespace

Command make_eval_command() {
  Command command;
  command.name = "eval";
  command.synopses = {
      "tern eval RUN [--episodes N] [--seed N] [--stochastic] [--env PATH] [--json]"};
  command.summary = "play fresh episodes with a trained policy and report its returns";
  command.help =
      "The policy is frozen and takes its best action; its envs and seeds are its own, so "
      "training\n"
      "is never touched. RUN@best is the checkpoint whose evaluation was best.\n"
      "\n"
      "Examples\n"
      "  tern eval ppo_CartPole-v1-s0\n"
      "  tern eval runs/ppo_cartpole-s3@best --episodes 1000 --seed 7 --json\n";
  command.options = {
      {"--episodes", "N", "how many (default 100)"},
      {"--seed", "N", "of the envs (default 0)"},
      {"--stochastic", "", "draw actions as in training instead of taking the best"},
      {"--json", "", "{\"run\", \"env\", \"step\", \"episodes\", \"mean\", \"std\", ..}"}};
  for (const Option& option : run_env_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.prepare = prepare_eval;
  return command;
}

}  // namespace tern::cli
