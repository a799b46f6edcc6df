// tern play: a window in which a person plays an env.

#include <iostream>
#include <memory>
#include <optional>

#include "cli/process/interrupt.h"
#include "cli/viewing/demonstration_file.h"
#include "cli/viewing/preparations.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"
#include "envs/registry/configured_spec.h"
#include "render/game.h"
#include "render/recorder.h"
#include "render/viewer_loop.h"
#include "render/window.h"

namespace tern::cli {
namespace {

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// Where the episodes go that a person plays: into a file of demonstrations, each when it ends, or
/// into a film or page, all of them in the end.
class PlayedEpisodes {
 public:
  PlayedEpisodes(const std::string& path, const ChosenPlayer& chosen) : path_(path) {
    if (path.empty()) return;
    if (is_recording_path(path)) {
      check_recording_path(path);
    } else {
      const EnvSpec spec = configured_spec(*chosen.entry, chosen.params);
      demonstrations_.emplace(path, spec, chosen.params);
    }
  }

  void connect(Game& game) {
    if (path_.empty()) return;
    game.keep_episodes([this](const Episode& episode) { return keep(episode); });
  }

  /// Writes what is not written yet, and says what there is.
  void finish(const std::string& env_words) {
    if (path_.empty()) return;
    if (demonstrations_) {
      if (demonstrations_->episodes() == 0) return say_nothing();
      std::cout << "added " << counted(demonstrations_->episodes(), "episode") << " ("
                << counted(demonstrations_->steps(), "step") << ") to " << path_
                << "; learn from them: tern train sac " << env_words
                << " demonstrations=" << shell_word(path_) << "\n";
      return;
    }
    if (episodes_.empty()) return say_nothing();
    std::cerr << "tern: writing " << path_ << std::endl;  // a long film takes a while
    const RecordResult result = write_recording(path_, episodes_, {});
    std::cout << "wrote " << path_ << ": " << counted(episodes_.size(), "episode") << ", "
              << size_text(result.bytes) << "\n";
  }

 private:
  /// Returns what the person is told.
  std::string keep(const Episode& episode) {
    if (demonstrations_) {
      demonstrations_->add(episode);
      return "added episode " + std::to_string(demonstrations_->episodes()) + " to " + path_;
    }
    episodes_.push_back(episode);
    return counted(episodes_.size(), "episode") + " for " + path_ + ", written when you leave";
  }
  void say_nothing() const { std::cout << "no step was played: " << path_ << " is as it was\n"; }

  std::string path_;  // "": nothing is kept
  std::optional<DemonstrationFile> demonstrations_;
  std::vector<Episode> episodes_;
};

ExitCode run_play(const ChosenPlayer& chosen, PictureSize size, const std::string& out) {
  PlayedEpisodes episodes(out, chosen);
  Game game(make_player(chosen), "See it with random actions: tern watch " + chosen.shell_words);
  episodes.connect(game);
  const std::unique_ptr<Window> window = open_window(
      "tern play " + chosen.word + (out.empty() ? "" : ", kept in " + out), size.width, size.height,
      "Without one, see it as a film: tern record " + chosen.shell_words + " -o out.gif",
      KeyUse::kPlayer);
  ViewerLoopOptions options;
  options.picture_prefix = "play";
  std::optional<InterruptGuard> guard;
  if (!out.empty()) {  // Ctrl-C leaves, and what was played is kept
    guard.emplace("");
    options.should_close = InterruptGuard::is_interrupted;
  }
  run_viewer(*window, game, options);
  game.leave();
  episodes.finish(chosen.shell_words);
  return ExitCode::kSuccess;
}

/// Throws Error unless the name says what to write.
void check_out(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : path.substr(dot);
  if (is_recording_path(path) || ending == ".tern" || ending == ".json" || ending == ".jsonl")
    return;
  throw Error("option --out: '" + path +
              "' does not say what to write; expected a name that ends in .tern (demonstrations, "
              "which 'tern train' reads), .gif, .mp4 or .webm (a film), .html (a page) or .png");
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
  const std::string out = args.text("--out");
  if (args.has("--out")) {
    check_out(out);
    PlayedEpisodes(out, chosen);  // throws for a file that cannot be written or added to
  }
  return [chosen, size, out] { return run_play(chosen, size, out); };
}

}  // namespace tern::cli
