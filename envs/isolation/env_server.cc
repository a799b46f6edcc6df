#include "envs/isolation/env_server.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "envs/isolation/requests.h"
#include "envs/isolation/spec_message.h"
#include "envs/vector/env_group.h"

namespace tern {
namespace {

const void* data(ActionRow row) {
  return row.floats().empty() ? static_cast<const void*>(row.ints().data())
                              : static_cast<const void*>(row.floats().data());
}

/// Envs that were made together, and memory for what they give.
struct Group {
  explicit Group(std::unique_ptr<EnvGroup> made)
      : envs(std::move(made)),
        spec(envs->env(0).spec()),
        rows(spec.obs, spec.action, spec.metrics.size(), envs->size(), spec.players,
             spec.info.size()),
        terms(spec.reward_terms.size()),
        metrics(spec.metrics.size()),
        rewards(static_cast<std::size_t>(spec.players)),
        info(spec.info.size()) {
    for (std::size_t i = 0; i < envs->size(); ++i) kept.push_back({Rng(0, ""), Rng(0, "")});
  }

  std::unique_ptr<EnvGroup> envs;
  EnvSpec spec;
  StepBuffers rows;
  std::vector<RunningEpisode> kept;
  std::vector<float> terms, metrics, rewards, info;
};

class EnvServer {
 public:
  explicit EnvServer(const EnvEntry& entry) : entry_(entry) {}

  void answer(Message& in, Message& out, volatile std::uint64_t& busy_with) {
    const auto ask = in.take<Ask>();
    const auto number = in.take<std::uint64_t>();
    if (ask == Ask::kMake) return make(number, in, out);
    if (ask == Ask::kDrop) return static_cast<void>(groups_.erase(number));
    Group& group = *groups_.at(number);
    if (ask == Ask::kReset || ask == Ask::kStep) return run(group, ask, in, out, busy_with);
    const auto i = static_cast<std::size_t>(in.take<std::uint64_t>());
    busy_with = i;
    if (ask == Ask::kRenew) return group.envs->renew(i);
    ask_one(group, group.envs->env(i), i, ask, in, out);
  }

 private:
  void make(std::uint64_t number, Message& in, Message& out) {
    const auto count = static_cast<std::size_t>(in.take<std::uint64_t>());
    ParamValues values(in.take_count(1));
    for (ParamValue& value : values) {
      value.key = in.take_text();
      value.text = in.take_text();
      value.where = in.take_text();
    }
    auto group = std::make_unique<Group>(entry_.make_group(values, count));
    put_spec(out, group->spec);
    groups_[number] = std::move(group);
  }

  /// Steps or resets envs [begin, end) through the same code as without a process.
  void run(Group& group, Ask ask, Message& in, Message& out, volatile std::uint64_t& busy_with) {
    const auto begin = static_cast<std::size_t>(in.take<std::uint64_t>());
    const auto end = static_cast<std::size_t>(in.take<std::uint64_t>());
    auto rules = in.take<EpisodeRules>();
    rules.logs_actions = true;  // that is, keep the random state of the last reset
    const std::size_t players = rules.players > 1 ? static_cast<std::size_t>(rules.players) : 0;
    for (std::size_t i = begin; i < end; ++i) {
      RunningEpisode& episode = group.kept[i];
      set_state(episode, in.take<SentEpisode>());
      episode.player_returns.resize(players);
      episode.player_rewards.resize(players);
      in.take_bytes(episode.player_returns.data(), players * sizeof(double));
    }
    const std::size_t action_bytes = 4 * group.spec.action.size();
    if (ask == Ask::kStep) {
      in.take_bytes(group.rows.actions.data() + begin * action_bytes, (end - begin) * action_bytes);
    }
    StepBatch batch = group.rows.batch;
    if (ask != Ask::kStep || !in.take<bool>()) batch.info = FloatRow();
    for (std::size_t i = begin; i < end; ++i) {
      busy_with = i;
      if (ask == Ask::kStep) {
        group.envs->step(i, i + 1, group.kept.data(), rules, group.rows.actions, batch);
      } else {
        group.envs->reset(i, i + 1, group.kept.data(), rules, batch.obs, batch.mask);
      }
    }
    for (std::size_t i = begin; i < end; ++i) {
      put_row(group, batch, i, ask == Ask::kStep, players, out);
    }
    const std::vector<std::string> remarks = take_remarks();
    out.put(static_cast<std::uint64_t>(remarks.size()));
    for (const std::string& remark : remarks) out.put_text(remark);
  }

  static void put_row(Group& group, const StepBatch& batch, std::size_t i, bool is_step,
                      std::size_t players, Message& out) {
    RunningEpisode& episode = group.kept[i];
    out.put(state_of(episode));
    episode.action_log.clear();
    out.put_bytes(episode.player_returns.data(), players * sizeof(double));
    out.put_bytes(episode.player_rewards.data(), players * sizeof(float));
    const std::size_t obs_bytes = batch.obs.row_bytes(), flags = batch.mask.row_size();
    out.put_bytes(batch.obs.data() + i * obs_bytes, obs_bytes);
    out.put_bytes(batch.mask.data() + i * flags, flags);
    if (!is_step) return;
    out.put(batch.reward[i]);
    out.put(batch.terminated[i]);
    out.put(batch.truncated[i]);
    const std::size_t info = batch.info.empty() ? 0 : group.spec.info.size();
    out.put_bytes(batch.info.data() + i * info, info * sizeof(float));
    if (batch.terminated[i] == 0 && batch.truncated[i] == 0) return;
    out.put_bytes(batch.final_obs.data() + i * obs_bytes, obs_bytes);
    out.put_bytes(batch.final_mask.data() + i * flags, flags);
    out.put(batch.episode_return[i]);
    out.put(batch.episode_length[i]);
    const std::size_t metrics = group.spec.metrics.size();
    out.put_bytes(batch.episode_metrics.data() + i * metrics, metrics * sizeof(float));
    out.put_bytes(batch.episode_player_returns.data() + i * players, players * sizeof(double));
  }

  static void put_floats(Message& out, const std::vector<float>& values) {
    out.put_bytes(values.data(), values.size() * sizeof(float));
  }

  void ask_one(Group& group, Env& env, std::size_t i, Ask ask, Message& in, Message& out) {
    const StepBatch& batch = group.rows.batch;
    const ObsRow obs = batch.obs[i];
    const std::size_t obs_bytes = group.spec.obs.used_bytes();
    const MutableActionRow action = group.rows.actions[i];
    switch (ask) {
      case Ask::kResetOne: {
        Rng rng(in.take<tern_rng>());
        ResetContext context{rng, in.take<std::uint64_t>()};
        env.reset(context, obs);
        out.put(rng.state());
        return out.put_bytes(obs.data(), obs_bytes);
      }
      case Ask::kStepOne: {
        Rng rng(in.take<tern_rng>());
        in.take_bytes(const_cast<void*>(data(action)), 4 * group.spec.action.size());
        const StepResult result = env.step(action, rng, obs);
        out.put(rng.state());
        out.put(result);
        return out.put_bytes(obs.data(), obs_bytes);
      }
      case Ask::kActionMask: {
        env.action_mask(batch.mask[i]);
        return out.put_bytes(batch.mask[i].data(), batch.mask.row_size());
      }
      case Ask::kDraw: {
        RecordingCanvas canvas;
        env.draw(canvas);
        return put_drawing(out, canvas);
      }
      case Ask::kRewardTerms:
        env.reward_terms(FloatRow(group.terms));
        return put_floats(out, group.terms);
      case Ask::kMetrics:
        env.metrics(FloatRow(group.metrics));
        return put_floats(out, group.metrics);
      case Ask::kHumanAction: {
        out.put(env.human_action(Keys(in.take<std::uint64_t>()), action));
        return out.put_bytes(data(action), 4 * group.spec.action.size());
      }
      case Ask::kGetState: {
        DoubleVec state;
        out.put(env.get_state(state));
        out.put(static_cast<std::uint64_t>(state.size()));
        return out.put_bytes(state.data(), state.size() * sizeof(double));
      }
      case Ask::kSetState: {
        DoubleVec state(in.take_count(sizeof(double)));
        in.take_bytes(state.data(), state.size() * sizeof(double));
        return out.put(env.set_state(ConstDoubleRow(state)));
      }
      case Ask::kSave: {
        StateWriter state;
        env.save(state);
        return out.put_text({state.bytes().begin(), state.bytes().end()});
      }
      case Ask::kLoad: {
        const std::string text = in.take_text();
        const std::vector<std::uint8_t> bytes(text.begin(), text.end());
        StateReader state(bytes);
        out.put(env.load(state));
        return out.put(static_cast<std::uint64_t>(state.remaining()));
      }
      case Ask::kTransitions:
        return put_transitions(env, out);
      case Ask::kRelabel: {
        std::vector<float> goals[2];
        for (std::vector<float>& goal : goals) {
          goal.resize(in.take_count(sizeof(float)));
          in.take_bytes(goal.data(), goal.size() * sizeof(float));
        }
        return out.put(env.relabel(GoalView(goals[0]), GoalView(goals[1])));
      }
      case Ask::kCurrentPlayer:
        return out.put(env.current_player());
      case Ask::kPlayerRewards: {
        out.put(env.player_rewards(FloatRow(group.rewards)));
        return put_floats(out, group.rewards);
      }
      case Ask::kInfo:
        env.info(FloatRow(group.info));
        return put_floats(out, group.info);
      default:
        throw Error::failure("an unknown request to the process of an env");
    }
  }

  static void put_transitions(const Env& env, Message& out) {
    TransitionTable table;
    out.put(env.transitions(table));
    out.put(static_cast<std::uint64_t>(table.initial.size()));
    out.put_bytes(table.initial.data(), table.initial.size() * sizeof(double));
    out.put(static_cast<std::uint64_t>(table.outcomes.size()));
    for (const auto& actions : table.outcomes) {
      out.put(static_cast<std::uint64_t>(actions.size()));
      for (const std::vector<Transition>& outcomes : actions) {
        out.put(static_cast<std::uint64_t>(outcomes.size()));
        out.put_bytes(outcomes.data(), outcomes.size() * sizeof(Transition));
      }
    }
  }

  EnvEntry entry_;
  std::map<std::uint64_t, std::unique_ptr<Group>> groups_;
};

}  // namespace

AnswerRequest serve_envs(const EnvEntry& entry) {
  const auto server = std::make_shared<EnvServer>(entry);
  return [server](Message& in, Message& out, volatile std::uint64_t& busy_with) {
    server->answer(in, out, busy_with);
  };
}

}  // namespace tern
