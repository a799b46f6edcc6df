// tern resume: goes on with a run.

#include "agents/run/resolve_config.h"
#include "agents/run/run_ref.h"
#include "cli/process/agents_library.h"
#include "cli/text/command.h"
#include "cli/text/run_env_options.h"
#include "cli/training/training.h"

namespace tern::cli {
namespace {

Work prepare_resume(const Args& args) {
  ResumeRequest request;
  request.run = args.words[0];
  request.overrides = args.assignments;
  request.stop_at = args.integer("--stop-at", 0, 1);
  request.accept_changed = args.has("--accept-changed");
  const RunRef ref = find_run(request.run);
  const RunConfig config =
      resolve_resumed_config(ref, request.overrides, run_env_words(args, "resume"));
  return [args, request, total_steps = config.run.total_steps] {
    return run_training(args, total_steps, [&](const TrainHooks& hooks) {
      return agents_library().resume(request, hooks);
    });
  };
}

}  // namespace

Command make_resume_command() {
  Command command;
  command.name = "resume";
  command.synopses = {
      "tern resume RUN [key=value ...] [--stop-at N] [--accept-changed] [--env PATH] [--json]"};
  command.summary = "go on with a run that was stopped or killed";
  command.help =
      "Goes on from the last checkpoint, or from RUN@N, to the run's total_steps, and ends with "
      "the\n"
      "same bits as a run that was never stopped. Metrics after the checkpoint are cut back; a "
      "run\n"
      "that was killed before its first checkpoint starts again.\n"
      "\n"
      "Only keys that results do not depend on can change: threads, eval_every, eval_episodes,\n"
      "final_eval_episodes, checkpoint_every, keep_checkpoints, log_every. And run.total_steps, to "
      "a\n"
      "larger number, which makes the run longer: the schedules then end at the new last step, "
      "and\n"
      "config.yaml says so.\n"
      "\n"
      "A plugin that was mended goes on with --accept-changed, which says what is different; one "
      "that\n"
      "was moved is found by --env.\n"
      "\n"
      "Examples\n"
      "  tern resume ppo_CartPole-v1-s0\n"
      "  tern resume runs/maze@40960 threads=2\n"
      "  tern resume ppo_CartPole-v1-s0 run.total_steps=400_000\n";
  command.options = {
      {"--stop-at", "N", "save and end at the first iteration boundary at or after step N"},
      {"--accept-changed", "",
       "go on with a plugin that is no longer the file that trained the run"},
      {"--quiet", "", "no progress"},
      {"--json", "", "the same document as tern train --json"}};
  for (const Option& option : run_env_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_resume;
  return command;
}

}  // namespace tern::cli
