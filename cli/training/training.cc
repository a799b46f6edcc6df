#include "cli/training/training.h"

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "cli/process/interrupt.h"
#include "cli/text/eval_report.h"
#include "cli/text/print_json.h"
#include "core/metrics/console_sink.h"
#include "core/shell_word.h"

namespace tern::cli {
namespace {

/// The run as a user types it: "x" where runs/x is meant.
std::string short_name(const std::string& run) {
  const std::filesystem::path path(run);
  const std::string name = path.filename().string();
  return path.parent_path() == "runs" && name[0] != '-' ? name
                                                        : run;  // not to be read as an option
}

Json result_json(const TrainResult& result) {
  Json document = {{"run", result.run},
                   {"steps", result.steps},
                   {"seconds", result.seconds},
                   {"steps_per_second", result.steps_per_second}};
  document["eval"] = result.eval.returns.empty() ? Json(nullptr) : eval_json(result.eval);
  document["finished"] = result.finished;
  return document;
}

void print_result(const TrainResult& result) {
  char speed[96];
  std::snprintf(speed, sizeof speed, "%.1f s of training at %.0f steps/s", result.seconds,
                result.steps_per_second);
  std::cout << result.run << ": step " << result.steps << " after " << speed << "\n";
  if (!result.eval.returns.empty()) std::cout << eval_text(result.eval) << "\n";
  const std::string run = shell_word(short_name(result.run));
  if (result.finished) {
    std::cout << "watch it: tern watch " << run << "   evaluate it: tern eval " << run << "\n";
  }
}

}  // namespace

ExitCode run_training(const Args& args, std::int64_t total_steps, const TrainingWork& work) {
  ConsoleSink console(std::cerr, ConsoleSink::for_stderr(total_steps, args.has("--quiet")));
  TrainHooks hooks;
  hooks.sinks = {&console};
  hooks.on_message = [&](const std::string& line) { console.message(line); };
  hooks.should_stop = InterruptGuard::is_interrupted;
  hooks.on_start = [&](std::int64_t last_step) { console.set_total_steps(last_step); };

  TrainResult result;
  {
    const InterruptGuard guard(
        "\ntern: saving at the next iteration boundary; Ctrl-C again ends at once\n");
    result = work(hooks);
  }
  console.finish();
  if (!result.finished && (InterruptGuard::is_interrupted() || !args.has("--quiet"))) {
    std::cerr << "tern: stopped at step " << result.steps << " of " << total_steps
              << ", everything is saved. Go on with: tern resume "
              << shell_word(short_name(result.run)) << "\n";
  }
  if (args.has("--json")) {
    print_json(result_json(result));
  } else {
    print_result(result);
  }
  return ExitCode::kSuccess;
}

}  // namespace tern::cli
