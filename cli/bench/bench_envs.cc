#include "cli/bench/bench_envs.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <thread>
#include <vector>

#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "core/simd_level.h"
#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern::cli {
namespace {

constexpr std::size_t kParts = 5;  // of a measurement, of which the median counts

/// A moment on the wall's clock and on the calling thread's own, in s.
struct Moment {
  double wall, cpu;

  static Moment now() {
    const auto wall = std::chrono::steady_clock::now().time_since_epoch();
    timespec cpu = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return {std::chrono::duration<double>(wall).count(),
            static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec)};
  }
};

/// Steps a second, of all envs together.
struct Rate {
  double wall = 0, cpu = 0;
};

struct Measured {
  std::string id;
  std::size_t threads = 1;
  std::size_t num_envs = 1;
  bool draws_actions = false;  // drawing them was part of the time
  Rate rate;
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
  /// The actions of step t; the tape is a loop.
  ActionRows at(const EnvSpec& spec, std::size_t num_envs, std::size_t t) {
    return {memory_.data() + t % (memory_.size() / bytes_) * bytes_, spec.action, num_envs};
  }

 private:
  std::size_t bytes_;  // of one step
  std::vector<std::uint8_t> memory_;
};

double median(std::array<double, kParts> values) {
  std::sort(values.begin(), values.end());
  return values[kParts / 2];
}

/// Steps `num_envs` envs with random actions, auto-resets included. Where masks forbid actions,
/// drawing those that are allowed is part of the time.
Rate measure_env(const ChosenEnv& env, std::size_t num_envs, std::size_t threads,
                 double seconds_wanted) {
  VecEnvOptions options;
  options.num_envs = num_envs;
  options.threads = threads;
  VecEnv envs(*env.entry, env.params, options);
  StepBuffers buffers(env.spec.obs, env.spec.action, env.spec.metrics.size(), num_envs);
  ActionTape tape(env.spec, num_envs, /*count=*/64);
  Rng rng(0, "bench action");
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  std::size_t t = 0;
  const auto step = [&] {
    if (env.spec.has_masks) {
      for (std::size_t i = 0; i < num_envs; ++i) {
        random_action(env.spec.action, buffers.batch.mask[i], rng, buffers.actions[i]);
      }
      envs.step(buffers.actions, buffers.batch);
    } else {
      envs.step(tape.at(env.spec, num_envs, t), buffers.batch);
    }
    ++t;
  };
  while (t < 10) step();  // warm up

  std::array<double, kParts> wall, cpu;
  for (std::size_t part = 0; part < kParts; ++part) {
    const std::size_t first = t;
    const Moment begin = Moment::now();
    Moment end = begin;
    do {
      for (int i = 0; i < 64; ++i) step();  // asking for the time takes as long as some steps
      end = Moment::now();
    } while (end.wall - begin.wall < seconds_wanted / kParts);
    const auto steps = static_cast<double>((t - first) * num_envs);
    wall[part] = steps / (end.wall - begin.wall);
    cpu[part] = steps / (end.cpu - begin.cpu);
  }
  return {median(wall), median(cpu)};
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

/// Programs that wanted to run in the last minute; nothing where that is not known.
std::optional<double> load_average() {
  double load = 0;
  if (getloadavg(&load, 1) != 1) return std::nullopt;
  return std::round(100 * load) / 100;
}

Json document(const std::vector<Measured>& results) {
  Json list = Json::list();
  for (const Measured& result : results) {
    Json item = {{"id", result.id},
                 {"threads", result.threads},
                 {"steps_per_second", result.rate.wall},
                 {"num_envs", result.num_envs},
                 {"draws_actions", result.draws_actions}};
    if (result.threads == 1) item["steps_per_cpu_second"] = result.rate.cpu;
    list.push_back(std::move(item));
  }
  const std::optional<double> load = load_average();
  return {{"simd", simd_level_name(chosen_simd_level())},
          {"load_average", load ? Json(*load) : Json()},
          {"envs", list}};
}

/// "155.66 M", "54.3 k".
std::string in_steps(double rate) {
  if (rate < 1e6) return format_number(std::round(rate / 100) / 10) + " k";
  return format_number(std::round(rate / 1e4) / 100) + " M";
}

void print(const std::vector<Measured>& results) {
  std::cout << "median of " << kParts << ", SIMD " << simd_level_name(chosen_simd_level());
  if (const std::optional<double> load = load_average()) {
    std::cout << ", load of the machine " << format_number(*load);
  }
  std::cout << '\n';
  std::vector<std::vector<std::string>> rows = {
      {"env", "threads", "envs", "steps/s", "per CPU second"}};
  for (const Measured& result : results) {
    rows.push_back({result.id, std::to_string(result.threads), std::to_string(result.num_envs),
                    in_steps(result.rate.wall),
                    result.threads == 1 ? in_steps(result.rate.cpu) : ""});
  }
  print_table(rows);
}

}  // namespace

ExitCode bench_envs(const Args& args) {
  std::vector<std::string> ids(args.words.begin() + 1, args.words.end());
  if (ids.empty()) ids = registry().ids();
  if (ids.size() != 1 && !args.assignments.empty()) {
    throw Error("key=value words need exactly one env beside them");
  }
  std::vector<ChosenEnv> envs;
  for (const std::string& id : ids) envs.push_back(choose_env(id, args.assignments));
  const double seconds = positive_seconds(args, 0.3);

  std::vector<Measured> results;
  for (const ChosenEnv& env : envs) {
    for (const std::size_t threads : thread_counts(args)) {
      // Waking threads takes as long as hundreds of steps: they need more to do at a time.
      const std::int64_t usual = threads == 1 ? 64 : 4096;
      const auto num_envs =
          static_cast<std::size_t>(args.integer("--num-envs", usual, 1, 65536));
      results.push_back({env.spec.id, threads, num_envs, env.spec.has_masks,
                         measure_env(env, num_envs, threads, seconds)});
    }
  }
  if (args.has("--json")) {
    print_json(document(results));
  } else {
    print(results);
  }
  return ExitCode::kSuccess;
}

}  // namespace tern::cli
