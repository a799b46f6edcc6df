// tern watch: a window in which a policy plays.

#include <unistd.h>

#include <memory>

#include "cli/process/interrupt.h"
#include "cli/text/run_or_env.h"
#include "core/drawing/raster_canvas.h"
#include "core/error.h"
#include "render/terminal.h"
#include "render/viewer.h"
#include "render/window.h"

namespace tern::cli {
namespace {

/// What the window shows while LibTorch loads.
void show_loading(Window& window, const std::string& word) {
  RasterCanvas picture(window.width(), window.height());
  const auto width = static_cast<float>(picture.width());
  const auto height = static_cast<float>(picture.height());
  picture.set_view({0, 0}, {width, height}, palette::kBackground);
  picture.text({width / 2, height / 2}, 14, "loading " + word, palette::kMuted, Align::kCenter);
  window.show(picture);
}

std::unique_ptr<Terminal> open_terminal(const std::string& shell_words) {
  try {
    return std::make_unique<Terminal>(STDIN_FILENO, STDOUT_FILENO);
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + " Record a film instead: tern record " + shell_words +
                    " -o out.gif",
                error.code());
  }
}

ExitCode watch_in_terminal(const ChosenPlayer& chosen) {
  std::unique_ptr<EpisodePlayer> player = chosen.make_player();
  const std::shared_ptr<Policy> policy = chosen.load_policy();
  Viewer viewer(std::move(player), [policy] { return policy; });
  const InterruptGuard guard("");
  const std::unique_ptr<Terminal> terminal = open_terminal(chosen.shell_words);
  ViewerLoopOptions options;
  options.should_close = InterruptGuard::is_interrupted;
  run_viewer(*terminal, viewer, options);
  return ExitCode::kSuccess;
}

ExitCode run_watch(const ChosenPlayer& chosen, PictureSize size) {
  std::unique_ptr<EpisodePlayer> player = chosen.make_player();
  const std::unique_ptr<Window> window = open_window(
      "tern watch " + chosen.word, size.width, size.height,
      "Watch in this terminal instead: tern watch " + chosen.shell_words +
          " --terminal; or record a film: tern record " + chosen.shell_words + " -o out.gif");
  show_loading(*window, chosen.word);
  const std::shared_ptr<Policy> policy = chosen.load_policy();
  Viewer viewer(std::move(player), [policy] { return policy; });
  ViewerLoopOptions options;
  options.picture_prefix = "watch";
  run_viewer(*window, viewer, options);
  return ExitCode::kSuccess;
}

Work prepare_watch(const Args& args) {
  const PictureSize size = size_option(args, "--size", {1024, 680});
  return [chosen = choose_player(args, "watch"), size, in_terminal = args.has("--terminal")] {
    return in_terminal ? watch_in_terminal(chosen) : run_watch(chosen, size);
  };
}

}  // namespace

Command make_watch_command() {
  Command command;
  command.name = "watch";
  command.synopses = {
      "tern watch RUN [key=value ...] [--seed N] [--stochastic] [--size WxH] [--terminal]",
      "tern watch ENV|./plugin.so [key=value ...]"};
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
      "  s            save a picture           h, ?         all keys\n"
      "\n"
      "The mouse drags the time line below the env; over the panel its wheel scrolls, a click on "
      "a\n"
      "title folds that part, and a pointer is told all digits.\n"
      "\n"
      "Without a display: --terminal, or 'tern record RUN -o out.gif'. While a run trains:\n"
      "'tern train .. --watch'.\n"
      "\n"
      "Examples\n"
      "  tern watch ppo_cartpole-s0\n"
      "  tern watch ppo_cartpole-s0@best --stochastic --seed 7\n"
      "  tern watch ppo_cartpole-s0 env.gravity=15\n"
      "  tern watch FrozenLake-v1 map=8x8\n";
  command.options = {{"--size", "WxH", "pixels of the window (default 1024x680)"},
                     {"--terminal", "", "in this terminal, without a display"}};
  for (const Option& option : player_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_watch;
  return command;
}

}  // namespace tern::cli
