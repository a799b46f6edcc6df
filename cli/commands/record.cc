// tern record: episodes as a film, a film strip or a page, without a display.

#include "cli/commands/viewing_commands.h"
#include "cli/text/run_or_env.h"

namespace tern::cli {

Command make_record_command() {
  Command command;
  command.name = "record";
  command.synopses = {
      "tern record RUN [key=value ...] -o out.gif|mp4|webm|html|png [--episodes N] [--fps N]",
      "tern record ENV|./plugin.so [key=value ...] -o out.gif|mp4|webm|html|png"};
  command.summary =
      "write episodes as a film, a page to step through or a film strip; needs no display";
  command.help =
      "A run is played by its policy, an env by random actions. key=value words configure the env; "
      "of\n"
      "a run they change what it was trained with. Below the env stand the step, the return and "
      "what\n"
      "the policy thinks: its value and the probability of each action.\n"
      "\n"
      "A film plays in real time (--speed); steps between its frames are left out, and the end of\n"
      "an episode stays for a second. A .gif repeats; .mp4 and .webm are made by the program "
      "ffmpeg.\n"
      "A .html is one file to open in a browser, without a network: the env as vectors, a time "
      "line,\n"
      "values, action bars, rewards and observations of every step, and what the policy's outputs "
      "rest\n"
      "on; --why asks for that where it takes long, of images above all. A .png shows moments of "
      "the\n"
      "episodes from first to last; --frames 1 is the last moment alone. An old file is replaced "
      "only\n"
      "when the new one is whole.\n"
      "\n"
      "Examples\n"
      "  tern record ppo_cartpole-s0 -o cartpole.gif\n"
      "  tern record ppo_cartpole-s0 -o cartpole.html\n"
      "  tern record ppo_lander-s0 -o slow.mp4 --speed 1/4 --fps 30 --steps 200\n"
      "  tern record ppo_lander-s0 -o thoughts.mp4 --panels --size 1024x680\n"
      "  tern record ppo_cartpole-s0@best -o strip.png --frames 8 --size 1200x600\n"
      "  tern record FrozenLake-v1 map=8x8 -o lake.gif --episodes 3 --seed 7\n";
  command.options = {{"--out", "FILE", "what to write; its ending says what it becomes", "-o"},
                     {"--episodes", "N", "how many (default 1)"},
                     {"--size", "WxH", "pixels of the picture (default 640x480)"},
                     {"--fps", "N", "frames a second of a film (default: the env's, at most 25)"},
                     {"--speed", "X", "of a film: 2 is twice as fast as the env, 1/4 slow motion"},
                     {"--panels", "", "of a film: each frame as the window of watch, with its panel"},
                     {"--frames", "N", "moments of a film strip (default 6)"},
                     {"--why", "", "explain every step of a page, also where it takes long"}};
  for (const Option& option : player_options()) command.options.push_back(option);
  command.options.push_back(
      {"--json", "", "{\"file\", \"env\", \"frames\", \"bytes\", \"returns\", ..}"});
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = [](const Args& args) { return viewing_commands().prepare_record(args); };
  return command;
}

}  // namespace tern::cli
