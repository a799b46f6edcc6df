#include "cli/rollout/action_source.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include "agents/run/changed_env.h"
#include "agents/run/checkpoint.h"
#include "agents/run/run_env.h"
#include "agents/run/run_ref.h"
#include "cli/process/agents_library.h"
#include "core/did_you_mean.h"
#include "core/files/file_io.h"
#include "core/files/json.h"
#include "envs/random_action.h"
#include "envs/registry/configured_spec.h"

namespace tern::cli {
namespace {

class RandomActions final : public ActionSource {
 public:
  RandomActions(const EnvSpec& spec, std::uint64_t seed)
      : space_(spec.action), rng_(seed, "rollout policy") {}

  bool next(ObsRow, MaskRow mask, MutableActionRow action) override {
    random_action(space_, mask, rng_, action);
    return true;
  }

 private:
  ActionSpace space_;
  Rng rng_;
};

class ZeroActions final : public ActionSource {
 public:
  explicit ZeroActions(const EnvSpec& spec) : space_(spec.action) {}

  bool next(ObsRow, MaskRow mask, MutableActionRow action) override {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (space_.is_box()) {
        const ActionComponent& component = space_.components()[i];
        action[i] = static_cast<float>(std::min(std::max(0.0, component.low), component.high));
        continue;
      }
      const MaskRow allowed = mask.subrow(offset, space_.options(i));
      const std::uint8_t* first = std::find(allowed.begin(), allowed.end(), std::uint8_t{1});
      action.discrete(i) =
          first == allowed.end() ? 0 : static_cast<std::int32_t>(first - allowed.begin());
      offset += space_.options(i);
    }
    return true;
  }

 private:
  ActionSpace space_;
};

class ListedActions final : public ActionSource {
 public:
  ListedActions(const EnvSpec& spec, const Json& document, const std::string& file)
      : space_(spec.action), is_box_(space_.is_box()), width_(space_.size()) {
    const bool is_episode = document.is_object();
    const std::string env = is_episode ? document.text_or("env", spec.id.c_str()) : spec.id;
    if (env != spec.id) throw Error(file + ": its actions are of " + env + ", not of " + spec.id);
    if (is_episode) start_ = read_start(spec, document, file);
    const Json none;
    const Json* const kept = is_episode ? document.find("actions") : &document;
    const Json& list = kept == nullptr ? none : *kept;
    if (!list.is_list()) throw Error(file + ": expected a JSON array of actions");
    for (std::size_t i = 0; i < list.size(); ++i) {
      add(list[i], file + ": action " + std::to_string(i) + ": " + text_of(list[i]));
    }
  }

  std::optional<EpisodeStart> start() const override { return start_; }
  bool next(ObsRow, MaskRow, MutableActionRow action) override {
    if (position_ >= choices_.size() + reals_.size()) return false;
    for (std::size_t i = 0; i < width_; ++i, ++position_) {
      if (is_box_) {
        action[i] = reals_[position_];
      } else {
        action.discrete(i) = choices_[position_];
      }
    }
    return true;
  }

 private:
  void add(const Json& action, const std::string& what) {
    if (!action.is_list()) {
      if (width_ != 1) throw wrong(what);
      add_component(action, 0, what);
      return;
    }
    if (action.size() != width_) throw wrong(what);
    for (std::size_t i = 0; i < width_; ++i) add_component(action[i], i, what);
  }
  void add_component(const Json& component, std::size_t index, const std::string& what) {
    if (is_box_ && component.is_number()) {
      reals_.push_back(static_cast<float>(component.number()));
    } else if (!is_box_ && component.is_integer()) {
      const auto choice = component.integer();
      const auto options = static_cast<std::int64_t>(space_.options(index));
      if (choice < 0 || choice >= options) {
        throw Error(what + " is outside the space; expected 0 to " + std::to_string(options - 1));
      }
      choices_.push_back(static_cast<std::int32_t>(choice));
    } else {
      throw wrong(what);
    }
  }
  /// The action as it was written; brackets in brackets, which may be deep, are not followed.
  static std::string text_of(const Json& action) {
    if (!action.is_list()) return action.is_object() ? "{..}" : shortened(action.dump());
    std::string text;
    for (const Json& component : action) {
      const std::string value = component.is_structured() ? "[..]" : component.dump();
      text += (text.empty() ? "" : ",") + value;
      if (text.size() > kMostShown) break;
    }
    return shortened("[" + text + "]");
  }
  static std::string shortened(const std::string& text) {
    return text.size() <= kMostShown ? text : text.substr(0, kMostShown) + "..";
  }
  static constexpr std::size_t kMostShown = 200;

  Error wrong(const std::string& what) const {
    const std::string kind = is_box_ ? "number" : "whole number";
    return Error(
        what + " is no action of this env; expected " +
        (width_ == 1 ? "a " + kind : "an array of " + std::to_string(width_) + " " + kind + "s"));
  }

  static EpisodeStart read_start(const EnvSpec& spec, const Json& document,
                                 const std::string& file) {
    const Error error(file +
                      ": expected a JSON array of actions, or {\"rng\": [4 numbers as texts], "
                      "\"level\": .., \"actions\": [..]} with a level of " +
                      spec.id);
    const Json* const rng = document.find("rng");
    if (rng == nullptr || !rng->is_list() || rng->size() != 4) throw error;
    EpisodeStart start;
    bool is_zero = true;
    for (std::size_t i = 0; i < 4; ++i) {
      if (!(*rng)[i].is_text()) throw error;
      const std::string text = (*rng)[i].text();
      const char* const end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data(), end, start.rng.s[i]);
      if (parsed.ec != std::errc() || parsed.ptr != end) throw error;
      is_zero = is_zero && start.rng.s[i] == 0;
    }
    const std::int64_t level = document.integer_or("level", 0);
    const auto levels = static_cast<std::int64_t>(spec.num_levels);
    if (is_zero || level < 0 || level >= std::max<std::int64_t>(1, levels)) throw error;
    start.level = static_cast<std::uint64_t>(level);
    return start;
  }

  std::optional<EpisodeStart> start_;
  ActionSpace space_;
  bool is_box_;
  std::size_t width_;  // values in an action
  std::size_t position_ = 0;
  std::vector<std::int32_t> choices_;
  std::vector<float> reals_;
};

class TrainedActions final : public ActionSource {
 public:
  TrainedActions(std::unique_ptr<Policy> policy, const TrainedActionsOptions& options)
      : policy_(std::move(policy)),
        options_(options),
        rng_(options.seed, "rollout policy"),
        state_(policy_->state_size()) {}

  bool next(ObsRow obs, MaskRow mask, MutableActionRow action) override {
    if (options_.keeps_inspections) inspection_ = policy_->inspect(obs, mask, state_);
    policy_->act({obs, mask, &rng_, action, state_}, /*deterministic=*/!options_.stochastic);
    return true;
  }
  const Inspection* inspection() const override {
    return options_.keeps_inspections ? &inspection_ : nullptr;
  }
  void begin_episode() override { std::fill(state_.begin(), state_.end(), 0.0f); }

 private:
  std::unique_ptr<Policy> policy_;
  TrainedActionsOptions options_;
  Rng rng_;
  std::vector<float> state_;  // what the policy remembers of this episode
  Inspection inspection_;
};

/// "demo.tern:3" as "demo.tern" and 3; a number of 0: there is none.
struct EpisodeName {
  std::string file;
  std::size_t number = 0;
};
EpisodeName episode_name(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || is_file(text)) return {text, 0};
  EpisodeName name{text.substr(0, colon), 0};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, name.number);
  return parsed.ec == std::errc() && parsed.ptr == end && name.number > 0 ? name
                                                                          : EpisodeName{text, 0};
}

/// The objects of a file that has one on each line; of any other file, all of it.
std::vector<std::string> documents_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(std::move(line));
  }
  const bool is_one_each = lines.size() > 1 && lines[0][0] == '{' && Json::try_parse(lines[0]);
  return is_one_each ? lines : std::vector<std::string>{text};
}

std::string document_in(const std::string& text, const EpisodeName& name) {
  std::vector<std::string> documents = documents_in(text);
  const std::size_t number = std::max<std::size_t>(name.number, 1);
  if (number <= documents.size()) return std::move(documents[number - 1]);
  throw Error(name.file + " holds " + std::to_string(documents.size()) + " episode" +
              (documents.size() == 1 ? "" : "s") + ", there is no episode " +
              std::to_string(number));
}

}  // namespace

std::unique_ptr<ActionSource> random_actions(const EnvSpec& spec, std::uint64_t seed) {
  return std::make_unique<RandomActions>(spec, seed);
}

std::unique_ptr<ActionSource> zero_actions(const EnvSpec& spec) {
  return std::make_unique<ZeroActions>(spec);
}

std::unique_ptr<ActionSource> actions_from_file(const EnvSpec& spec, const std::string& given) {
  const EpisodeName episode = episode_name(given);
  const std::string& path = episode.file;
  const bool is_stdin = path == "-";
  std::string text;
  if (is_stdin) {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else if (std::error_code error; !std::filesystem::exists(path, error) || is_folder(path)) {
    throw Error("no file '" + path + "' of actions; expected a JSON array such as [0, 1, 1]");
  } else {
    text = read_text_file(path);
  }
  const std::string name = is_stdin ? "standard input" : path;
  try {
    return std::make_unique<ListedActions>(spec, Json::parse(document_in(text, episode)), name);
  } catch (const JsonSyntaxError& error) {
    if (error.is_out_of_range()) {
      throw Error(name + ": a number is too large; expected an array of actions such as [0, 1, 1]");
    }
    if (error.byte() == 0) {
      throw Error(name + ": " + error.what() + "; expected an array of actions such as [0, 1, 1]");
    }
    throw Error(name + ": not JSON at byte " + std::to_string(error.byte()) +
                "; expected an array of actions such as [0, 1, 1]");
  }
}

std::unique_ptr<ActionSource> trained_actions(const EnvSpec& spec, const std::string& run,
                                              const TrainedActionsOptions& options) {
  const RunRef ref = find_checkpoint(run);
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  const EnvSpec trained = configured_spec(find_run_env(ref, manifest), manifest.config.env);
  const std::string differences = space_differences(trained, spec);
  if (!differences.empty()) {
    throw Error("the policy of " + ref.run + " was trained on " + trained.id + " and cannot play " +
                (trained.id == spec.id ? "it with these keys" : spec.id) +
                ", whose observations or actions are others:\n" + differences);
  }
  return std::make_unique<TrainedActions>(agents_library().load_policy(run), options);
}

}  // namespace tern::cli
