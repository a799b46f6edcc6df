// tern record: episodes as a film, a film strip or a page, without a display.

#include <iostream>

#include "cli/text/cut_episodes.h"
#include "cli/text/player_returns.h"
#include "cli/text/print_json.h"
#include "cli/viewing/preparations.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"
#include "render/recorder.h"

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

bool is_page_path(const std::string& path) {
  return path.size() > 5 && path.compare(path.size() - 5, 5, ".html") == 0;
}

struct Plan {
  std::string path;
  RecordOptions options;
  ChosenPlayer chosen;
  bool as_json = false;
};

ExitCode run_record(const Plan& plan) {
  const auto& [path, options, chosen, as_json] = plan;
  const std::unique_ptr<EpisodePlayer> player = make_player(chosen);
  const std::shared_ptr<Policy> policy = chosen.load_policy();
  if (options.explains && policy == nullptr) {
    throw Error("option --why explains what a policy does; random actions have no reasons");
  }
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

}  // namespace

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
  options.explains = args.has("--why");
  if (options.explains && !is_page_path(plan.path)) {
    throw Error("option --why explains the steps of a page: -o FILE.html");
  }
  options.frames_per_second = static_cast<double>(args.integer("--fps", 0, 1, 60));
  options.speed = speed_option(args);
  options.pictures = static_cast<int>(args.integer("--frames", options.pictures, 1, 100));
  options.panels = args.has("--panels");
  check_recording(plan.path, options);
  plan.chosen = choose_player(args, "record -o " + shell_word(plan.path));
  options.gamma = discount(plan.chosen.config);
  options.seed = plan.chosen.episode.seed;
  options.is_stochastic = plan.chosen.episode.stochastic;
  plan.as_json = args.has("--json");
  return [plan] { return run_record(plan); };
}

}  // namespace tern::cli
