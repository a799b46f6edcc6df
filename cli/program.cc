// The command line: finds the command, hands it its words, turns errors into messages and exit
// codes.

#include "cli/program.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "cli/process/agents_library.h"
#include "cli/process/document_output.h"
#include "cli/process/interrupt.h"
#include "cli/text/command.h"
#include "cli/text/help.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/utf8.h"
#include "core/version.h"
#include "envs/call_record/end_watch.h"
#include "envs/call_record/fatal_report.h"

namespace tern::cli {

Command make_train_command();
Command make_resume_command();
Command make_verify_resume_command();
Command make_eval_command();
Command make_list_command();
Command make_describe_command();
Command make_rollout_command();
Command make_record_command();
Command make_watch_command();
Command make_play_command();
Command make_serve_command();
Command make_check_env_command();
Command make_bench_command();
Command make_doctor_command();
Command make_exec_command();
Command make_new_env_command();
Command make_dev_command();

namespace {

std::vector<Command> all_commands() {
  return {make_train_command(),    make_resume_command(),  make_verify_resume_command(),
          make_eval_command(),     make_watch_command(),   make_play_command(),
          make_record_command(),   make_serve_command(),   make_list_command(),
          make_describe_command(), make_rollout_command(), make_check_env_command(),
          make_new_env_command(),  make_dev_command(),     make_bench_command(),
          make_doctor_command(),   make_exec_command()};
}

void print_error(const std::string& message) {
  const char* terminal = std::getenv("TERM");
  const bool colour = isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr &&
                      terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
  std::cout.flush();
  std::cerr << (colour ? "\033[1;31mtern: error:\033[0m " : "tern: error: ") << shown(message)
            << std::endl;
}

const Command& find_command(const std::vector<Command>& commands, const std::string& name) {
  std::vector<std::string> names = {"help", "--help", "--version"};
  for (const Command& command : commands) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  throw Error("unknown command '" + name + "'." + did_you_mean(name, names) +
              " ('tern --help' shows all)");
}

bool asks_for_help(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

ExitCode run(std::vector<std::string> words) {
  const std::vector<Command> commands = all_commands();
  if (words.empty()) {
    std::cerr << overall_help(commands);
    return ExitCode::kUsage;
  }
  const bool only_checks = words.front() == "--check" && words.size() > 1;
  if (only_checks) words.erase(words.begin());
  const std::string name = words.front();
  words.erase(words.begin());
  if (name == "--version" || name == "version") {
    std::cout << "tern " << version() << "\n";
    return ExitCode::kSuccess;
  }
  if (name == "--help" || name == "-h" || name == "help") {
    std::cout << (words.empty() ? overall_help(commands)
                                : command_help(find_command(commands, words.front())));
    return ExitCode::kSuccess;
  }
  const Command& command = find_command(commands, name);
  if (asks_for_help(words)) {
    std::cout << command_help(command);
    return ExitCode::kSuccess;
  }
  const Args args = parse_args(command, words);
  if (args.has("--json")) keep_output_for_document();
  const Work work =
      command.prepare ? command.prepare(args) : Work([&] { return command.run(args); });
  return only_checks ? ExitCode::kSuccess : work();
}

/// Runs a command and says what went wrong.
ExitCode run_and_report(const std::vector<std::string>& words) {
  try {
    ExitCode code = run(words);
    std::cout.flush();
    if (!std::cout) {
      print_error("cannot write to standard output: is the disk full?");
      code = ExitCode::kFailure;
    }
    return code;
  } catch (const Error& error) {
    print_error(error.what());
    return error.code();
  } catch (const std::bad_alloc&) {
    print_error("out of memory; try fewer envs, a smaller buffer or a smaller network");
    return ExitCode::kFailure;
  } catch (const std::system_error& error) {  // too many threads, a folder that went away
    print_error(std::string("the system refused: ") + error.what());
    return ExitCode::kFailure;
  } catch (const std::exception& error) {
    print_error(std::string("internal error: ") + error.what() +
                ". This is a defect of Tern; please report it with the command that shows it");
    return ExitCode::kFailure;
  } catch (...) {  // of an env or an agent that the program itself links
    print_error("something was thrown that is no std::exception; throw tern::Error with a text");
    return ExitCode::kFailure;
  }
}

}  // namespace

int run_program(int argc, char** argv) {
  settle_compute_of_linked_agents(argv);
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  report_ends_by_envs();
  std::signal(SIGXFSZ, SIG_IGN);  // past 'ulimit -f' a write says so, and is reported
  const ExitCode code = run_and_report(std::vector<std::string>(argv + 1, argv + argc));
  stop_end_watch();
  end_by_noted_signal();
  return static_cast<int>(code);
}

}  // namespace tern::cli
