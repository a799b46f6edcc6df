// tern serve: runs in a browser, live, for a machine without a display.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "agents/run/run_folder.h"
#include "agents/run/run_ref.h"
#include "cli/http/http_library.h"
#include "cli/process/interrupt.h"
#include "cli/serve/run_files.h"
#include "cli/serve/site.h"
#include "cli/text/print_json.h"
#include "cli/text/run_env_options.h"
#include "cli/viewing/preparations.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"

namespace tern::cli {
namespace {

constexpr int kUsualPort = 8420;
constexpr int kPatience = 5;  // nice value: trainings come first

struct Plan {
  RunBoard::Options board;
  EpisodeMaker::Options episodes;
  std::string host = "127.0.0.1";
  int port = kUsualPort;
  bool takes_any_port = true;  // where the usual one is taken
  bool is_quiet = false, as_json = false;
};

/// The folder of a run that is written without one of its checkpoints.
std::string run_folder_of(const std::string& word) {
  const RunRef ref = find_run(word);
  const std::size_t at = word.rfind('@');
  if (at != std::string::npos && !is_run_folder(word) && !is_run_folder("runs/" + word)) {
    throw Error("tern serve shows all checkpoints of a run; leave '" + word.substr(at) +
                "' out: tern serve " + shell_word(word.substr(0, at)));
  }
  return ref.run;
}

/// The folder that `word` means where it holds runs instead of being one; "": it does not.
std::string folder_of_runs(const std::string& word) {
  for (const std::string& folder : {word, "runs/" + word}) {
    if (holds_run(folder)) return "";
  }
  for (const std::string& folder : {word, "runs/" + word}) {
    if (!word.empty() && is_folder(folder)) {
      return std::filesystem::path(folder + "/").lexically_normal().parent_path().string();
    }
  }
  return "";
}

void add_new(const std::string& folder, std::vector<std::string>& folders) {
  const bool is_there = std::any_of(folders.begin(), folders.end(), [&](const std::string& other) {
    std::error_code error;
    return std::filesystem::equivalent(other, folder, error);
  });
  if (!is_there) folders.push_back(folder);
}

void read_words(const std::vector<std::string>& words, RunBoard::Options& board) {
  for (const std::string& word : words) {
    if (const std::string folder = folder_of_runs(word); !folder.empty()) {
      add_new(folder, board.folders);
    } else {
      add_new(run_folder_of(word), board.named);
    }
  }
}

/// " below runs/"; "": all are named.
std::string place_of(const RunBoard::Options& board) {
  std::string text;
  for (const std::string& folder : board.folders) {
    text += (text.empty() ? " below " : ", ") + folder + "/";
  }
  if (board.named.empty() && text.empty()) return " below " + board.runs_folder + "/";
  return board.named.empty() ? text : "";
}

/// The usual port, or any other where that is taken.
std::unique_ptr<HttpServer> listen(const Plan& plan) {
  try {
    return open_http_server(plan.host, plan.port);
  } catch (const Error&) {
    if (!plan.takes_any_port) throw;
    return open_http_server(plan.host, 0);
  }
}

void announce(const Plan& plan, const Access& access, int port, const std::string& token,
              RunBoard& board) {
  const std::size_t num_runs = board.cards().size();
  if (plan.as_json) {
    Json document = {{"address", access.address()},
                     {"host", plan.host},
                     {"port", port},
                     {"token", token.empty() ? Json() : Json(token)},
                     {"runs", num_runs}};
    print_json(document);
  } else {
    std::cout << access.address() << "\n";
  }
  std::cout.flush();
  if (!std::cout) throw Error::failure("cannot write to standard output: is the disk full?");
  if (plan.is_quiet) return;
  std::cerr << "tern: serving " << num_runs << (num_runs == 1 ? " run" : " runs")
            << place_of(plan.board) << "; open the address in a browser. Ctrl-C ends it"
            << std::endl;
  if (board.has_more()) {
    std::cerr << "tern: there are more runs than the page lists; name those that you want: tern "
                 "serve RUN .."
              << std::endl;
  }
  if (!token.empty()) {
    std::cerr << "tern: other machines can open it; whoever has the address sees the runs. Nothing "
                 "is encrypted"
              << std::endl;
  }
}

ExitCode run_serve(const Plan& plan) {
  setpriority(PRIO_PROCESS, 0, kPatience);
  const std::string token = is_loopback(plan.host) ? "" : random_token();
  const std::unique_ptr<HttpServer> server = listen(plan);
  const Access access(plan.host, server->port(), token);
  RunBoard board(plan.board);
  EpisodeMaker maker(plan.episodes);
  Site site(access, board, maker);
  const InterruptGuard guard("");
  server->serve([&site](const HttpRequest& request) { return site.answer(request); });
  announce(plan, access, server->port(), token, board);
  while (!InterruptGuard::is_interrupted()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  end_by_noted_signal();  // at once, whatever is being played: nothing is left to be saved
  return ExitCode::kSuccess;
}

void read_plugin_words(const Args& args, Plan& plan) {
  const std::vector<std::string>& runs = plan.board.named;
  const RunEnvWords words = run_env_words(args, "serve");
  if (words.trust && runs.empty()) {
    throw Error("--trust answers for the plugins of runs that are named: tern serve RUN --trust");
  }
  if (words.trust) plan.episodes.trusted.insert(runs.begin(), runs.end());
  if (words.env.empty()) return;
  if (runs.size() != 1) {
    throw Error("--env says where the plugin of one run lies: tern serve RUN --env " +
                shell_word(words.env));
  }
  plan.episodes.plugins[runs[0]] = words.env;
}

}  // namespace

Work prepare_serve(const Args& args) {
  Plan plan;
  read_words(args.words, plan.board);
  plan.host = args.text("--host", plan.host);
  if (plan.host.empty())
    throw Error("option --host: expected a name or an address of this machine");
  plan.port = static_cast<int>(args.integer("--port", kUsualPort, 0, 65535));
  plan.takes_any_port = !args.has("--port");
  plan.episodes.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  plan.episodes.explains = args.has("--why");
  plan.episodes.stochastic = args.has("--stochastic");
  plan.episodes.cut_after = static_cast<int>(args.integer("--steps", 5000, 1, 100'000));
  plan.is_quiet = args.has("--quiet");
  plan.as_json = args.has("--json");
  read_plugin_words(args, plan);
  return [plan] { return run_serve(plan); };
}

}  // namespace tern::cli
