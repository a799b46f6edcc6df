// What an env says: its facts, observations, rewards, flags, masks and metrics.

#include <cmath>
#include <cstring>

#include "core/field_groups.h"
#include "envs/conformance/action_bounds.h"
#include "envs/conformance/conformance_rules.h"
#include "envs/goal_fields.h"
#include "envs/metric_names.h"
#include "envs/player_rewards.h"
#include "envs/registry/registry.h"

namespace tern::conformance {
namespace {

constexpr const char* kPlayerField = "player";  // whose view an observation is, from 0
constexpr std::uint8_t kPoison = 0xA5, kOtherPoison = 0x5A;

/// "element 2 ('pole angle')", or "element 60 ('board', number 9)".
std::string element_text(const ObsSpace& space, std::size_t element) {
  std::string text = "element " + std::to_string(element);
  for (const Field& field : space.fields()) {
    if (element < field.offset || element >= field.offset + field.size()) continue;
    text += " ('" + field.name + "'";
    if (field.size() > 1) text += ", number " + std::to_string(element - field.offset);
    return text + ")";
  }
  return text;
}

bool has_version(const std::string& id) {
  const std::size_t mark = id.rfind("-v");
  if (mark == std::string::npos || mark == 0 || mark + 2 >= id.size()) return false;
  return id.find_first_not_of("0123456789", mark + 2) == std::string::npos;
}

std::string wrong_field(const Field& field) {
  if (field.name.empty()) return "an observation field has no name";
  const std::string name = "observation field '" + field.name + "'";
  for (const int extent : field.shape) {
    if (extent < 1) return name + " has the extent " + std::to_string(extent);
  }
  if (field.shape.empty()) return name + " has no shape; {1} is a scalar";
  if (std::isnan(field.low) || std::isnan(field.high) || field.low > field.high) {
    return name + " has the range " + format_number(field.low) + " to " +
           format_number(field.high);
  }
  if (field.categories < 0) return name + " has a negative number of categories";
  if (field.categories > 0 && field.shape.size() != 1) {
    return name + " is categorical; that needs one element, or a list of them (tokens)";
  }
  const std::int64_t end = std::int64_t{field.first} + field.categories;
  if (field.categories > 0 && field.dtype == DType::kUint8 && (field.first < 0 || end > 256)) {
    return name + " has " + std::to_string(field.categories) + " categories" +
           (field.first == 0 ? "" : " from " + std::to_string(field.first) + " on") +
           "; a byte holds an index below 256";
  }
  return "";
}

/// Parts of a space are told apart by their names: in pictures, in JSON, in messages.
template <class Part>
std::string twice_named(const std::vector<Part>& parts, const std::string& kind) {
  std::vector<std::string> names;
  for (const Part& part : parts) names.push_back(part.name);
  const std::string repeated = repeated_name(names);
  return repeated.empty()
             ? ""
             : "a second " + kind + " is called '" + repeated + "'; give each its own name";
}

std::string wrong_action_space(const ActionSpace& space) {
  if (space.size() == 0) return "the action space has no components";
  for (const ActionComponent& component : space.components()) {
    if (component.name.empty()) return "an action component has no name";
    const std::string name = "action component '" + component.name + "'";
    if (space.is_box() && !(component.low < component.high)) {
      return name + " has the range " + format_number(component.low) + " to " +
             format_number(component.high);
    }
    if (!space.is_box() && component.options.empty()) return name + " has no options";
    for (const std::string& option : component.options) {
      if (option.empty()) return name + " has an option without a name";
    }
    const std::string repeated = repeated_name(component.options);
    if (!repeated.empty()) {
      return name + " has the option '" + repeated + "' twice; give each its own name";
    }
  }
  return twice_named(space.components(), "action component");
}

std::string wrong_fact(const EnvSpec& spec) {
  if (!has_version(spec.id)) {
    return "the id '" + spec.id + "' has no version; end it in -v0, -v1, ..";
  }
  if (spec.summary.empty()) return "the summary is empty; write one line for 'tern list'";
  if (spec.family.empty()) return "the family is empty; name one, as \"control\" or your own";
  if (spec.obs.size() == 0) return "the observation is empty";
  for (const Field& field : spec.obs.fields()) {
    const std::string wrong = wrong_field(field);
    if (!wrong.empty()) return wrong;
  }
  const std::string twice = twice_named(spec.obs.fields(), "field of the observation");
  if (!twice.empty()) return twice;
  const std::string grouped = wrong_group(spec.obs);
  if (!grouped.empty()) return grouped;
  if (spec.max_episode_steps < 0) return "max_episode_steps is negative; 0 means no limit";
  if (spec.frames_per_second < 1) return "frames_per_second is below 1";
  if (spec.players < 1) {
    return "players is " + std::to_string(spec.players) + "; expected 1, or how many take turns";
  }
  const std::string wrong_metric = wrong_metric_name(spec.metrics);
  if (!wrong_metric.empty()) return wrong_metric;
  const std::string wrong_info = wrong_info_name(spec.info);
  if (!wrong_info.empty()) return wrong_info;
  for (const auto* names : {&spec.reward_terms, &spec.state_fields}) {
    const std::string repeated = repeated_name(*names);
    if (repeated.empty()) continue;
    return std::string(names == &spec.reward_terms ? "reward_terms" : "state_fields") +
           " has the name '" + repeated + "' twice; give each its own";
  }
  return wrong_action_space(spec.action);
}

/// Whether two instances say the same of themselves, as far as memory depends on it.
bool same_layout(const EnvSpec& a, const EnvSpec& b) {
  return a.id == b.id && a.obs.num_floats() == b.obs.num_floats() &&
         a.obs.num_bytes() == b.obs.num_bytes() && a.action.size() == b.action.size() &&
         a.action.mask_size() == b.action.mask_size() && a.reward_terms == b.reward_terms &&
         a.metrics == b.metrics && a.info == b.info && a.max_episode_steps == b.max_episode_steps &&
         a.players == b.players;
}

const Field* field_named(const ObsSpace& space, const char* name) {
  for (const Field& field : space.fields()) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

/// What is wrong with the goals of an observation, or "".
std::string wrong_goals(const ObsSpace& space) {
  const Field* const achieved = field_named(space, kAchievedGoal);
  const Field* const desired = field_named(space, kDesiredGoal);
  if (achieved == nullptr && desired == nullptr) return "";
  if (achieved == nullptr || desired == nullptr) {
    return std::string("the observation has a field '") +
           (achieved != nullptr ? kAchievedGoal : kDesiredGoal) + "' but none called '" +
           (achieved != nullptr ? kDesiredGoal : kAchievedGoal) + "'; goals need both";
  }
  if (achieved->size() == desired->size()) return "";
  return "the achieved goal has " + std::to_string(achieved->size()) + " numbers, the desired goal " +
         std::to_string(desired->size()) + "; both must be of one size";
}

/// Whether a plugin's env is called like one that is not from a plugin.
std::string wrong_id(const EnvEntry& entry) {
  if (entry.checksum.empty()) return "";
  for (const std::string& id : registry().ids()) {
    if (id != entry.spec.id) continue;
    return "the id '" + id + "' is that of an env of Tern's own, and results of the two would be "
           "mistaken for each other; give yours another";
  }
  return "";
}

/// What is worth knowing of an observation before memory is allocated for many, or "".
std::string size_remark(const ObsSpace& space) {
  constexpr double kLarge = 1e6;
  const double bytes = static_cast<double>(space.bytes());
  if (bytes < kLarge) return "";
  return "an observation takes " + format_number(std::round(bytes / 1e5) / 10) +
         " MB: a replay buffer of 100000 steps would take " +
         format_number(std::round(bytes / 1e4)) + " GB. Observe less, or bytes (DType::kUint8)";
}

}  // namespace

std::string wrong_observation(const ObsSpace& space, ObsRow row) {
  for (const Field& field : space.fields()) {
    for (std::size_t i = field.offset; i < field.offset + field.size(); ++i) {
      const double value = row.value(i);
      const bool is_inside = value >= static_cast<double>(static_cast<float>(field.low)) &&
                             value <= static_cast<double>(static_cast<float>(field.high));
      const bool is_index = field.categories == 0 || value == std::floor(value);
      if (std::isfinite(value) && is_index && (is_inside || field.advisory)) continue;
      std::string expected = "a finite number";
      if (field.categories > 0) {
        expected = "a whole number from " + std::to_string(field.first) + " to " +
                   std::to_string(field.first + field.categories - 1);
      } else if (!field.advisory) {
        expected += " in [" + format_number(field.low) + ", " + format_number(field.high) + "]";
      }
      return element_text(space, i) + " is " + format_number(value) + "; expected " + expected +
             ". Correct the observation, or the bounds in the spec (mark them advisory if they "
             "are only usual values)";
    }
  }
  return "";
}

namespace {

/// What is wrong with a mask row, or "".
std::string wrong_mask(const EnvSpec& spec, MaskRow mask) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < spec.action.size(); ++i) {
    int allowed = 0;
    for (std::size_t choice = 0; choice < spec.action.options(i); ++choice) {
      const std::uint8_t flag = mask[offset + choice];
      if (flag > 1) {
        return "flag " + std::to_string(offset + choice) + " of the mask is " +
               std::to_string(flag) + " or was not written; write 1 (allowed) or 0 for each";
      }
      if (flag == 0 && !spec.has_masks) {
        return "an action is forbidden, but spec.has_masks is false; set it";
      }
      allowed += flag;
    }
    if (allowed == 0) {
      return "no choice of action component '" + spec.action.components()[i].name +
             "' is allowed; leave at least one, also in the state that ends an episode";
    }
    offset += spec.action.options(i);
  }
  return "";
}

/// Advances an env and asks `wrong(env)` each time; the first answer that is not "" ends it.
template <class Wrong>
Verdict watch(const Subject& subject, const Wrong& wrong) {
  DrivenEnv env(subject.make(), subject.options.seed);
  for (int i = 0; i < subject.options.steps; ++i) {
    env.advance();
    const std::string text = wrong(env);
    if (!text.empty()) return {env.where() + ": " + text};
  }
  return {};
}

}  // namespace

Verdict check_spec(const Subject& subject) {
  const std::unique_ptr<Env> env = subject.make(), other = subject.make();
  const EnvSpec* const spec = &env->spec();
  for (const std::string& wrong :
       {wrong_fact(*spec), wrong_goals(spec->obs), wrong_id(subject.entry)}) {
    if (!wrong.empty()) return {wrong};
  }
  if (!same_layout(*spec, other->spec())) {
    return {"two instances with the same parameters have different specs; let the spec depend on "
            "the parameters only"};
  }
  if (&env->spec() != spec) {
    return {"spec() returned another object the second time; build it once and return a reference"};
  }
  const std::string remark = bounds_remark(spec->action);
  return {"", remark.empty() ? size_remark(spec->obs) : remark};
}

Verdict check_runs(const Subject& subject) {
  DrivenEnv env(subject.make(), subject.options.seed);
  for (int i = 0; i < subject.options.steps; ++i) {
    try {
      env.advance();
    } catch (const RowOverrun&) {
      return {};  // the rule "rows" comes next
    } catch (const std::exception& error) {
      return {"after " + (i == 0 ? std::string("construction") : env.where()) +
              " an allowed call threw '" + error.what() +
              "'; what an env throws ends a training: mend it, and take every action of the space "
              "that the mask allows (Box actions may be out of bounds: clamp them)"};
    }
  }
  return {};
}

Verdict check_obs_written(const Subject& subject) {
  // Two envs with the same future in differently poisoned memory: where the rows differ, an
  // element kept its poison, or was made from what was in the row before.
  DrivenEnv one(subject.make(), subject.options.seed, kPoison);
  DrivenEnv two(subject.make(), subject.options.seed, kOtherPoison);
  const ObsSpace space = one.spec().obs;
  for (int i = 0; i < subject.options.steps; ++i) {
    one.advance();
    two.advance();
    for (std::size_t k = 0; k < space.size(); ++k) {
      bool was_written = true;
      if (k < space.num_floats()) {
        std::uint32_t a = 0, b = 0;
        std::memcpy(&a, &one.obs()[k], sizeof a);
        std::memcpy(&b, &two.obs()[k], sizeof b);
        was_written = a != 0xA5A5A5A5u || b != 0x5A5A5A5Au;
      } else {
        const std::size_t byte = k - space.num_floats();
        was_written = one.obs().bytes()[byte] != kPoison || two.obs().bytes()[byte] != kOtherPoison;
      }
      if (was_written) continue;
      return {one.where() + ": " + element_text(space, k) +
              " of the observation was not written; write the whole row each time"};
    }
  }
  return {};
}

Verdict check_obs_space(const Subject& subject) {
  return watch(subject,
               [](const DrivenEnv& env) { return wrong_observation(env.spec().obs, env.obs()); });
}

Verdict check_reward_finite(const Subject& subject) {
  return watch(subject, [](const DrivenEnv& env) -> std::string {
    if (env.was_reset() || std::isfinite(env.result().reward)) return "";
    return "the reward is " + format_number(static_cast<double>(env.result().reward)) +
           "; find the division by zero, the root of a negative number or the overflow";
  });
}

Verdict check_reward_terms(const Subject& subject) {
  if (subject.spec().reward_terms.empty()) return {"", "the spec names none"};
  return watch(subject, [](const DrivenEnv& env) -> std::string {
    if (env.was_reset()) return "";
    double sum = 0, magnitude = 0;
    for (std::size_t i = 0; i < env.terms().size(); ++i) {
      const double term = static_cast<double>(env.terms()[i]);
      if (!std::isfinite(term)) {
        return "reward term '" + env.spec().reward_terms[i] +
               "' is not finite or was not written; write every term of the last reward";
      }
      sum += term;
      magnitude += std::fabs(term);
    }
    // Each term and the reward were rounded to float32.
    const double reward = static_cast<double>(env.result().reward);
    if (std::fabs(sum - reward) <= 1e-6 * (magnitude + std::fabs(reward)) + 1e-12) return "";
    return "the reward terms sum to " + format_number(sum) + ", the reward is " +
           format_number(reward) + "; make the reward the sum of its terms";
  });
}

Verdict check_flags(const Subject& subject) {
  return watch(subject, [](const DrivenEnv& env) -> std::string {
    const bool both = env.result().terminated && env.result().truncated;
    if (env.was_reset() || !both) return "";
    return "both terminated and truncated are set; terminated means that nothing follows, "
           "truncated that the future was cut off, so set one";
  });
}

Verdict check_masks(const Subject& subject) {
  if (subject.spec().action.is_box()) return {"", "Box actions have no masks"};
  return watch(subject, [](DrivenEnv& env) { return wrong_mask(env.spec(), env.mask()); });
}

Verdict check_metrics(const Subject& subject) {
  if (subject.spec().metrics.empty()) return {"", "the spec names none"};
  return watch(subject, [](const DrivenEnv& env) -> std::string {
    if (!env.has_ended()) return "";
    for (std::size_t i = 0; i < env.metrics().size(); ++i) {
      if (std::isfinite(env.metrics()[i])) continue;
      return "metric '" + env.spec().metrics[i] +
             "' is not finite or was not written; write all of them when an episode ends";
    }
    return "";
  });
}

Verdict check_info(const Subject& subject) {
  if (subject.spec().info.empty()) return {"", "the spec names none"};
  return watch(subject, [](const DrivenEnv& env) -> std::string {
    for (std::size_t i = 0; i < env.info().size(); ++i) {
      if (std::isfinite(env.info()[i])) continue;
      return "info value '" + env.spec().info[i] +
             "' is not finite or was not written; write all of them in info(), after a reset too";
    }
    return "";
  });
}

Verdict check_goals(const Subject& subject) {
  const ObsSpace space = subject.spec().obs;
  const Field* const achieved = field_named(space, kAchievedGoal);
  const Field* const desired = field_named(space, kDesiredGoal);
  if (achieved == nullptr || desired == nullptr) return {"", "the env has none"};
  if (!wrong_goals(space).empty()) return {wrong_goals(space)};
  if (achieved->dtype != DType::kFloat32 || desired->dtype != DType::kFloat32) {
    return {"", "goals in bytes are not relabelled"};
  }
  return watch(subject, [&](DrivenEnv& env) -> std::string {
    if (env.was_reset()) return "";
    const FloatRow row = env.obs().floats();
    const float relabelled =
        env.env().relabel(row.subrow(achieved->offset, achieved->size()),
                          row.subrow(desired->offset, desired->size()));
    const double given = static_cast<double>(env.result().reward);
    const double again = static_cast<double>(relabelled);
    if (std::fabs(given - again) <= 1e-5 * (1 + std::fabs(given))) return "";
    return "for the goals of this observation relabel() gives " + format_number(again) +
           ", step() gave " + format_number(given) +
           "; let both use one function of the two goals, with nothing else in the reward";
  });
}

namespace {

/// Of an observation that says whose view it is, what is wrong with that; or "".
std::string wrong_view(const DrivenEnv& env, int to_move) {
  const Field* const player = field_named(env.spec().obs, kPlayerField);
  if (player == nullptr || player->categories != env.spec().players || player->size() != 1)
    return "";
  const int seen_by = static_cast<int>(env.obs().value(player->offset)) - player->first;
  if (seen_by == to_move || env.has_ended()) return "";
  return "the field 'player' of the observation is " + std::to_string(seen_by) + ", but player " +
         std::to_string(to_move) +
         " moves next; write the row after the turn has passed on, as the player who moves next "
         "sees it";
}

}  // namespace

Verdict check_players(const Subject& subject) {
  const int players = subject.spec().players;
  bool has_moved_on = false;
  Verdict verdict = watch(subject, [&](DrivenEnv& env) -> std::string {
    if (players == 1) {
      if (env.env().current_player() == 0) return "";
      return "current_player() returned " + std::to_string(env.env().current_player()) +
             ", but spec.players is 1; set it to how many take turns";
    }
    const std::string wrong = wrong_view(env, mover_of(env.env(), env.spec()));
    if (!wrong.empty() || env.was_reset()) return wrong;
    has_moved_on = has_moved_on || env.env().current_player() != env.mover();
    for (std::size_t p = 0; p < env.player_rewards().size(); ++p) {
      if (std::isfinite(env.player_rewards()[p])) continue;
      return "the reward of player " + std::to_string(p) +
             " is not finite or was not written; write all of them in player_rewards()";
    }
    const auto mover = static_cast<std::size_t>(env.mover());
    if (env.player_rewards()[mover] == env.result().reward) return "";
    return "player_rewards() gives player " + std::to_string(mover) + ", who moved, " +
           format_number(static_cast<double>(env.player_rewards()[mover])) +
           ", but the step's reward is " +
           format_number(static_cast<double>(env.result().reward)) + "; let step() return the mover's";
  });
  if (!verdict.wrong.empty()) return verdict;
  if (players == 1) return {"", "one"};
  if (!has_moved_on) {
    return {"spec.players is " + std::to_string(players) + ", but the same player moved all the time; "
            "return whose turn it is from current_player()"};
  }
  return {"", std::to_string(players) + " take turns; agents learn for one player only"};
}

}  // namespace tern::conformance
