#include "cli/text/help.h"

#include <algorithm>

namespace tern::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

}  // namespace

std::string overall_help(const std::vector<Command>& commands) {
  std::string text =
      "tern: reinforcement learning in C++. Trains agents, shows what they do, takes your envs.\n"
      "\n"
      "First steps\n"
      "  tern train ppo CartPole-v1        train, evaluate and keep the run in runs/\n"
      "  tern watch ppo_CartPole-v1-s0     see it play\n"
      "  tern list                         which envs and agents there are\n"
      "  tern describe CartPole-v1         what an env shows, takes and pays\n"
      "  tern new-env maze                 start an env of your own\n"
      "\n"
      "Commands\n";
  for (const Command& command : commands) {
    text += "  " + padded(command.name, 15) + command.summary + "\n";
  }
  text +=
      "\n"
      "Words that stand in many commands\n"
      "  ENV        an id ('tern list envs') or a plugin: ./libmaze.so, ./maze.py, "
      "./libmaze.so:Maze-v0\n"
      "             or an env of Gymnasium's: gym:CartPole-v1\n"
      "  AGENT      ppo, dqn, sac, ... ('tern list agents')\n"
      "  RUN        a run's folder or its name under runs/; RUN@best, RUN@4096: that checkpoint\n"
      "  key=value  env.gravity=5, agent.gamma=0.9, run.seed=3; the section may be left out where\n"
      "             only one has the key\n"
      "  --json     one JSON document on standard output, all else on standard error\n"
      "\n"
      "'tern COMMAND --help' explains a command. Exit codes: 0 good; 1 the work failed; 2 the "
      "call\n"
      "was wrong. 'tern --check COMMAND ..' says what is wrong with its words and does no more.\n";
  return text;
}

std::string command_help(const Command& command) {
  std::string text = "tern " + command.name + ": " + command.summary + "\n\nUsage\n";
  for (const std::string& synopsis : command.synopses) text += "  " + synopsis + "\n";
  text += "\n" + command.help;
  if (text.back() != '\n') text += '\n';
  text += "\nOptions\n";
  for (const Option& option : command.options) {
    const std::string name = (option.letter.empty() ? "" : option.letter + ", ") + option.name +
                             (option.value.empty() ? "" : " " + option.value);
    text += "  " + padded(name, 20) + option.doc + "\n";
  }
  text += "  " + padded("--help", 20) + "this text\n";
  return text;
}

}  // namespace tern::cli
