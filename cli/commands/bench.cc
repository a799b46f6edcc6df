// tern bench: how fast envs step and agents train on this machine.

#include <cmath>
#include <cstdio>
#include <iostream>
#include <vector>

#include "agents/run/resolve_config.h"
#include "cli/bench/bench_envs.h"
#include "cli/bench/bench_kernels.h"
#include "cli/bench/bench_replay.h"
#include "cli/process/agents_library.h"
#include "cli/text/command.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "core/did_you_mean.h"

namespace tern::cli {
namespace {

ExitCode bench_train(const RunConfig& resolved, bool as_json) {
  const BenchTrainResult result = agents_library().bench_train(resolved);
  if (as_json) {
    print_json(Json({{"steps_per_second", result.steps_per_second},
                     {"seconds", result.seconds},
                     {"share",
                      {{"env", result.env},
                       {"inference", result.inference},
                       {"update", result.update},
                       {"other", result.other}}},
                     {"agent", resolved.agent},
                     {"env", resolved.env_id},
                     {"total_steps", resolved.run.total_steps},
                     {"threads", resolved.run.threads}}));
    return ExitCode::kSuccess;
  }
  const auto percent = [](double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
    return std::string(text);
  };
  std::cout << resolved.agent << " on " << resolved.env_id << ": "
            << std::llround(result.steps_per_second) << " env steps/s, "
            << format_number(std::round(100 * result.seconds) / 100) << " s\n";
  print_table({{"env", percent(result.env), "stepping envs"},
               {"inference", percent(result.inference), "choosing actions"},
               {"update", percent(result.update), "learning"},
               {"other", percent(result.other), "everything else"}});
  return ExitCode::kSuccess;
}

Work prepare_bench_train(const Args& args) {
  for (const char* option : {"--threads", "--num-envs", "--seconds", "--capacity", "--batch"}) {
    if (args.has(option)) {
      throw Error(std::string("option ") + option +
                  " is not for 'tern bench train'; here run.threads=, run.num_envs=, "
                  "agent.batch_size= and the like say it");
    }
  }
  const Config config = config_from_words({args.words.begin() + 1, args.words.end()});
  const RunConfig resolved = resolve_run_config(config, args.assignments);
  return [resolved, as_json = args.has("--json")] { return bench_train(resolved, as_json); };
}

Work prepare_bench(const Args& args) {
  const std::string& what = args.words[0];
  if (what == "envs") return [args] { return bench_envs(args); };
  if (what == "train") {
    if (args.words.size() < 2 || args.words.size() > 3) {
      throw Error(
          "expected a configuration file, or an agent and an env: tern bench train ppo "
          "CartPole-v1");
    }
    return prepare_bench_train(args);
  }
  if (what == "replay") {
    if (args.words.size() > 2) throw Error("expected one env: tern bench replay CartPole-v1");
    return [args] { return bench_replay(args); };
  }
  if (what == "kernels") {
    if (args.words.size() > 1) throw Error("'tern bench kernels' takes no more words");
    return [args] { return bench_kernels(args); };
  }
  throw Error("nothing called '" + what + "' to measure." +
              did_you_mean(what, {"envs", "train", "replay", "kernels"}) +
              " (tern bench envs|train|replay|kernels)");
}

}  // namespace

Command make_bench_command() {
  Command command;
  command.name = "bench";
  command.synopses = {
      "tern bench envs [ENV ...] [--threads N] [--num-envs N] [--seconds S] [--json]",
      "tern bench train CONFIG.yaml | AGENT ENV [key=value ...] [--json]",
      "tern bench replay [ENV] [--capacity N] [--batch N] [--num-envs N] [--json]",
      "tern bench kernels [--json]"};
  command.summary = "how fast envs step and agents train on this machine";
  command.help =
      "envs steps envs with random actions, in one thread and in as many as the machine has,\n"
      "resets included. The actions are drawn before the clock starts, but where masks forbid some\n"
      "they must be drawn step by step, as part of the time. Figures are medians of five parts;\n"
      "'per CPU second' leaves out the time that other programs took from the thread.\n"
      "train runs the code of 'tern train' in memory, without a run folder and evaluations, and "
      "says\n"
      "where the time went. replay adds to a full replay buffer and samples from it. kernels\n"
      "measures networks and optimisers alone, on one thread. Close other programs before you\n"
      "believe a number.\n"
      "\n"
      "Examples\n"
      "  tern bench envs\n"
      "  tern bench envs CartPole-v1 --num-envs 1024 --threads 1 --json\n"
      "  tern bench train ppo CartPole-v1 run.threads=2\n";
  command.options = {{"--threads", "N", "envs: only with so many threads"},
                     {"--num-envs", "N",
                      "envs: envs at a time (64; with threads 4096); replay: added at a time (8)"},
                     {"--seconds", "S", "envs: spent on each measurement (default 0.3)"},
                     {"--capacity", "N", "replay: transitions kept (default 100000)"},
                     {"--batch", "N", "replay: transitions of a sample (default 256)"},
                     {"--json", "", "one JSON document"}};
  command.least_words = 1;
  command.most_words = 1000;
  command.takes_assignments = true;
  command.prepare = prepare_bench;
  return command;
}

}  // namespace tern::cli
