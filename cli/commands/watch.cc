// tern watch: a window in which a policy plays.

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/process/agents_library.h"
#include "cli/process/interrupt.h"
#include "cli/rollout/episode_script_file.h"
#include "cli/text/run_or_env.h"
#include "cli/training/followed_run.h"
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
  PictureSize size;  // of the window
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
    viewer.compare_with({plan.rival->make_player(),
                         [policy = plan.rival->load_policy()] { return policy; },
                         {plan.chosen.word, plan.rival->word}});
  }
  viewer.set_discount(discount(plan.chosen.config));
  viewer.set_breakpoints(plan.breakpoints);
}

ExitCode watch_in_terminal(const Plan& plan) {
  std::unique_ptr<EpisodePlayer> player = plan.chosen.make_player();
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
  std::unique_ptr<EpisodePlayer> player = chosen.make_player();
  const std::string follow = plan.follows ? " --follow" : "";
  const std::unique_ptr<Window> window = open_window(
      "tern watch " + chosen.word, plan.size.width, plan.size.height,
      "Watch in this terminal instead: tern watch " + chosen.shell_words + follow +
          " --terminal; or record a film: tern record " + chosen.shell_words + " -o out.gif");
  show_loading(*window, chosen.word);
  PolicyFeed feed(plan);
  Viewer viewer(std::move(player), [&feed] { return feed.policy(); });
  set_up(viewer, plan);
  ViewerLoopOptions options;
  options.picture_prefix = "watch";
  feed.connect(options);
  const KeptPlace place(plan);
  place.begin(viewer, options);
  run_viewer(*window, viewer, options);
  place.end(viewer);
  return ExitCode::kSuccess;
}

Work prepare_watch(const Args& args) {
  Plan plan;
  plan.size = size_option(args, "--size", {1024, 680});
  plan.in_terminal = args.has("--terminal");
  plan.follows = args.has("--follow");
  plan.chosen = plan.follows ? choose_followed_run(args, "watch") : choose_player(args, "watch");
  plan.actions = args.text("--actions");
  plan.keep_place = args.text("--keep-place");
  plan.rival = choose_rival(args, plan.chosen);
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

}  // namespace

Command make_watch_command() {
  Command command;
  command.name = "watch";
  command.synopses = {
      "tern watch RUN [key=value ...] [--seed N] [--stochastic] [--break CONDITION]",
      "tern watch RUN [--against RUN2] [--size WxH] [--terminal]", "tern watch RUN --follow",
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
      "  v            values of cells, their optimum, the difference, visits, none\n"
      "  1 .. 9, 0    what if: that action     o            the panel of the other of two\n"
      "  f            the newest policy        [, ]         that of the checkpoint before, after\n"
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
      "return, value, td_error, entropy, probability, step, action and obs.FIELD; terminated and\n"
      "truncated stand alone.\n"
      "\n"
      "--against plays another run or checkpoint (of an env, random actions) beside it, every\n"
      "episode from the same beginning, and marks the first step where they differ.\n"
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
      "  tern watch FrozenLake-v1 map=8x8\n";
  command.options = {
      {"--follow", "", "play the newest checkpoint while the run trains elsewhere"},
      {"--break", "CONDITION", "pause where it holds: 'reward != 0' (repeatable)", "",
       /*is_repeatable=*/true},
      {"--against", "RUN2", "another run or checkpoint beside it, on the same seed"},
      {"--size", "WxH", "pixels of the window (default 1024x680)"},
      {"--terminal", "", "in this terminal, without a display"},
      {"--actions", "FILE",
       "begin with the episode of a file, as of 'tern rollout --actions', and go on"},
      {"--keep-place", "FILE",
       "write there, for --actions, what was shown when SIGTERM ended the window"}};
  for (const Option& option : player_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_watch;
  return command;
}

}  // namespace tern::cli
