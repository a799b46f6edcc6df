// tern play: a window in which a person plays an env.

#include "cli/commands/viewing_commands.h"

namespace tern::cli {

Command make_play_command() {
  Command command;
  command.name = "play";
  command.synopses = {"tern play ENV|./plugin.so [key=value ...] [--seed N] [-o FILE]"};
  command.summary = "play an env yourself, in a window";
  command.help =
      "The window begins with the goal and the keys that mean something in this env; any key "
      "starts.\n"
      "An env of turns waits for you, the others run in real time after a countdown. Beside the "
      "env\n"
      "stand the score and the observation by name: what an agent would see.\n"
      "\n"
      "Keys\n"
      "  arrows, letters, digits, space   the env's own\n"
      "  F1   help              F3   pause, go on      F4   save a picture: play-1.png, ..\n"
      "  F2   new episode       esc  quit              F5, F6  slower, faster\n"
      "\n"
      "-o FILE keeps what you play. Into a .tern file each episode is added when it ends, and the\n"
      "last one as far as it went when you leave; F2 gives one up. Its lines are documents of "
      "'tern\n"
      "rollout --json', which agents with a replay buffer begin with: tern train sac ENV\n"
      "demonstrations=FILE. 'tern watch ENV --actions FILE' shows its first episode again, FILE:3\n"
      "the third. A .gif, .mp4, .webm, .html or .png is written when you leave, as by 'tern "
      "record'.\n"
      "\n"
      "Examples\n"
      "  tern play CartPole-v1\n"
      "  tern play CartPole-v1 -o demo.tern\n"
      "  tern play FrozenLake-v1 map=8x8 slippery=false\n"
      "  tern play ./build/libmy_env.so --seed 3\n";
  command.options = {
      {"--out", "FILE", "keep the episodes: demonstrations (.tern), a film or a page", "-o"},
      {"--seed", "N", "of the envs (default 0)"},
      {"--steps", "N", "most steps of an episode (default: its time limit, or 100000)"},
      {"--size", "WxH", "pixels of the window (default 1024x680)"}};
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = [](const Args& args) { return viewing_commands().prepare_play(args); };
  return command;
}

}  // namespace tern::cli
