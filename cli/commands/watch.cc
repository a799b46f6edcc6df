// tern watch: a window in which a policy plays.

#include "cli/commands/viewing_commands.h"
#include "cli/text/run_or_env.h"

namespace tern::cli {

Command make_watch_command() {
  Command command;
  command.name = "watch";
  command.synopses = {
      "tern watch RUN [key=value ...] [--seed N] [--stochastic] [--break CONDITION]",
      "tern watch RUN [--against RUN2] [--envs N] [--size WxH] [--terminal]",
      "tern watch RUN --follow", "tern watch ENV|./plugin.so [key=value ...]"};
  command.summary = "see a policy play in a window";
  command.help =
      "A run is played by its policy, an env by random actions, in real time. key=value words\n"
      "configure the env; of a run they change what it was trained with. Beside the env stand the\n"
      "return, the value, what the policy thinks of each action and the observation by name.\n"
      "\n"
      "Keys\n"
      "  space        pause, go on             left, b      a step back\n"
      "  right, n     a step forth             home, end    first step, live\n"
      "  up, +        faster                   page up      the episode before\n"
      "  down, -      slower                   r            a new episode\n"
      "  s            save a picture           F11          full screen\n"
      "  h, ?         all keys\n"
      "  v            values of cells, their optimum, the difference, visits, none\n"
      "  w            why: gradient x input, integrated gradients, occlusion, none\n"
      "  e            why: what it does, its value ..\n"
      "  tab          take over by hand, with the keys of 'tern play'; hand back\n"
      "  1 .. 9, 0    what if: that action     o            the panel of the other of two\n"
      "  f            the newest policy        [, ]         that of the checkpoint before, after\n"
      "  g            4, 9, 16 envs, one       t, T         the next of them, the one before\n"
      "\n"
      "The mouse drags the time line below the env; over the panel its wheel scrolls, a click on "
      "a\n"
      "title folds that part, and a pointer is told all digits.\n"
      "\n"
      "--follow plays the newest checkpoint of a run that another process trains, whenever one\n"
      "appears, and shows the learning curve: a line for the training return, dots for "
      "evaluations.\n"
      "A click on a full dot plays the policy of its checkpoint, f the newest again.\n"
      "\n"
      "--break pauses at each step that satisfies a condition, and may be given several times: a\n"
      "quantity, one of > >= < <= == !=, and a number or an action's name. Quantities are reward,\n"
      "return, value, td_error, entropy, probability, return_deviation, step, action and "
      "obs.FIELD;\n"
      "terminated and truncated stand alone.\n"
      "\n"
      "--against plays another run or checkpoint (of an env, random actions) beside it, every\n"
      "episode from the same beginning, and marks the first step where they differ.\n"
      "\n"
      "--envs plays so many envs at once, each with a seed of its own, from --seed on. A click on "
      "one\n"
      "puts it into the panel and on the time line; a condition of --break that one reaches does, "
      "too.\n"
      "\n"
      "Without a display: --terminal, or 'tern record RUN -o out.gif'. In one process with the\n"
      "training: 'tern train .. --watch'.\n"
      "\n"
      "Examples\n"
      "  tern watch ppo_cartpole-s0\n"
      "  tern watch ppo_cartpole-s0 --follow\n"
      "  tern watch ppo_cartpole-s0@best --stochastic --seed 7\n"
      "  tern watch ppo_cartpole-s0 env.gravity=15\n"
      "  tern watch ppo_cartpole-s0 --break 'td_error < -5' --break 'entropy < 0.05'\n"
      "  tern watch ppo_cartpole-s0 --against ppo_cartpole-s0@best\n"
      "  tern watch ppo_cartpole-s0 --envs 9\n"
      "  tern watch FrozenLake-v1 map=8x8\n";
  command.options = {
      {"--follow", "", "play the newest checkpoint while the run trains elsewhere"},
      {"--break", "CONDITION", "pause where it holds: 'reward != 0' (repeatable)", "",
       /*is_repeatable=*/true},
      {"--against", "RUN2", "another run or checkpoint beside it, on the same seed"},
      {"--envs", "N", "so many envs of the policy at once, 1 to 16 (default 1)"},
      {"--size", "WxH", "pixels of the window (default as it was last, at first 1024x680)"},
      {"--terminal", "", "in this terminal, without a display"},
      {"--actions", "FILE",
       "begin with the episode of a file, as of 'tern rollout --actions', and go on"},
      {"--keep-place", "FILE",
       "write there, for --actions, what was shown when SIGTERM ended the window"}};
  for (const Option& option : player_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = [](const Args& args) { return viewing_commands().prepare_watch(args); };
  return command;
}

}  // namespace tern::cli
