#include "replay/demonstrations.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/error.h"

namespace tern {
namespace {

void append(std::vector<std::uint8_t>& to, const std::vector<std::uint8_t>& row) {
  to.insert(to.end(), row.begin(), row.end());
}
template <class T>
void append_value(std::vector<std::uint8_t>& to, T value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  to.insert(to.end(), bytes, bytes + sizeof value);
}

bool is_float(const Json& value) {
  return value.is_number() && std::fabs(value.number()) <= std::numeric_limits<float>::max();
}

}  // namespace

Demonstrations::Demonstrations(const std::string& path, const EnvSpec& spec)
    : path_(path), spec_(spec) {
  std::error_code ignored;
  if (std::filesystem::is_character_file(path, ignored)) {  // such as /dev/zero, which has no end
    throw Error("demonstrations: '" + path + "' is a device; expected a file");
  }
  if (std::filesystem::is_fifo(path, ignored)) {  // a check reads it first, then the training
    throw Error("demonstrations: '" + path +
                "' is a pipe, which can be read once alone; expected a file");
  }
  std::ifstream file(path);
  if (!file) {
    throw Error("demonstrations: cannot read '" + path + "' (" + std::strerror(errno) + ")");
  }
  for (std::string text; std::getline(file, text);) {
    ++line_;
    step_ = 0;
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      read_document(Json::parse(text));
    } catch (const JsonError& error) {
      refuse(error.what());
    }
  }
  if (file.bad()) throw Error("demonstrations: cannot read '" + path + "' to its end");
  if (size() == 0) throw Error("demonstrations: '" + path + "' holds no steps");
}

void Demonstrations::refuse(const std::string& what) const {
  throw Error("demonstrations: " + path_ + ":" + std::to_string(line_) + ": " +
              (step_ > 0 ? "step " + std::to_string(step_) + ": " : "") + what +
              "; expected what 'tern rollout " + spec_.id +
              " --steps N --json' prints, a document on "
              "each line");
}

void Demonstrations::read_document(const Json& document) {
  if (!document.is_object()) refuse("this is no JSON object");
  const std::string env = document.text_or("env", "");
  if (env != spec_.id) {
    refuse(env.empty() ? "it does not name its 'env'"
                       : "its steps are of " + env + ", not of " + spec_.id);
  }
  if (document.find("initial_state") != nullptr) {
    refuse("it begins in a state of --state, whose observation it does not tell");
  }
  read_obs(document["reset_obs"], "reset_obs", obs_);
  read_mask(document["reset_mask"], "reset_mask", mask_);
  const Json& steps = document["steps"];
  if (!steps.is_list()) refuse("it has no list of 'steps'");
  std::size_t begin = size();  // of the episode
  for (const Json& step : steps) {
    ++step_;
    if (begin < size() && (terminated_.back() != 0 || truncated_.back() != 0)) begin = size();
    if (begin == size()) episodes_.push_back({begin, begin});
    read_step(step);
    episodes_.back().end = size();
  }
  if (begin < size() && terminated_.back() == 0) truncated_.back() = 1;  // it is told no further
}

void Demonstrations::read_step(const Json& step) {
  if (!step.is_object()) refuse("this is no JSON object");
  if (obs_.empty()) refuse("the episode before it has ended, without a 'next_reset_obs'");
  append(all_obs_, obs_);
  append(all_masks_, mask_);
  read_action(step["action"]);
  const Json &reward = step["reward"], &terminated = step["terminated"],
             &truncated = step["truncated"];
  if (!is_float(reward)) refuse("its 'reward' is no finite number");
  if (!terminated.is_boolean() || !truncated.is_boolean()) {
    refuse("'terminated' and 'truncated' are not both true or false");
  }
  read_obs(step["obs"], "obs", obs_);
  read_mask(step["mask"], "mask", mask_);
  append(next_obs_, obs_);
  append(next_masks_, mask_);
  terminated_.push_back(terminated.boolean() ? 1 : 0);
  truncated_.push_back(truncated.boolean() ? 1 : 0);
  rewards_.push_back(static_cast<float>(reward.number()));
  if (!terminated.boolean() && !truncated.boolean()) return;
  obs_.clear();
  if (step.find("next_reset_obs") == nullptr) return;  // the last step has none
  read_obs(step["next_reset_obs"], "next_reset_obs", obs_);
  read_mask(step["next_reset_mask"], "next_reset_mask", mask_);
}

void Demonstrations::read_obs(const Json& values, const std::string& name,
                              std::vector<std::uint8_t>& to) const {
  if (!values.is_list() || values.size() != spec_.obs.size()) {
    refuse("'" + name + "' is no list of " + std::to_string(spec_.obs.size()) +
           " numbers, an observation of " + spec_.id);
  }
  to.clear();
  std::size_t element = 0;
  for (const Json& value : values) {
    if (element++ < spec_.obs.num_floats()) {
      if (!is_float(value)) refuse("'" + name + "' holds what is no finite number");
      append_value(to, static_cast<float>(value.number()));
    } else {
      if (!value.is_integer() || value.integer() < 0 || value.integer() > 255) {
        refuse("'" + name + "' holds what is no whole number from 0 to 255");
      }
      to.push_back(static_cast<std::uint8_t>(value.integer()));
    }
  }
  to.resize(spec_.obs.bytes());
}

void Demonstrations::read_mask(const Json& values, const std::string& name,
                               std::vector<std::uint8_t>& to) const {
  to.assign(spec_.action.mask_size(), 1);
  if (!spec_.has_masks) return;
  const auto is_flag = [](const Json& value) {
    return value.is_integer() && (value.integer() == 0 || value.integer() == 1);
  };
  if (!values.is_list() || values.size() != to.size() ||
      !std::all_of(values.begin(), values.end(), is_flag)) {
    refuse("'" + name + "' is no list of " + std::to_string(to.size()) +
           " times 0 or 1, a mask of " + spec_.id);
  }
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = values[i].integer() != 0;
}

void Demonstrations::read_action(const Json& value) {
  const ActionSpace& space = spec_.action;
  const bool is_one = space.kind() == ActionSpace::Kind::kDiscrete;
  if (is_one ? !value.is_integer() : !value.is_list() || value.size() != space.size()) {
    refuse(is_one ? "its 'action' is no whole number"
                  : "its 'action' is no list of " + std::to_string(space.size()) + " numbers");
  }
  std::size_t first = 0;  // of the component's choices in the mask
  for (std::size_t c = 0; c < space.size(); ++c) {
    const Json& part = is_one ? value : value[c];
    if (space.is_box()) {
      if (!is_float(part)) refuse("its 'action' holds what is no finite number");
      append_value(actions_, static_cast<float>(part.number()));
      continue;
    }
    const auto options = static_cast<std::int64_t>(space.options(c));
    if (!part.is_integer() || part.integer() < 0 || part.integer() >= options) {
      refuse("its 'action' is " + part.dump() + "; expected 0 to " + std::to_string(options - 1));
    }
    if (mask_[first + static_cast<std::size_t>(part.integer())] == 0) {
      refuse("the mask forbids its 'action' " + part.dump());
    }
    append_value(actions_, static_cast<std::int32_t>(part.integer()));
    first += static_cast<std::size_t>(options);
  }
}

/// Steps of each env, all of the same number.
std::vector<std::vector<std::size_t>> Demonstrations::shares(std::size_t num_envs) const {
  std::vector<std::vector<std::size_t>> steps(num_envs);
  const auto is_shorter = [](const auto& a, const auto& b) { return a.size() < b.size(); };
  for (const Episode& episode : episodes_) {
    auto& share = *std::min_element(steps.begin(), steps.end(), is_shorter);
    for (std::size_t k = episode.begin; k < episode.end; ++k) share.push_back(k);
  }
  const std::size_t least = std::min_element(steps.begin(), steps.end(), is_shorter)->size();
  for (auto& share : steps) share.resize(least);
  return steps;
}

std::size_t Demonstrations::add_to(ReplayBuffer& replay,
                                   const std::function<void(MutableActionRow)>& convert) const {
  const std::vector<std::vector<std::size_t>> steps = shares(replay.num_envs());
  const std::size_t count = steps[0].size() * steps.size();
  if (count == 0) {
    throw Error("demonstrations: " + path_ + " holds " + std::to_string(episodes_.size()) +
                " episodes, too few for run.num_envs: " + std::to_string(steps.size()) +
                "; expected at least one for each");
  }
  if (count > replay.capacity()) {
    throw Error("demonstrations: " + path_ + " holds " + std::to_string(count) +
                " steps, more than agent.buffer_size: " + std::to_string(replay.capacity()) +
                " keeps");
  }
  StepBuffers from(spec_.obs, spec_.action, spec_.metrics.size(), 1);
  StepBuffers to(spec_.obs, spec_.action, spec_.metrics.size(), 1);
  const std::size_t obs_bytes = spec_.obs.bytes(), choices = spec_.action.mask_size(),
                    action_bytes = 4 * spec_.action.size();
  const auto take = [](std::uint8_t* row, const std::vector<std::uint8_t>& rows, std::size_t k,
                       std::size_t bytes) { std::copy_n(rows.data() + k * bytes, bytes, row); };
  for (std::size_t n = 0; n < steps.size(); ++n) {
    for (const std::size_t& k : steps[n]) {
      take(from.batch.obs.data(), all_obs_, k, obs_bytes);
      take(from.batch.mask.data(), all_masks_, k, choices);
      take(static_cast<std::uint8_t*>(from.actions.data()), actions_, k, action_bytes);
      convert(from.actions[0]);
      for (const ObsRows& rows : {to.batch.obs, to.batch.final_obs}) {
        take(rows.data(), next_obs_, k, obs_bytes);
      }
      for (const MaskRows& rows : {to.batch.mask, to.batch.final_mask}) {
        take(rows.data(), next_masks_, k, choices);
      }
      to.batch.reward[0] = rewards_[k];
      to.batch.terminated[0] = terminated_[k];
      const bool is_cut = &k == &steps[n].back() && terminated_[k] == 0;
      to.batch.truncated[0] = is_cut ? 1 : truncated_[k];
      replay.add(from.batch.obs, from.batch.mask, from.actions, to.batch, n);
    }
  }
  return count;
}

}  // namespace tern
