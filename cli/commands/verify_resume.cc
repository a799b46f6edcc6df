// tern verify-resume: shows that a run which was stopped and resumed ends with the same bits as one
// that was not.

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <set>
#include <vector>

#include "agents/run/checkpoint.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_ref.h"
#include "cli/process/child_process.h"
#include "cli/process/interrupt.h"
#include "cli/text/command.h"
#include "cli/text/print_json.h"
#include "core/rng.h"

namespace tern::cli {
namespace {

/// Long enough to learn and to save in the middle of episodes, short enough to wait for.
constexpr std::int64_t kDefaultSteps = 20'000;

/// A folder that goes away with its runs unless somebody wants to look at them.
class ScratchFolder {
 public:
  ScratchFolder() {
    const char* const place = std::getenv("TMPDIR");
    const std::string parent = place != nullptr && *place != '\0' ? place : "/tmp";
    std::string pattern = parent + "/tern-verify-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
      throw Error::failure("cannot make a folder in " + parent + ": " + std::strerror(errno) +
                           "; TMPDIR names the folder for temporary files");
    }
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code error;
    if (!keeps_) std::filesystem::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }
  void keep() { keeps_ = true; }

 private:
  std::string path_;
  bool keeps_ = false;
};

struct Ended {
  std::int64_t step = 0;
  std::string hash;
};

Ended end_of(const std::string& run) {
  const RunRef ref = find_checkpoint(run);
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  return {manifest.step, manifest.parameters_sha256};
}

/// One tern in a process of its own.
void run_step(const std::vector<std::string>& words) {
  const ChildResult child = run_tern(words, ChildErrors::kCaptured);
  if (InterruptGuard::is_interrupted()) throw Error::failure("interrupted; nothing is kept");
  if (child.signal == 0 && child.exit_code == 0) return;
  std::cerr << child.output;
  std::string line = "tern";
  for (const std::string& word : words) line += " " + word;
  throw Error("'" + line + "' " + how_it_ended(child),
              child.exit_code == 2 ? ExitCode::kUsage : ExitCode::kFailure);
}

/// `count` different steps inside (0, end), ascending, drawn from `seed`.
std::vector<std::int64_t> draw_cuts(std::int64_t count, std::int64_t end, std::uint64_t seed) {
  Rng rng(seed, "verify-resume cut");
  std::set<std::int64_t> cuts;
  while (static_cast<std::int64_t>(cuts.size()) < std::min(count, end - 1)) {
    cuts.insert(1 + static_cast<std::int64_t>(rng.uniform() * static_cast<double>(end - 1)));
  }
  return {cuts.begin(), cuts.end()};
}

/// A run that was stopped.
struct Stopped {
  std::string run;
  std::int64_t step = 0;
};

/// Trains until the first iteration boundary at or after `cut`. Where that boundary is the end of
/// the whole run, nothing would be left to resume: then with half of `cut`, and so on. Throws Error
/// if there is no boundary before the end.
Stopped stop_inside(const std::vector<std::string>& train, const std::string& folder,
                    std::int64_t cut, std::int64_t end) {
  for (; cut > 0; cut /= 2) {
    const std::string run = folder + "/cut-at-" + std::to_string(cut);
    std::vector<std::string> words = train;
    for (const std::string& word :
         {std::string("--out"), run, std::string("--stop-at"), std::to_string(cut)}) {
      words.push_back(word);
    }
    if (!is_folder(run)) run_step(words);
    const std::int64_t step = end_of(run).step;
    if (step < end) return {run, step};
  }
  throw Error("the first iteration already ends at step " + std::to_string(end) +
              ", so there is nothing to cut; ask for more --steps, or for smaller iterations "
              "(agent.rollout_steps)");
}

struct VerifyPlan {
  std::int64_t end = 0;    // step to train to
  std::int64_t count = 0;  // of cuts
  std::uint64_t seed = 0;  // they are drawn with
};

ExitCode run_verify_resume(const Args& args, const VerifyPlan& plan) {
  const std::int64_t end = plan.end;
  const bool json = args.has("--json");

  const InterruptGuard guard("\ntern: ending the run and removing it\n");
  ScratchFolder folder;
  std::vector<std::string> train = {"train", "--quiet", "--json"};
  train.insert(train.end(), args.words.begin(), args.words.end());
  for (const ParamValue& value : args.assignments) train.push_back(value.key + "=" + value.text);
  const auto with = [](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::string stop = std::to_string(end);

  const std::string whole = folder.path() + "/uninterrupted";
  std::cerr << "tern: training to step " << end << " without a stop\n";
  run_step(with(train, {"--out", whole, "--stop-at", stop}));
  const Ended expected = end_of(whole);
  if (!json) std::cout << expected.hash << "  uninterrupted to step " << expected.step << "\n";

  bool equal = true;
  Json results = Json::list();
  for (const std::int64_t cut : draw_cuts(plan.count, end, plan.seed)) {
    std::cerr << "tern: training to step " << cut << ", then going on in a new process\n";
    const Stopped stopped = stop_inside(train, folder.path(), cut, expected.step);
    run_step({"resume", stopped.run, "--quiet", "--json", "--stop-at", stop});
    const Ended ended = end_of(stopped.run);
    const bool same = ended.hash == expected.hash && ended.step == expected.step;
    equal = equal && same;
    if (!json) {
      std::cout << ended.hash << "  stopped at step " << stopped.step << ", resumed to step "
                << ended.step << (same ? "\n" : "  DIFFERENT\n");
    }
    results.push_back({{"cut", stopped.step},
                       {"step", ended.step},
                       {"parameters_sha256", ended.hash},
                       {"equal", same}});
  }
  if (!equal) {
    folder.keep();
    std::cerr << "tern: the runs are kept in " << folder.path() << "\n";
  }
  if (json) {
    print_json(Json({{"equal", equal},
                     {"step", expected.step},
                     {"parameters_sha256", expected.hash},
                     {"resumed", results}}));
  } else {
    std::cout << (equal ? "equal: resuming gives the same bits\n"
                        : "DIFFERENT: resuming changes the result\n");
  }
  return equal ? ExitCode::kSuccess : ExitCode::kFailure;
}

Work prepare_verify_resume(const Args& args) {
  const RunConfig config = resolve_run_config(config_from_words(args.words), args.assignments);
  const std::int64_t total = config.run.total_steps;
  VerifyPlan plan;
  plan.end = args.integer("--steps", std::min(kDefaultSteps, total), 2, total);
  plan.count = args.integer("--cuts", 1, 1, 1000);
  plan.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  return [args, plan] { return run_verify_resume(args, plan); };
}

}  // namespace

Command make_verify_resume_command() {
  Command command;
  command.name = "verify-resume";
  command.synopses = {"tern verify-resume CONFIG.yaml [key=value ...] [--steps N] [--cuts N]",
                      "tern verify-resume AGENT ENV [key=value ...] [--steps N] [--cuts N]"};
  command.summary = "show that a resumed run ends with the same bits as an uninterrupted one";
  command.help =
      "Trains once without a stop, then again with a stop at a random step and a new process that\n"
      "goes on, and compares the hashes of parameters, normalisers and optimiser state. Exit code "
      "1\n"
      "if they differ; the runs are kept then.\n"
      "\n"
      "Examples\n"
      "  tern verify-resume ppo CartPole-v1\n"
      "  tern verify-resume configs/dqn_cartpole.yaml --cuts 3 --steps 30000\n";
  command.options = {
      {"--steps", "N", "trained in all (default 20000, or the whole run if shorter)"},
      {"--cuts", "N", "how many stops to try, each in a run of its own (default 1)"},
      {"--seed", "N", "of the steps at which to stop (default 0)"},
      {"--json", "", "{\"equal\", \"parameters_sha256\", \"resumed\": [..]}"}};
  command.least_words = 1;
  command.most_words = 2;
  command.takes_assignments = true;
  command.prepare = prepare_verify_resume;
  return command;
}

}  // namespace tern::cli
