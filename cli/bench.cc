// tern bench: how fast worlds step and agents train on this machine.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "agents/run/resolve_config.h"
#include "cli/agents_library.h"
#include "cli/bench_replay.h"
#include "cli/command.h"
#include "cli/env_words.h"
#include "cli/print_json.h"
#include "cli/table.h"
#include "core/nearest.h"
#include "envs/random_action.h"
#include "envs/vec_env.h"

namespace tern::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Measured {
  std::string id;
  std::size_t threads = 1;
  double steps_per_second = 0;
};

/// Random actions for `count` steps of all envs, drawn before the clock starts.
class ActionTape {
 public:
  ActionTape(const EnvSpec& spec, std::size_t num_envs, std::size_t count)
      : bytes_(spec.action.size() * 4 * num_envs), memory_(bytes_ * count) {
    Rng rng(0, "bench action");
    for (std::size_t t = 0; t < count; ++t) {
      const ActionRows rows(memory_.data() + t * bytes_, spec.action, num_envs);
      for (std::size_t i = 0; i < num_envs; ++i) random_action(spec.action, {}, rng, rows[i]);
    }
  }
  void copy_to(const ActionRows& actions, std::size_t t) const {
    std::memcpy(actions.data(), memory_.data() + t % (memory_.size() / bytes_) * bytes_, bytes_);
  }

 private:
  std::size_t bytes_;  // of one step
  std::vector<std::uint8_t> memory_;
};

/// Steps `num_envs` worlds with random actions, auto-resets included. Where masks forbid actions,
/// drawing those that are allowed is part of the time.
double measure_env(const ChosenEnv& env, std::size_t num_envs, std::size_t threads,
                   double seconds_wanted) {
  VecEnvOptions options;
  options.num_envs = num_envs;
  options.threads = threads;
  VecEnv envs(*env.entry, env.params, options);
  StepBuffers buffers(env.spec.obs, env.spec.action, env.spec.metrics.size(), num_envs);
  const ActionTape tape(env.spec, num_envs, 64);
  Rng rng(0, "bench action");
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  std::size_t t = 0;
  const auto step = [&] {
    if (env.spec.has_masks) {
      for (std::size_t i = 0; i < num_envs; ++i) {
        random_action(env.spec.action, buffers.batch.mask[i], rng, buffers.actions[i]);
      }
    } else {
      tape.copy_to(buffers.actions, t);
    }
    envs.step(buffers.actions, buffers.batch);
    ++t;
  };
  while (t < 10) step();  // warm up
  const std::size_t first = t;
  const Clock::time_point begin = Clock::now();
  double seconds = 0;
  do {
    for (int i = 0; i < 16; ++i) step();  // asking for the time takes as long as some steps
    seconds = seconds_since(begin);
  } while (seconds < seconds_wanted);
  return static_cast<double>((t - first) * num_envs) / seconds;
}

/// 1 and all threads of this machine, or the number asked for.
std::vector<std::size_t> thread_counts(const Args& args) {
  const std::size_t all = std::max(1u, std::thread::hardware_concurrency());
  if (args.has("--threads")) {
    return {static_cast<std::size_t>(args.integer("--threads", 1, 1, 1024))};
  }
  return all == 1 ? std::vector<std::size_t>{1} : std::vector<std::size_t>{1, all};
}

double positive_seconds(const Args& args, double fallback) {
  if (!args.has("--seconds")) return fallback;
  try {
    return ParamCodec<double>::parse(args.text("--seconds"), in_range(0.001, 3600));
  } catch (const Error& error) {
    throw Error("option --seconds: " + std::string(error.what()));
  }
}

ExitCode bench_envs(const Args& args) {
  std::vector<std::string> ids(args.words.begin() + 1, args.words.end());
  if (ids.empty()) ids = registry().ids();
  if (ids.size() != 1 && !args.assignments.empty()) {
    throw Error("key=value words need exactly one env beside them");
  }
  std::vector<ChosenEnv> envs;
  for (const std::string& id : ids) envs.push_back(choose_env(id, args.assignments));
  const auto num_envs = static_cast<std::size_t>(args.integer("--num-envs", 64, 1, 65536));
  const double seconds = positive_seconds(args, 0.3);

  std::vector<Measured> results;
  for (const ChosenEnv& env : envs) {
    for (const std::size_t threads : thread_counts(args)) {
      results.push_back({env.spec.id, threads, measure_env(env, num_envs, threads, seconds)});
    }
  }
  if (args.has("--json")) {
    Json list = Json::array();
    for (const Measured& result : results) {
      list.push_back({{"id", result.id},
                      {"threads", result.threads},
                      {"steps_per_second", result.steps_per_second},
                      {"num_envs", num_envs}});
    }
    print_json(Json({{"envs", list}}));
    return ExitCode::kSuccess;
  }
  std::vector<std::vector<std::string>> rows = {{"world", "threads", "steps/s"}};
  for (const Measured& result : results) {
    rows.push_back({result.id, std::to_string(result.threads),
                    std::to_string(std::llround(result.steps_per_second))});
  }
  print_table(rows);
  return ExitCode::kSuccess;
}

ExitCode bench_train(const Args& args) {
  for (const char* option : {"--threads", "--num-envs", "--seconds", "--capacity", "--batch"}) {
    if (args.has(option)) {
      throw Error(std::string("option ") + option +
                  " is not for 'tern bench train'; here run.threads=, run.num_envs=, "
                  "agent.batch_size= and the like say it");
    }
  }
  const Config config = config_from_words({args.words.begin() + 1, args.words.end()});
  const RunConfig resolved = resolve_run_config(config, args.assignments);
  const BenchTrainResult result = agents_library().bench_train(resolved);
  if (args.has("--json")) {
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
  print_table({{"env", percent(result.env), "stepping worlds"},
               {"inference", percent(result.inference), "choosing actions"},
               {"update", percent(result.update), "learning"},
               {"other", percent(result.other), "everything else"}});
  return ExitCode::kSuccess;
}

ExitCode run_bench(const Args& args) {
  const std::string& what = args.words[0];
  if (what == "envs") return bench_envs(args);
  if (what == "train") {
    if (args.words.size() < 2 || args.words.size() > 3) {
      throw Error(
          "expected a configuration file, or an agent and an env: tern bench train ppo "
          "CartPole-v1");
    }
    return bench_train(args);
  }
  if (what == "replay") {
    if (args.words.size() > 2) throw Error("expected one env: tern bench replay CartPole-v1");
    return bench_replay(args);
  }
  throw Error("nothing called '" + what + "' to measure." +
              did_you_mean(what, {"envs", "train", "replay"}) + " (tern bench envs|train|replay)");
}

}  // namespace

Command make_bench_command() {
  Command command;
  command.name = "bench";
  command.synopses = {
      "tern bench envs [ENV ...] [--threads N] [--num-envs N] [--seconds S] [--json]",
      "tern bench train CONFIG.yaml | AGENT ENV [key=value ...] [--json]",
      "tern bench replay [ENV] [--capacity N] [--batch N] [--num-envs N] [--json]"};
  command.summary = "how fast worlds step and agents train on this machine";
  command.help =
      "envs steps worlds with random actions, in one thread and in as many as the machine has.\n"
      "train runs the code of 'tern train' in memory, without a run folder and evaluations, and "
      "says\n"
      "where the time went. replay adds to a full replay buffer and samples from it. Close other\n"
      "programs before you believe a number.\n"
      "\n"
      "Examples\n"
      "  tern bench envs\n"
      "  tern bench envs CartPole-v1 --num-envs 1024 --threads 1 --json\n"
      "  tern bench train ppo CartPole-v1 run.threads=2\n";
  command.options = {{"--threads", "N", "envs: only with so many threads"},
                     {"--num-envs", "N",
                      "envs: worlds stepped together (default 64); replay: added at a time (8)"},
                     {"--seconds", "S", "envs: spent on each measurement (default 0.3)"},
                     {"--capacity", "N", "replay: transitions kept (default 100000)"},
                     {"--batch", "N", "replay: transitions of a sample (default 256)"},
                     {"--json", "", "one JSON document"}};
  command.least_words = 1;
  command.most_words = 1000;
  command.takes_assignments = true;
  command.run = run_bench;
  return command;
}

}  // namespace tern::cli
