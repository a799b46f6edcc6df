// tern play: a window in which a person plays an env.

#include <memory>

#include "cli/viewing/preparations.h"
#include "core/shell_word.h"
#include "render/game.h"
#include "render/viewer_loop.h"
#include "render/window.h"

namespace tern::cli {
namespace {

ExitCode run_play(const ChosenPlayer& chosen, PictureSize size) {
  Game game(make_player(chosen), "See it with random actions: tern watch " + chosen.shell_words);
  const std::unique_ptr<Window> window = open_window(
      "tern play " + chosen.word, size.width, size.height,
      "Without one, see it as a film: tern record " + chosen.shell_words + " -o out.gif",
      KeyUse::kPlayer);
  ViewerLoopOptions options;
  options.picture_prefix = "play";
  run_viewer(*window, game, options);
  return ExitCode::kSuccess;
}

}  // namespace

Work prepare_play(const Args& args) {
  ChosenPlayer chosen = choose_player(args, "watch");
  if (chosen.has_policy) {
    throw Error("'" + chosen.word + "' is a run, which plays itself: tern watch " +
                chosen.shell_words + ". To play its env: tern play " + shell_word(chosen.env_word));
  }
  chosen.episode.by_hand = true;
  const PictureSize size = size_option(args, "--size", {1024, 680});
  return [chosen, size] { return run_play(chosen, size); };
}

}  // namespace tern::cli
