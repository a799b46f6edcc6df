// tern watch: a window in which a policy plays.

#include <memory>

#include "cli/text/run_or_env.h"
#include "core/drawing/raster_canvas.h"
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

ExitCode run_watch(const ChosenPlayer& chosen, PictureSize size) {
  std::unique_ptr<EpisodePlayer> player = chosen.make_player();
  const std::unique_ptr<Window> window =
      open_window("tern watch " + chosen.word, size.width, size.height,
                  "Record a film instead: tern record " + chosen.shell_words + " -o out.gif");
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
  return [chosen = choose_player(args), size] { return run_watch(chosen, size); };
}

}  // namespace

Command make_watch_command() {
  Command command;
  command.name = "watch";
  command.synopses = {"tern watch RUN [--seed N] [--stochastic] [--size WxH]",
                      "tern watch ENV|./plugin.so [key=value ...]"};
  command.summary = "see a policy play in a window";
  command.help =
      "A run is played by its policy, an env by random actions, in real time. Beside the env "
      "stand\n"
      "the return, the value, what the policy thinks of each action and the observation by name.\n"
      "\n"
      "Keys\n"
      "  space        pause, go on             r        next episode\n"
      "  right, n     one step                 s        save a picture: watch-1.png, ..\n"
      "  up, +        faster, up to 64 times   h, ?     all keys\n"
      "  down, -      slower, down to 1/8      q, esc   quit\n"
      "\n"
      "Without a display: 'tern record RUN -o out.gif'. While a run trains: 'tern train .. "
      "--watch'.\n"
      "\n"
      "Examples\n"
      "  tern watch ppo_cartpole-s0\n"
      "  tern watch ppo_cartpole-s0@best --stochastic --seed 7\n"
      "  tern watch FrozenLake-v1 map=8x8\n";
  command.options = {{"--size", "WxH", "pixels of the window (default 1024x680)"}};
  for (const Option& option : player_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_watch;
  return command;
}

}  // namespace tern::cli
