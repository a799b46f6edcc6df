// tern eval: plays fresh episodes with a trained policy.

#include <algorithm>
#include <cmath>
#include <iostream>

#include "agents/run/changed_env.h"
#include "agents/run/checkpoint.h"
#include "agents/run/run_ref.h"
#include "cli/process/agents_library.h"
#include "cli/text/changed_env_text.h"
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

std::string metrics_text(const EvalResult& result) {
  std::string text;
  for (const Metric& metric : result.metrics) {
    text += (text.empty() ? "" : ", ") + metric.name + " " + return_text(metric.value);
  }
  return text;
}

namespace {

Json changes_json(const std::vector<EnvChange>& changes) {
  Json document = Json::object();
  for (const EnvChange& change : changes) {
    document[change.key] = {{"trained", change.trained}, {"changed", change.changed}};
  }
  return document;
}

ExitCode run_eval(const EvalRequest& request, const std::vector<EnvChange>& changes, bool as_json) {
  const EvalResult result = agents_library().evaluate(request);
  if (as_json) {
    Json document = eval_json(result);
    if (!request.env.empty()) document["env_changes"] = changes_json(changes);
    print_json(document);
    return ExitCode::kSuccess;
  }
  std::cout << result.run << " at step " << result.step << " on " << result.env << ": "
            << eval_text(result) << "\n";
  if (!request.env.empty()) std::cout << changes_text(changes) << "\n";
  if (!result.metrics.empty()) std::cout << metrics_text(result) << "\n";
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
  request.env = args.assignments;
  const RunRef ref = find_checkpoint(request.run);
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  const EnvEntry& entry = find_checked_env(ref, manifest, run_env_words(args, "eval"));
  const ChangedEnv env = change_run_env(ref.run, manifest, entry, request.env);
  return [request, changes = env.changes, as_json = args.has("--json")] {
    return run_eval(request, changes, as_json);
  };
}

}  // namespace

Command make_eval_command() {
  Command command;
  command.name = "eval";
  command.synopses = {
      "tern eval RUN [key=value ...] [--episodes N] [--seed N] [--stochastic] [--env PATH]",
      "          [--json]"};
  command.summary = "play fresh episodes with a trained policy and report its returns";
  command.help =
      "The policy is frozen and takes its best action; its envs and seeds are its own, so "
      "training\n"
      "is never touched. RUN@best is the checkpoint whose evaluation was best.\n"
      "\n"
      "key=value words change the env, or a wrapper around it, from what the run was trained with: "
      "how\n"
      "robust is the policy? The answer says which keys differ. A key that changes observations "
      "or\n"
      "actions is refused. What the env reports of its episodes (success and the like) is shown "
      "as\n"
      "means.\n"
      "\n"
      "Examples\n"
      "  tern eval ppo_CartPole-v1-s0\n"
      "  tern eval ppo_CartPole-v1-s0 env.gravity=15 env.action_delay=1\n"
      "  tern eval runs/ppo_cartpole-s3@best --episodes 1000 --seed 7 --json\n";
  command.options = {
      {"--episodes", "N", "how many (default 100)"},
      {"--seed", "N", "of the envs (default 0)"},
      {"--stochastic", "", "draw actions as in training instead of taking the best"},
      {"--json", "", "{\"run\", \"env\", \"step\", \"episodes\", \"mean\", \"std\", ..}"}};
  for (const Option& option : run_env_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_eval;
  return command;
}

}  // namespace tern::cli
