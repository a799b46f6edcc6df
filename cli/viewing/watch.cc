// tern watch: a window in which a policy plays.

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/process/agents_library.h"
#include "cli/process/interrupt.h"
#include "cli/rollout/episode_script_file.h"
#include "cli/viewing/followed_run.h"
#include "cli/viewing/preparations.h"
#include "cli/viewing/window_layout.h"
#include "core/drawing/raster_canvas.h"
#include "core/error.h"
#include "envs/registry/configured_spec.h"
#include "render/breakpoint.h"
#include "render/terminal.h"
#include "render/training_viewer.h"
#include "render/viewer_loop.h"
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

/// Who is watched where.
struct Plan {
  ChosenPlayer chosen;
  bool follows = false;  // the newest policy of the run, whenever there is one
  bool in_terminal = false;
  std::size_t envs = 1;  // that play at once
  WindowLayout layout;   // of the window before it
  PictureSize size;     // of the window
  std::string actions;  // a file that the first episode is begun from; "": none
  std::string
      keep_place;  // a file that the place is written to by a window that is ended; "": none
  std::vector<Breakpoint> breakpoints;
  std::optional<ChosenPlayer> rival;  // plays beside it
};

/// What is at hand when the window is to be closed for another one: where it stands.
class KeptPlace {
 public:
  explicit KeptPlace(const Plan& plan) : plan_(plan) {
    if (plan.in_terminal || !plan.keep_place.empty()) guard_.emplace("");
  }
  void begin(Viewer& viewer, ViewerLoopOptions& options) const {
    const bool is_paused = !plan_.actions.empty() && is_paused_script(plan_.actions);
    if (is_paused && !viewer.is_paused()) viewer.press(ViewerKey::kPause);
    if (!plan_.keep_place.empty()) options.should_close = InterruptGuard::is_interrupted;
  }
  void end(Viewer& viewer) const {
    if (plan_.keep_place.empty() || !InterruptGuard::is_interrupted()) return;
    const std::optional<EpisodeScript> place = viewer.place();
    if (!place) return;
    write_episode_script(*viewer.frame().spec, *place, viewer.is_paused(), plan_.keep_place);
  }

 private:
  const Plan& plan_;
  std::optional<InterruptGuard> guard_;
};

/// Where the policies come from: a run that is followed, or one policy.
class PolicyFeed {
 public:
  explicit PolicyFeed(const Plan& plan) {
    if (!plan.follows) {
      policy_ = plan.chosen.load_policy();
      return;
    }
    const auto load = [&agents = agents_library()](const std::string& checkpoint) {
      return std::shared_ptr<Policy>(agents.load_policy(checkpoint));
    };
    run_ = std::make_unique<FollowedRun>(RunFollower(plan.chosen.run, plan.chosen.config, load));
  }

  std::shared_ptr<Policy> policy() const { return run_ == nullptr ? policy_ : run_->policy(); }
  void connect(ViewerLoopOptions& options) {
    if (run_ == nullptr) return;
    options.before_frame = [this](Viewer& viewer) { run_->update(viewer); };
    options.cpu_share = [this] { return run_->is_running() ? share_while_training() : 1.0; };
  }

 private:
  std::shared_ptr<Policy> policy_;
  std::unique_ptr<FollowedRun> run_;
};

/// Who plays beside `chosen`, from the same beginnings; none without --against.
std::optional<ChosenPlayer> choose_rival(const Args& args, const ChosenPlayer& chosen) {
  if (!args.has("--against")) return std::nullopt;
  Args words = args;
  words.words = {args.text("--against")};
  ChosenPlayer rival = choose_player(words, "watch");
  const std::string &id = chosen.entry->spec.id, &rival_id = rival.entry->spec.id;
  if (rival_id != id) {
    throw Error("--against: '" + rival.word + "' plays " + rival_id + ", and '" + chosen.word +
                "' plays " + id + "; expected the same env");
  }
  rival.episode = chosen.episode;
  return rival;
}

void set_up(Viewer& viewer, const Plan& plan) {
  if (plan.rival) {
    viewer.compare_with({make_player(*plan.rival),
                         [policy = plan.rival->load_policy()] { return policy; },
                         {plan.chosen.word, plan.rival->word}});
  }
  viewer.set_discount(discount(plan.chosen.config));
  if (plan.envs > 1) viewer.show_envs(plan.envs);
  viewer.set_breakpoints(plan.breakpoints);
}

ExitCode watch_in_terminal(const Plan& plan) {
  std::unique_ptr<EpisodePlayer> player = make_player(plan.chosen);
  PolicyFeed feed(plan);
  Viewer viewer(std::move(player), [&feed] { return feed.policy(); });
  set_up(viewer, plan);
  const KeptPlace place(plan);
  const std::unique_ptr<Terminal> terminal = open_terminal(plan.chosen.shell_words);
  ViewerLoopOptions options;
  options.should_close = InterruptGuard::is_interrupted;
  feed.connect(options);
  place.begin(viewer, options);
  run_viewer(*terminal, viewer, options);
  place.end(viewer);
  return ExitCode::kSuccess;
}

ExitCode watch_in_window(const Plan& plan) {
  const ChosenPlayer& chosen = plan.chosen;
  std::unique_ptr<EpisodePlayer> player = make_player(chosen);
  const std::string follow = plan.follows ? " --follow" : "";
  const std::unique_ptr<Window> window = open_window(
      "tern watch " + chosen.word, plan.size.width, plan.size.height,
      "Watch in this terminal instead: tern watch " + chosen.shell_words + follow +
          " --terminal; or record a film: tern record " + chosen.shell_words + " -o out.gif");
  show_loading(*window, chosen.word);
  PolicyFeed feed(plan);
  Viewer viewer(std::move(player), [&feed] { return feed.policy(); });
  viewer.set_folded(plan.layout.folded);
  set_up(viewer, plan);
  ViewerLoopOptions options;
  options.picture_prefix = "watch";
  feed.connect(options);
  const KeptPlace place(plan);
  place.begin(viewer, options);
  run_viewer(*window, viewer, options);
  place.end(viewer);
  const bool is_full = window->is_full_screen();
  keep_window_layout(
      {is_full ? plan.size : PictureSize{window->width(), window->height()}, viewer.folded()});
  return ExitCode::kSuccess;
}

}  // namespace

Work prepare_watch(const Args& args) {
  Plan plan;
  plan.layout = read_window_layout();
  plan.size = size_option(args, "--size", plan.layout.size);
  plan.in_terminal = args.has("--terminal");
  plan.follows = args.has("--follow");
  plan.chosen = plan.follows ? choose_followed_run(args, "watch") : choose_player(args, "watch");
  plan.envs =
      static_cast<std::size_t>(args.integer("--envs", 1, 1, static_cast<std::int64_t>(kMostTiles)));
  plan.actions = args.text("--actions");
  plan.keep_place = args.text("--keep-place");
  plan.rival = choose_rival(args, plan.chosen);
  if (plan.envs > 1 && plan.rival) {
    throw Error(
        "--envs and --against exclude each other: two policies side by side fill the window");
  }
  if (plan.envs > 1 && !plan.actions.empty()) {
    throw Error("--envs and --actions exclude each other: a file's episode is one env's");
  }
  if (plan.rival && !plan.actions.empty()) {
    throw Error(
        "--actions and --against exclude each other: the second policy has no such episode");
  }
  if (!plan.actions.empty() || args.has("--break")) {
    const EnvSpec spec = configured_spec(*plan.chosen.entry, plan.chosen.params);
    if (!plan.actions.empty()) plan.chosen.episode.script = read_episode_script(spec, plan.actions);
    for (const std::string& text : args.texts("--break")) plan.breakpoints.emplace_back(text, spec);
  }
  return [plan] { return plan.in_terminal ? watch_in_terminal(plan) : watch_in_window(plan); };
}

}  // namespace tern::cli
