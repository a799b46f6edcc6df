// tern train: a new run.

#include "agents/run/initial_policy.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "cli/commands/viewing_commands.h"
#include "cli/process/agents_library.h"
#include "cli/text/command.h"
#include "cli/training/training.h"
#include "core/shell_word.h"

namespace tern::cli {
namespace {

Work prepare_train(const Args& args) {
  const Config config = config_from_words(args.words);
  std::vector<ParamValue> assignments = args.assignments;
  if (args.has("--seed")) assignments.push_back({"run.seed", args.text("--seed"), "option --seed"});

  if (args.has("--init-from")) {
    if (args.text("--init-from").empty()) throw Error("option --init-from: expected a run");
    assignments.push_back({"run.init_from", args.text("--init-from"), "option --init-from"});
  }

  TrainRequest request;
  request.config = with_initial_policy(resolve_run_config(config, assignments));
  request.name = run_name(config);
  request.out = args.text("--out");
  request.stop_at = args.integer("--stop-at", 0, 1);
  if (args.has("--out") && request.out.empty()) throw Error("option --out: expected a folder");
  if (!request.out.empty() && is_run_folder(request.out)) {
    throw Error("--out " + request.out + " holds a run already. Name another folder, or go on with " +
                "it: tern resume " + shell_word(request.out));
  }
  return [args, request] {
    const TrainingWork work = [&](const TrainHooks& hooks) {
      return agents_library().train(request, hooks);
    };
    return run_training(
        args, request.config.run.total_steps,
        args.has("--watch") ? viewing_commands().with_window(request.config, work) : work);
  };
}

}  // namespace

Command make_train_command() {
  Command command;
  command.name = "train";
  command.synopses = {
      "tern train CONFIG.yaml [key=value ...] [--seed N] [--out DIR] [--init-from RUN]",
      "tern train AGENT ENV [key=value ...] [--seed N] [--out DIR] [--watch]"};
  command.summary = "train an agent; the run is kept in a folder under runs/";
  command.help =
      "A configuration file has the sections env, agent and run; configs/ holds some that were\n"
      "measured. AGENT ENV takes every default. key=value words change one value: "
      "agent.gamma=0.9,\n"
      "env.slippery=false, run.total_steps=1e6; the section may be left out where only one has "
      "the\n"
      "key. 'tern describe AGENT', 'tern describe ENV' and 'tern describe run' list all keys.\n"
      "\n"
      "The run's folder holds config.yaml (every value), metrics.csv and .jsonl, TensorBoard "
      "events,\n"
      "checkpoints, eval.jsonl and run.json. The same configuration and seed give the same bits.\n"
      "\n"
      "Ctrl-C saves at the next iteration boundary, or at once during an evaluation, and ends by "
      "the\n"
      "signal (a shell sees 130); a second Ctrl-C loses the work since the last checkpoint. Either "
      "way\n"
      "'tern resume' goes on, exactly. The final evaluation is final_eval/return in the metrics, "
      "those\n"
      "during training are eval/return.\n"
      "\n"
      "--init-from begins with the policy that another run has learned: its parameters and "
      "observation\n"
      "statistics. Optimiser, steps and replay are new. Agent, networks, observations and actions "
      "must\n"
      "be the same. It is the key run.init_from, and kept in config.yaml.\n"
      "\n"
      "Examples\n"
      "  tern train configs/ppo_cartpole.yaml --seed 3\n"
      "  tern train ppo CartPole-v1 learning_rate=lin_1e-3 total_steps=50_000\n"
      "  tern train ppo CartPole-v1 env.gravity=15 --init-from ppo_cartpole-s3@best\n"
      "  tern train dqn ./libmaze.so --out runs/maze --quiet --json\n";
  command.options = {
      {"--seed", "N", "of everything random in the run (run.seed)"},
      {"--out", "DIR", "the run's folder; by default runs/NAME-sSEED, then -2, -3", "-o"},
      {"--stop-at", "N", "save and end at the first iteration boundary at or after step N"},
      {"--init-from", "RUN", "begin with the policy of another run; RUN@best, RUN@N"},
      {"--watch", "", "show the newest policy in a window while training goes on"},
      {"--quiet", "", "no progress"},
      {"--json", "", "{\"run\", \"steps\", \"seconds\", \"steps_per_second\", \"eval\": {..}}"}};
  command.least_words = 1;
  command.most_words = 2;
  command.takes_assignments = true;
  command.prepare = prepare_train;
  return command;
}

}  // namespace tern::cli
