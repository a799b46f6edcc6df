// tern serve: runs in a browser, live, for a machine without a display.

#include "cli/commands/viewing_commands.h"

namespace tern::cli {

Command make_serve_command() {
  Command command;
  command.name = "serve";
  command.synopses = {"tern serve [RUN|FOLDER ..] [--port N] [--host ADDRESS]"};
  command.summary = "show runs in a browser, live; for a machine without a display";
  command.help =
      "Prints an address to open in a browser: the runs that are named, all below folders that "
      "are\n"
      "named, or all below runs/, in folders of folders too (links are not followed); each with "
      "its learning curve and an episode that its newest policy plays. While 'live' is on,\n"
      "the page plays on and on, with newer policies as another process trains them. The time\n"
      "line, the keys and the panel are those of 'tern record RUN -o out.html'. A click on a full\n"
      "dot of the curve plays the policy of that evaluation.\n"
      "\n"
      "Only this machine can open the page, unless --host says otherwise: then the address has a\n"
      "token in it, without which nothing is shown. From elsewhere, over SSH:\n"
      "  ssh -L 8420:127.0.0.1:8420 MACHINE      then open http://127.0.0.1:8420/\n"
      "\n"
      "The folders are read and nothing is written, at a low priority beside trainings. Plugins\n"
      "are loaded as by 'tern watch': those of runs that you have trained or trusted. Ctrl-C ends\n"
      "it.\n"
      "\n"
      "Examples\n"
      "  tern serve\n"
      "  tern serve ppo_cartpole-s0 ppo_cartpole-s1 --port 0\n"
      "  tern serve sweeps/lander\n"
      "  tern serve --host 0.0.0.0\n";
  command.options = {
      {"--port", "N", "to listen on; 0: any free one (default 8420, or any where that is taken)"},
      {"--host", "ADDRESS", "to listen on (default 127.0.0.1); 0.0.0.0: all of this machine"},
      {"--seed", "N", "of the first episode; of each one after it one more (default 0)"},
      {"--stochastic", "", "draw actions as in training instead of taking the best"},
      {"--steps", "N", "most steps of an episode (default 5000)"},
      {"--why", "", "explain steps also where it takes long, for 10 s an episode"},
      {"--env", "PATH", "the plugin of the one run that is named, where it lies now"},
      {"--trust", "", "load the plugins of the named runs, now and later"},
      {"--quiet", "", "print the address and nothing else"},
      {"--json", "", "{\"address\", \"host\", \"port\", \"token\", \"runs\"}, then serve"}};
  command.most_words = 1000;
  command.prepare = [](const Args& args) { return viewing_commands().prepare_serve(args); };
  return command;
}

}  // namespace tern::cli
