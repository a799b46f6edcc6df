// tern record: episodes as a film, a film strip or a page, without a display.

#include "render/recorder.h"

#include <iostream>

#include "cli/text/cut_episodes.h"
#include "cli/text/player_returns.h"
#include "cli/text/print_json.h"
#include "cli/text/run_or_env.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"

namespace tern::cli {
namespace {

/// "2", "0.5", "1/4".
double speed_option(const Args& args) {
  if (!args.has("--speed")) return 1;
  const std::string text = args.text("--speed");
  const Limits limits = in_range(1.0 / 64, 1024);
  try {
    if (text.rfind("1/", 0) != 0) return ParamCodec<double>::parse(text, limits);
    return 1 / ParamCodec<double>::parse(text.substr(2), in_range(1, 64));
  } catch (const Error& error) {
    throw Error(std::string("option --speed: ") + error.what());
  }
}

struct Plan {
  std::string path;
  RecordOptions options;
  ChosenPlayer chosen;
  bool as_json = false;
};

ExitCode run_record(const Plan& plan) {
  const auto& [path, options, chosen, as_json] = plan;
  const std::unique_ptr<EpisodePlayer> player = chosen.make_player();
  const std::shared_ptr<Policy> policy = chosen.load_policy();
  const RecordResult result = record(path, *player, policy.get(), options);

  double sum = 0;
  for (const double value : result.returns) sum += value;
  const double mean = sum / static_cast<double>(result.returns.size());
  if (as_json) {
    Json document = {
        {"file", path},          {"env", player->spec().id},  {"frames", result.frames},
        {"bytes", result.bytes}, {"returns", result.returns}, {"lengths", result.lengths},
        {"cut", result.cut}};
    if (!result.player_returns.empty()) document["player_returns"] = result.player_returns;
    print_json(document);
    return ExitCode::kSuccess;
  }
  const std::size_t episodes = result.returns.size();
  std::cout << "wrote " << path << ": " << result.frames << " frame"
            << (result.frames == 1 ? "" : "s") << " of " << episodes << " episode"
            << (episodes == 1 ? "" : "s") << ", " << size_text(result.bytes)
            << (episodes == 1 ? "; return " : "; mean return ")
            << (result.player_returns.empty() ? short_number(mean)
                                              : player_returns_text(result.player_returns))
            << cut_text(result.cut, episodes, player->spec().id, chosen.episode.cut_after) << "\n";
  return ExitCode::kSuccess;
}

Work prepare_record(const Args& args) {
  if (!args.has("--out")) {
    throw Error(
        "tern record needs --out FILE: a film (.gif, .mp4, .webm), a page (.html) or a film strip "
        "(.png)");
  }
  Plan plan;
  plan.path = args.text("--out");
  check_recording_path(plan.path);
  RecordOptions& options = plan.options;
  const PictureSize size = size_option(args, "--size", {options.width, options.height});
  options.width = size.width;
  options.height = size.height;
  options.episodes = static_cast<int>(args.integer("--episodes", 1, 1, 1000));
  options.frames_per_second = static_cast<double>(args.integer("--fps", 0, 1, 60));
  options.speed = speed_option(args);
  options.pictures = static_cast<int>(args.integer("--frames", options.pictures, 1, 100));
  plan.chosen = choose_player(args, "record -o " + shell_word(plan.path));
  plan.as_json = args.has("--json");
  return [plan] { return run_record(plan); };
}

}  // namespace

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
      "values, action bars, rewards and observations of every step. A .png shows moments of the\n"
      "episodes from first to last; --frames 1 is the last moment alone. An old file is replaced "
      "only\n"
      "when the new one is whole.\n"
      "\n"
      "Examples\n"
      "  tern record ppo_cartpole-s0 -o cartpole.gif\n"
      "  tern record ppo_cartpole-s0 -o cartpole.html\n"
      "  tern record ppo_lander-s0 -o slow.mp4 --speed 1/4 --fps 30 --steps 200\n"
      "  tern record ppo_cartpole-s0@best -o strip.png --frames 8 --size 1200x600\n"
      "  tern record FrozenLake-v1 map=8x8 -o lake.gif --episodes 3 --seed 7\n";
  command.options = {{"--out", "FILE", "what to write; its ending says what it becomes", "-o"},
                     {"--episodes", "N", "how many (default 1)"},
                     {"--size", "WxH", "pixels of the picture (default 640x480)"},
                     {"--fps", "N", "frames a second of a film (default: the env's, at most 25)"},
                     {"--speed", "X", "of a film: 2 is twice as fast as the env, 1/4 slow motion"},
                     {"--frames", "N", "moments of a film strip (default 6)"}};
  for (const Option& option : player_options()) command.options.push_back(option);
  command.options.push_back(
      {"--json", "", "{\"file\", \"env\", \"frames\", \"bytes\", \"returns\", ..}"});
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_record;
  return command;
}

}  // namespace tern::cli
