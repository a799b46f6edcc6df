// tern rollout: plays episodes and prints what happened.

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include "agents/run/run_ref.h"
#include "cli/rollout/action_source.h"
#include "cli/rollout/rollout_env.h"
#include "cli/text/command.h"
#include "cli/text/cut_episodes.h"
#include "cli/text/env_words.h"
#include "cli/text/player_returns.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "core/did_you_mean.h"
#include "core/mean_and_deviation.h"

namespace tern::cli {
namespace {

Json obs_json(ObsRow obs) {
  Json list = Json::list();
  for (const float value : obs.floats()) list.push_back(static_cast<double>(value));
  for (const std::uint8_t value : obs.bytes()) list.push_back(value);
  return list;
}

/// A number for one choice, otherwise an array.
Json action_json(const ActionSpace& space, ActionRow action) {
  if (space.kind() == ActionSpace::Kind::kDiscrete) return action.discrete();
  Json list = Json::list();
  for (const float value : action.floats()) list.push_back(static_cast<double>(value));
  for (const std::int32_t value : action.ints()) list.push_back(value);
  return list;
}

Json mask_json(MaskRow mask) {
  Json list = Json::list();
  for (const std::uint8_t allowed : mask) list.push_back(allowed != 0 ? 1 : 0);
  return list;
}

/// {"speed": 0.5, ..}
template <class Values>
Json info_json(const EnvSpec& spec, const Values& values) {
  Json document = Json::object();
  for (std::size_t i = 0; i < spec.info.size(); ++i) {
    document[spec.info[i]] = static_cast<double>(values[i]);
  }
  return document;
}

/// What a policy thinks, without what it does not have.
Json inspection_json(const Inspection& inspection) {
  Json document = Json::object();
  if (inspection.value) document["value"] = *inspection.value;
  if (inspection.entropy) document["entropy"] = *inspection.entropy;
  const auto list = [&](const char* name, const std::vector<double>& values) {
    if (!values.empty()) document[name] = values;
  };
  list("action_values", inspection.action_values);
  list("quantiles", inspection.quantiles);
  list("probabilities", inspection.probabilities);
  list("mean", inspection.mean);
  list("deviation", inspection.standard_deviation);
  return document;
}

Json step_json(const EnvSpec& spec, const RolloutStep& step, RolloutEnv& env, bool goes_on) {
  Json document = {{"action", action_json(spec.action, step.action)},
                   {"obs", obs_json(step.obs)},
                   {"reward", static_cast<double>(step.reward)},
                   {"terminated", step.terminated},
                   {"truncated", step.truncated},
                   {"state", step.state}};
  if (!step.player_rewards.empty()) {
    document["player"] = step.player;
    if (step.next_reset == nullptr) document["obs_player"] = step.next_player;
    document["player_rewards"] = step.player_rewards;
  }
  if (!spec.info.empty()) document["info"] = info_json(spec, step.info);
  if (spec.has_masks) document["mask"] = mask_json(step.mask);
  if (step.next_reset != nullptr && goes_on) {
    document["next_reset_obs"] = obs_json(*step.next_reset);
    if (!spec.info.empty()) document["next_reset_info"] = info_json(spec, env.reset_info());
    if (spec.has_masks) document["next_reset_mask"] = mask_json(env.mask());
  }
  return document;
}

std::string short_number(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

/// The first values of an observation, for people.
std::string obs_text(ObsRow obs) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, obs.size()); ++i) {
    text += (i == 0 ? "" : " ") + short_number(obs.value(i));
  }
  return obs.size() > kShown ? text + " .. (" + std::to_string(obs.size()) + ")" : text;
}

std::string action_text(const ActionSpace& space, ActionRow action) {
  std::string text;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const ActionComponent& component = space.components()[i];
    text += (i == 0 ? "" : " ") +
            (space.is_box() ? short_number(action[i])
                            : component.options[static_cast<std::size_t>(action.discrete(i))]);
  }
  return text;
}

/// "speed 0.5, gear 2".
template <class Values>
std::string info_text(const EnvSpec& spec, const Values& values) {
  std::string text;
  for (std::size_t i = 0; i < spec.info.size(); ++i) {
    text +=
        (i == 0 ? "" : ", ") + spec.info[i] + " " + short_number(static_cast<double>(values[i]));
  }
  return text;
}

std::string field_names(const ObsSpace& space) {
  std::vector<std::string> names;
  for (const Field& field : space.fields()) names.push_back(field.name);
  return joined(names);
}

// ---------------------------------------------------------------------------- the call

struct RolloutPlan {
  ChosenEnv env;
  std::uint64_t seed = 0;
  std::int64_t steps = 0;     // 0: to the end of the episode
  std::int64_t episodes = 0;  // 0: print steps
  DoubleVec state;            // empty: as reset
  bool has_actions = false;   // from a file, and then without a time limit
  bool json = false;
  std::string policy;
};

DoubleVec parse_state(const EnvSpec& spec, const std::string& text) {
  if (spec.state_fields.empty()) {
    throw Error("option --state: " + spec.id + " has no documented state vector");
  }
  const Json document = Json::try_parse(text).value_or(Json());
  const bool is_vector = document.is_list() && document.size() == spec.state_fields.size() &&
                         std::all_of(document.begin(), document.end(),
                                     [](const Json& value) { return value.is_number(); });
  if (!is_vector) {
    throw Error("option --state: '" + text + "' does not fit; the state of " + spec.id +
                " is a JSON array of " + std::to_string(spec.state_fields.size()) +
                " numbers: " + joined(spec.state_fields));
  }
  DoubleVec state;
  for (const Json& value : document) state.push_back(value.number());
  return state;
}

void refuse_together(const Args& args, const std::string& one, const std::string& other,
                     const std::string& why) {
  if (args.has(one) && args.has(other)) {
    throw Error("options " + one + " and " + other + " exclude each other: " + why);
  }
}

RolloutPlan make_plan(const Args& args) {
  refuse_together(args, "--actions", "--policy", "both say which actions to take");
  refuse_together(args, "--actions", "--episodes", "a file of actions is played once");
  refuse_together(args, "--steps", "--episodes", "both say how far to go");
  refuse_together(args, "--state", "--episodes", "a state is set once");
  RolloutPlan plan;
  plan.env = choose_env(args.words[0], args.assignments);
  plan.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  plan.steps = args.integer("--steps", 0, 1);
  plan.episodes = args.integer("--episodes", 0, 1);
  plan.has_actions = args.has("--actions");
  plan.policy = plan.has_actions ? "actions of " + args.text("--actions")
                                 : args.text("--policy", "random") + " policy";
  plan.json = args.has("--json");
  if (args.has("--state")) plan.state = parse_state(plan.env.spec, args.text("--state"));
  return plan;
}

/// Throws Error unless it is "random", "zero" or a run; a word that is none of these may be a
/// mistyped "random".
void check_policy(const Args& args) {
  const std::string policy = args.text("--policy", "random");
  const bool is_trained = policy != "random" && policy != "zero";
  if (args.has("--stochastic") && !is_trained) {
    throw Error("option --stochastic is for trained policies, not for '" + policy + "'");
  }
  try {
    if (is_trained) find_run(policy);
  } catch (const Error& error) {
    const std::string nearest = did_you_mean(policy, {"random", "zero"});
    if (nearest.empty()) throw;
    throw Error("unknown policy '" + policy + "'." + nearest + " (expected random, zero or a run)");
  }
}

std::unique_ptr<ActionSource> make_source(const RolloutPlan& plan, const Args& args) {
  const EnvSpec& spec = plan.env.spec;
  if (plan.has_actions) return actions_from_file(spec, args.text("--actions"));
  const std::string policy = args.text("--policy", "random");
  if (policy == "random") return random_actions(spec, plan.seed);
  if (policy == "zero") return zero_actions(spec);
  const bool keeps_inspections = plan.json && plan.episodes == 0;
  return trained_actions(spec, policy, {plan.seed, args.has("--stochastic"), keeps_inspections});
}

// Why a rollout stopped.
const std::string kActionsEnd = "the actions end here", kTerminated = "terminated",
                  kTruncated = "truncated", kStopped = "stopped", kCut = "cut";

/// Plays to the end of the episode, or `plan.steps` steps on through resets. visit: called with
/// each step and whether another one follows. Returns why it stopped.
std::string play(const RolloutPlan& plan, RolloutEnv& env, ActionSource& source,
                 const std::function<void(const RolloutStep&, bool goes_on)>& visit) {
  const bool runs_on = plan.steps > 0;
  const std::int64_t cut = plan.has_actions ? 0 : cut_after(plan.env.spec);
  const std::int64_t limit = runs_on   ? plan.steps
                             : cut > 0 ? cut
                                       : std::numeric_limits<std::int64_t>::max();
  for (std::int64_t done = 0; done < limit;) {
    if (!source.next(env.obs(), env.mask(), env.action())) return kActionsEnd;
    const RolloutStep step = env.step();
    ++done;
    const bool ended = step.terminated || step.truncated;
    visit(step, (runs_on || !ended) && done < limit);
    if (ended) source.begin_episode();
    if (ended && !runs_on) return step.terminated ? kTerminated : kTruncated;
  }
  return runs_on ? kStopped : kCut;
}

void print_steps_json(const RolloutPlan& plan, RolloutEnv& env, ActionSource& source) {
  Json document = {
      {"env", plan.env.spec.id}, {"seed", plan.seed}, {"reset_obs", obs_json(env.obs())}};
  if (!plan.env.spec.info.empty()) {
    document["reset_info"] = info_json(plan.env.spec, env.reset_info());
  }
  if (plan.env.spec.has_masks) document["reset_mask"] = mask_json(env.mask());
  if (!plan.state.empty()) {
    env.set_state(plan.state);
    document["initial_state"] = plan.state;
  }
  Json steps = Json::list();
  const std::string reason = play(plan, env, source, [&](const RolloutStep& step, bool goes_on) {
    Json shown = step_json(plan.env.spec, step, env, goes_on);
    if (const Inspection* inspection = source.inspection()) {
      shown["policy"] = inspection_json(*inspection);
    }
    steps.push_back(std::move(shown));
  });
  document["steps"] = std::move(steps);
  document["cut"] = reason == kCut ? 1 : 0;
  print_json(document);
}

void print_steps(const RolloutPlan& plan, RolloutEnv& env, ActionSource& source) {
  const EnvSpec& spec = plan.env.spec;
  std::cout << spec.id << ", seed " << plan.seed << ", " << plan.policy
            << "\nObservation: " << field_names(spec.obs) << "\n\n";
  // Where several take turns, an observation is the view of the player who moves next.
  const auto view = [&](int player, ObsRow obs) {
    return (spec.players > 1 ? "player " + std::to_string(player) + ": " : "") + obs_text(obs);
  };
  std::vector<std::vector<std::string>> rows = {{"step", "action", "reward", "", "observation"}};
  if (!spec.info.empty()) rows[0].push_back("info");
  rows.push_back({"reset", "", "", "", view(env.current_player(), env.obs())});
  if (!spec.info.empty()) rows.back().push_back(info_text(spec, env.reset_info()));
  if (!plan.state.empty()) env.set_state(plan.state);
  std::int64_t count = 0;
  double total = 0;
  std::vector<double> players(spec.players > 1 ? static_cast<std::size_t>(spec.players) : 0, 0);
  const std::string reason = play(plan, env, source, [&](const RolloutStep& step, bool goes_on) {
    total += static_cast<double>(step.reward);
    for (std::size_t p = 0; p < players.size(); ++p) {
      players[p] += static_cast<double>(step.player_rewards[p]);
    }
    rows.push_back(
        {std::to_string(++count), action_text(spec.action, step.action), short_number(step.reward),
         step.terminated  ? "terminated"
         : step.truncated ? "truncated"
                          : "",
         step.next_reset != nullptr ? obs_text(step.obs) : view(step.next_player, step.obs)});
    if (!spec.info.empty()) rows.back().push_back(info_text(spec, step.info));
    if (step.next_reset != nullptr && goes_on) {
      rows.push_back({"reset", "", "", "", view(env.current_player(), *step.next_reset)});
      if (!spec.info.empty()) rows.back().push_back(info_text(spec, env.reset_info()));
    }
  });
  print_table(rows);
  std::cout << "\n"
            << reason << " after " << count << (count == 1 ? " step" : " steps") << ", "
            << (players.empty() ? "sum of rewards " + short_number(total)
                                : player_returns_text({players}))
            << (reason == kCut ? " (" + spec.id + " has no time limit)" : "") << "\n";
}

void print_episodes(const RolloutPlan& plan, RolloutEnv& env, ActionSource& source) {
  std::vector<double> returns;
  std::vector<std::int32_t> lengths;
  std::vector<bool> terminated;
  const int limit = cut_after(plan.env.spec);
  std::int64_t cut = 0;
  std::vector<std::vector<double>> player_returns;  // of each episode; stays empty with one player
  while (static_cast<std::int64_t>(returns.size()) < plan.episodes) {
    source.next(env.obs(), env.mask(), env.action());
    const RolloutStep step = env.step();
    if (!step.terminated && !step.truncated) {
      if (limit == 0 || env.episode_length() < limit) continue;
      env.cut_episode();
      ++cut;
    }
    source.begin_episode();
    returns.push_back(env.episode_return());
    lengths.push_back(env.episode_length());
    if (plan.env.spec.players > 1) player_returns.push_back(env.player_returns());
    terminated.push_back(step.terminated);
  }
  if (plan.json) {
    Json document = {{"env", plan.env.spec.id}, {"seed", plan.seed},        {"returns", returns},
                     {"lengths", lengths},      {"terminated", terminated}, {"cut", cut}};
    if (!player_returns.empty()) document["player_returns"] = player_returns;
    print_json(document);
    return;
  }
  const MeanAndDeviation summary = mean_and_deviation(returns);
  double steps = 0;
  for (const std::int32_t length : lengths) steps += length;
  const auto count = static_cast<double>(returns.size());
  const auto [low, high] = std::minmax_element(returns.begin(), returns.end());
  std::cout << plan.env.spec.id << ", seed " << plan.seed << ", " << plan.policy << ", "
            << returns.size() << " episodes" << cut_text(cut, returns.size(), plan.env.spec.id)
            << "\n";
  print_table(
      {{"return", short_number(summary.mean) + " +- " + short_number(summary.deviation),
        "from " + short_number(*low) + " to " + short_number(*high)},
       {"length", short_number(steps / count)},
       {"terminated", std::to_string(std::count(terminated.begin(), terminated.end(), true)) +
                          " of " + std::to_string(returns.size())}});
  if (!player_returns.empty()) std::cout << player_returns_text(player_returns) << "\n";
}

ExitCode run_rollout(const RolloutPlan& plan, const Args& args) {
  const std::unique_ptr<ActionSource> source = make_source(plan, args);
  RolloutEnv env(plan.env, plan.seed, /*time_limit=*/!plan.has_actions, source->start());
  if (plan.episodes > 0) {
    print_episodes(plan, env, *source);
  } else if (plan.json) {
    print_steps_json(plan, env, *source);
  } else {
    print_steps(plan, env, *source);
  }
  return ExitCode::kSuccess;
}

Work prepare_rollout(const Args& args) {
  const RolloutPlan plan = make_plan(args);
  if (!plan.has_actions) check_policy(args);
  return [plan, args] { return run_rollout(plan, args); };
}

}  // namespace

Command make_rollout_command() {
  Command command;
  command.name = "rollout";
  command.synopses = {
      "tern rollout ENV [key=value ...] [--policy random|zero|RUN] [--seed N]",
      "             [--steps N | --episodes N] [--json]",
      "tern rollout ENV [key=value ...] --actions FILE.json [--state '[..]'] [--json]"};
  command.summary = "play in an env and print what happened";
  command.help =
      "Prints one episode step by step. --steps goes on through resets; --episodes prints only "
      "each\n"
      "episode's return and length. The env is the same code that training steps.\n"
      "\n"
      "--actions takes a JSON array: choices [0, 1, 1], or arrays of numbers for Box actions. "
      "They\n"
      "reach the env as they stand and without a time limit; '-' reads standard input. Of a file\n"
      "that 'tern play -o' wrote, FILE is the first episode, FILE:2 the second.\n"
      "--state sets the env's documented state (its names: tern describe ENV) after the reset, "
      "so\n"
      "that reset_obs still shows the reset.\n"
      "In JSON the observation of a step is the one it led to, also where the episode ended; then\n"
      "next_reset_obs is what the next episode begins with. Where the env has masks, mask is of\n"
      "the same moment as obs. info has the env's info values of each step by name. Of several\n"
      "players, player is who moved and obs_player who sees obs, which is who moves next. Of a\n"
      "trained RUN, policy is what it thought before the step: value or action_values,\n"
      "probabilities, or mean and deviation, entropy in nats.\n"
      "Agents with a replay buffer read such documents, one on each line\n"
      "(agent.demonstrations=FILE).\n"
      "\n"
      "Examples\n"
      "  tern rollout CartPole-v1\n"
      "  tern rollout FrozenLake-v1 map=8x8 slippery=false --episodes 1000 --json\n"
      "  tern rollout CartPole-v1 --actions moves.json --state '[0, 0, 0.1, 0]' --json\n"
      "  tern rollout CartPole-v1 --policy ppo_CartPole-v1-s0@best --episodes 20\n";
  command.options = {
      {"--policy", "P", "random (default), zero, or a trained run"},
      {"--stochastic", "", "draw the trained policy's actions instead of taking its best"},
      {"--actions", "FILE", "a JSON array of actions, instead of a policy"},
      {"--state", "STATE", "the env's state vector after the reset, as a JSON array"},
      {"--seed", "N", "of the env and the random policy (default 0)"},
      {"--steps", "N", "so many steps, on through resets"},
      {"--episodes", "N", "so many episodes, returns and lengths only"},
      {"--json", "",
       "{\"env\", \"seed\", \"reset_obs\", \"steps\": [..]} or {\"env\", \"returns\", ..}"}};
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_rollout;
  return command;
}

}  // namespace tern::cli
