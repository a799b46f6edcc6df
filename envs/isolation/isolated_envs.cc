#include "envs/isolation/isolated_envs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <type_traits>
#include <utility>

#include "core/threads/worker_pool.h"
#include "envs/action_memory.h"
#include "envs/isolation/env_server.h"
#include "envs/isolation/requests.h"
#include "envs/isolation/spec_message.h"

namespace tern {

namespace {

constexpr std::size_t kMostProcesses = 16;
constexpr std::size_t kMostLogged = std::size_t{64} << 20;  // bytes of actions of an episode

}  // namespace

class EnvProcesses {
 public:
  explicit EnvProcesses(const EnvEntry& entry)
      : entry_(entry),
        name_(entry.checksum.empty() ? "'" + entry.spec.id + "'"
                                     : entry.origin + ": '" + entry.spec.id + "'") {}

  const std::string& name() const { return name_; }
  /// The first `count` of them.
  std::vector<std::shared_ptr<EnvProcess>> first(std::size_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (processes_.size() < count) processes_.resize(count);
    for (std::size_t p = 0; p < count; ++p) {
      if (processes_[p] && !processes_[p]->is_over()) continue;
      processes_[p] = std::make_shared<EnvProcess>(name_, [this] { return serve_envs(entry_); });
    }
    return {processes_.begin(), processes_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  std::uint64_t new_number() { return ++numbers_; }

 private:
  EnvEntry entry_;
  std::string name_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<EnvProcess>> processes_;
  std::atomic<std::uint64_t> numbers_{0};
};

namespace {

/// Envs that one process holds for us.
class RemoteGroup {
 public:
  RemoteGroup(EnvProcesses& processes, std::shared_ptr<EnvProcess> process,
              const ParamValues& values, std::size_t count, std::chrono::milliseconds limit)
      : process_(std::move(process)), number_(processes.new_number()), limit_(limit) {
    spec_ = ask(
        Ask::kMake,
        [&](Message& out) {
          out.put(static_cast<std::uint64_t>(count));
          out.put(static_cast<std::uint64_t>(values.size()));
          for (const ParamValue& value : values) {
            out.put_text(value.key);
            out.put_text(value.text);
            out.put_text(value.where);
          }
        },
        take_spec);
  }
  ~RemoteGroup() {
    try {
      ask(
          Ask::kDrop, [](Message&) {}, [](Message&) { return 0; });
    } catch (const Error&) {
      // It is gone already.
    }
  }
  RemoteGroup(const RemoteGroup&) = delete;
  RemoteGroup& operator=(const RemoteGroup&) = delete;

  const EnvSpec& spec() const { return spec_; }
  std::mutex& mutex() const { return process_->mutex(); }

  /// The same in two halves, with the mutex held: several groups work at once.
  template <class Write>
  void begin(Ask ask, const Write& write) const {
    Message out = process_->request();
    out.put(ask);
    out.put(number_);
    write(out);
    process_->send();
  }
  Message end() const { return process_->answer(limit_); }

  template <class Write, class Read>
  std::invoke_result_t<Read, Message&> ask(Ask what, const Write& write, const Read& read) const {
    const std::lock_guard<std::mutex> lock(mutex());
    begin(what, write);
    Message in = end();
    return read(in);
  }

 private:
  std::shared_ptr<EnvProcess> process_;
  std::uint64_t number_;
  std::chrono::milliseconds limit_;
  EnvSpec spec_;
};

/// One env of a group.
class RemoteEnv final : public Env {
 public:
  RemoteEnv(std::shared_ptr<const RemoteGroup> group, std::size_t index)
      : group_(std::move(group)), index_(index) {}

  const EnvSpec& spec() const override { return group_->spec(); }

  void reset(ResetContext& ctx, ObsRow obs) override {
    ask(
        Ask::kResetOne,
        [&](Message& out) {
          out.put(ctx.rng.state());
          out.put(ctx.level);
        },
        [&](Message& in) {
          ctx.rng = Rng(in.take<tern_rng>());
          in.take_bytes(obs.data(), spec().obs.used_bytes());
          return 0;
        });
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    return ask(
        Ask::kStepOne,
        [&](Message& out) {
          out.put(rng.state());
          out.put_bytes(memory_of(action), 4 * action.size());
        },
        [&](Message& in) {
          rng = Rng(in.take<tern_rng>());
          const auto result = in.take<StepResult>();
          in.take_bytes(obs.data(), spec().obs.used_bytes());
          return result;
        });
  }
  void action_mask(MaskRow mask) const override {
    ask(Ask::kActionMask, nothing, [&](Message& in) {
      in.take_bytes(mask.data(), mask.size());
      return 0;
    });
  }
  void draw(Canvas& canvas) const override {
    RecordingCanvas drawn;
    ask(Ask::kDraw, nothing, [&](Message& in) {
      take_drawing(in, drawn);
      return 0;
    });
    drawn.replay(canvas);
  }
  void reward_terms(FloatRow terms) const override { take_floats(Ask::kRewardTerms, terms); }
  void metrics(FloatRow metrics) const override { take_floats(Ask::kMetrics, metrics); }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return ask(
        Ask::kHumanAction, [&](Message& out) { out.put(keys.bits()); },
        [&](Message& in) {
          const bool is_one = in.take<bool>();
          if (is_one) in.take_bytes(memory_of(action), 4 * spec().action.size());
          return is_one;
        });
  }
  bool get_state(DoubleVec& state) const override {
    return ask(Ask::kGetState, nothing, [&](Message& in) {
      const bool has_one = in.take<bool>();
      state.resize(in.take_count(sizeof(double)));
      in.take_bytes(state.data(), state.size() * sizeof(double));
      return has_one;
    });
  }
  bool set_state(ConstDoubleRow state) override {
    return ask(
        Ask::kSetState,
        [&](Message& out) {
          out.put(static_cast<std::uint64_t>(state.size()));
          out.put_bytes(state.data(), state.size() * sizeof(double));
        },
        [](Message& in) { return in.take<bool>(); });
  }
  void save(StateWriter& out) const override {
    const std::string state = ask(Ask::kSave, nothing, [](Message& in) { return in.take_text(); });
    out.append(state.data(), state.size());
  }
  bool load(StateReader& in) override {
    std::vector<std::uint8_t> bytes(in.remaining());
    StateReader ahead = in;
    ahead.take(bytes.data(), bytes.size());
    const auto [can, left] = ask(
        Ask::kLoad,
        [&](Message& out) {
          out.put_text({bytes.begin(), bytes.end()});
        },
        [](Message& answer) {
          const bool can_load = answer.take<bool>();
          return std::pair(can_load, answer.take<std::uint64_t>());
        });
    if (can) in.take(bytes.data(), bytes.size() - static_cast<std::size_t>(left));
    return can;
  }
  bool transitions(TransitionTable& table) const override {
    return ask(Ask::kTransitions, nothing, [&](Message& in) {
      const bool is_tabular = in.take<bool>();
      table.initial.resize(in.take_count(sizeof(double)));
      in.take_bytes(table.initial.data(), table.initial.size() * sizeof(double));
      table.outcomes.resize(in.take_count(1));
      for (auto& actions : table.outcomes) {
        actions.resize(in.take_count(1));
        for (std::vector<Transition>& outcomes : actions) {
          outcomes.resize(in.take_count(sizeof(Transition)));
          in.take_bytes(outcomes.data(), outcomes.size() * sizeof(Transition));
        }
      }
      return is_tabular;
    });
  }
  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    return ask(
        Ask::kRelabel,
        [&](Message& out) {
          for (const GoalView* goal : {&achieved, &desired}) {
            out.put(static_cast<std::uint64_t>(goal->size()));
            out.put_bytes(goal->data(), goal->size() * sizeof(float));
          }
        },
        [](Message& in) { return in.take<float>(); });
  }
  void info(FloatRow info) const override { take_floats(Ask::kInfo, info); }
  int current_player() const override {
    return ask(Ask::kCurrentPlayer, nothing, [](Message& in) { return in.take<int>(); });
  }
  bool player_rewards(FloatRow rewards) const override {
    return ask(Ask::kPlayerRewards, nothing, [&](Message& in) {
      const bool has_them = in.take<bool>();
      in.take_bytes(rewards.data(), rewards.size() * sizeof(float));
      return has_them;
    });
  }

 private:
  static void nothing(Message&) {}

  template <class Write, class Read>
  std::invoke_result_t<Read, Message&> ask(Ask what, const Write& write, const Read& read) const {
    return group_->ask(
        what,
        [&](Message& out) {
          out.put(static_cast<std::uint64_t>(index_));
          write(out);
        },
        read);
  }
  void take_floats(Ask what, FloatRow values) const {
    ask(what, nothing, [&](Message& in) {
      in.take_bytes(values.data(), values.size() * sizeof(float));
      return 0;
    });
  }

  std::shared_ptr<const RemoteGroup> group_;
  std::size_t index_;
};

/// N envs, shared out to the processes in ranges.
class IsolatedEnvGroup final : public EnvGroup {
 public:
  IsolatedEnvGroup(std::shared_ptr<EnvProcesses> processes, const ParamValues& values,
                   std::size_t count, std::chrono::milliseconds limit)
      : processes_(std::move(processes)), values_(values), limit_(limit), logs_(count) {
    share_out(1);
  }

  void expect_threads(std::size_t threads) override {
    const std::size_t parts = std::min({threads, logs_.size(), kMostProcesses});
    if (parts != parts_.size()) share_out(parts);
  }
  std::size_t size() const override { return envs_.size(); }
  Env& env(std::size_t i) override { return *envs_[i]; }
  void renew(std::size_t i) override {
    for (const Part& part : parts_) {
      if (i < part.begin || i >= part.end) continue;
      part.group->ask(
          Ask::kRenew, [&](Message& out) { out.put(static_cast<std::uint64_t>(i - part.begin)); },
          [](Message&) { return 0; });
    }
  }

  void reset(std::size_t begin, std::size_t end, RunningEpisode* episodes,
             const EpisodeRules& rules, const ObsRows& obs, const MaskRows& mask) override {
    run(Ask::kReset, begin, end, episodes, rules, nullptr, false, [&](Message& in, std::size_t i) {
      take_rows(in, i, obs, mask);
      start_log(episodes[i], rules, i);
    });
  }

  void step(std::size_t begin, std::size_t end, RunningEpisode* episodes, const EpisodeRules& rules,
            const ActionRows& actions, const StepBatch& batch) override {
    for (std::size_t i = begin; i < end; ++i) log_action(episodes[i], rules, i, actions);
    const bool wants_info = !batch.info.empty();
    run(Ask::kStep, begin, end, episodes, rules, &actions, wants_info,
        [&](Message& in, std::size_t i) {
          take_rows(in, i, batch.obs, batch.mask);
          batch.reward[i] = in.take<float>();
          batch.terminated[i] = in.take<std::uint8_t>();
          batch.truncated[i] = in.take<std::uint8_t>();
          const std::size_t info = wants_info ? envs_[i]->spec().info.size() : 0;
          in.take_bytes(batch.info.data() + i * info, info * sizeof(float));
          if (batch.terminated[i] == 0 && batch.truncated[i] == 0) return;
          take_rows(in, i, batch.final_obs, batch.final_mask);
          batch.episode_return[i] = in.take<double>();
          batch.episode_length[i] = in.take<std::int32_t>();
          const std::size_t metrics = envs_[i]->spec().metrics.size();
          in.take_bytes(batch.episode_metrics.data() + i * metrics, metrics * sizeof(float));
          const std::size_t players = episodes[i].player_returns.size();
          std::vector<double> returns(players);
          in.take_bytes(returns.data(), players * sizeof(double));
          if (!batch.episode_player_returns.empty()) {
            std::copy(returns.begin(), returns.end(),
                      batch.episode_player_returns.begin() + i * players);
          }
          start_log(episodes[i], rules, i);
        });
  }

 private:
  struct Part {
    std::shared_ptr<RemoteGroup> group;
    std::size_t begin = 0, end = 0;  // envs
  };

  /// Makes the envs, in so many processes.
  void share_out(std::size_t parts) {
    parts_.clear();
    envs_.clear();
    const std::size_t count = logs_.size();
    const std::vector<std::shared_ptr<EnvProcess>> all = processes_->first(parts);
    for (std::size_t p = 0; p < parts; ++p) {
      const std::size_t begin = part_begin(count, parts, p), end = part_begin(count, parts, p + 1);
      parts_.push_back(
          {std::make_shared<RemoteGroup>(*processes_, all[p], values_, end - begin, limit_), begin,
           end});
      for (std::size_t i = begin; i < end; ++i) {
        envs_.push_back(std::make_unique<RemoteEnv>(parts_.back().group, i - begin));
      }
    }
  }

  static void take_rows(Message& in, std::size_t i, const ObsRows& obs, const MaskRows& mask) {
    in.take_bytes(obs.data() + i * obs.row_bytes(), obs.row_bytes());
    in.take_bytes(mask.data() + i * mask.row_size(), mask.row_size());
  }

  /// Asks all processes that hold some of envs [begin, end), then takes what they answer.
  template <class Take>
  void run(Ask ask, std::size_t begin, std::size_t end, RunningEpisode* episodes,
           const EpisodeRules& rules, const ActionRows* actions, bool wants_info,
           const Take& take) {
    std::array<std::unique_lock<std::mutex>, kMostProcesses> locks;
    std::exception_ptr first_error;
    std::array<bool, kMostProcesses> is_asked = {};
    const auto keep_error = [&] {
      if (!first_error) first_error = std::current_exception();
    };
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const std::size_t from = std::max(begin, parts_[p].begin), to = std::min(end, parts_[p].end);
      if (from >= to) continue;
      locks[p] = std::unique_lock<std::mutex>(parts_[p].group->mutex());
      try {
        parts_[p].group->begin(ask, [&](Message& out) {
          put_request(out, parts_[p].begin, from, to, episodes, rules, actions);
          if (actions != nullptr) out.put(wants_info);
        });
        is_asked[p] = true;
      } catch (const Error&) {
        keep_error();
      }
    }
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      if (!is_asked[p]) continue;
      const std::size_t from = std::max(begin, parts_[p].begin), to = std::min(end, parts_[p].end);
      try {
        Message in = parts_[p].group->end();
        for (std::size_t i = from; i < to; ++i) {
          take_episode(in, episodes[i], rules);
          take(in, i);
        }
        for (auto remarks = in.take<std::uint64_t>(); remarks > 0; --remarks) {
          const std::string remark = in.take_text();
          add_remark(remark, remark);
        }
      } catch (const EnvProcessEnded& ended) {
        if (!first_error) first_error = std::make_exception_ptr(ended_episode(ended, parts_[p]));
      } catch (const Error&) {
        keep_error();
      }
    }
    if (first_error) std::rethrow_exception(first_error);
  }

  static void put_request(Message& out, std::size_t offset, std::size_t from, std::size_t to,
                          const RunningEpisode* episodes, const EpisodeRules& rules,
                          const ActionRows* actions) {
    out.put(static_cast<std::uint64_t>(from - offset));
    out.put(static_cast<std::uint64_t>(to - offset));
    EpisodeRules there = rules;
    there.first_env = offset;
    out.put(there);
    const std::size_t players = rules.players > 1 ? static_cast<std::size_t>(rules.players) : 0;
    for (std::size_t i = from; i < to; ++i) {
      out.put(state_of(episodes[i]));
      std::vector<double> returns = episodes[i].player_returns;
      returns.resize(players);
      out.put_bytes(returns.data(), players * sizeof(double));
    }
    if (actions == nullptr) return;
    const std::size_t bytes = 4 * actions->row_size();
    out.put_bytes(actions->data() + from * bytes, (to - from) * bytes);
  }

  static void take_episode(Message& in, RunningEpisode& episode, const EpisodeRules& rules) {
    set_state(episode, in.take<SentEpisode>());
    if (rules.players <= 1) return;
    const auto players = static_cast<std::size_t>(rules.players);
    episode.player_returns.resize(players);
    episode.player_rewards.resize(players);
    in.take_bytes(episode.player_returns.data(), players * sizeof(double));
    in.take_bytes(episode.player_rewards.data(), players * sizeof(float));
  }

  void start_log(RunningEpisode& episode, const EpisodeRules& rules, std::size_t i) {
    EndedEpisode& log = logs_[i];
    log.is_whole = true;
    log.reset_rng = episode.reset_rng;
    log.level = episode.level;
    log.actions.clear();
    if (rules.logs_actions) episode.action_log.clear();
  }

  void log_action(RunningEpisode& episode, const EpisodeRules& rules, std::size_t i,
                  const ActionRows& actions) {
    const std::size_t bytes = 4 * actions.row_size();
    const std::uint8_t* const row = actions.data() + i * bytes;
    if (rules.logs_actions) episode.action_log.insert(episode.action_log.end(), row, row + bytes);
    EndedEpisode& log = logs_[i];
    const std::size_t expected = bytes * static_cast<std::size_t>(episode.episode_length);
    if (log.actions.size() != expected ||
        expected > kMostLogged) {  // loaded in between, or endless
      log.is_whole = false;
      log.actions.clear();
    }
    if (log.is_whole) log.actions.insert(log.actions.end(), row, row + bytes);
  }

  EnvEnded ended_episode(const EnvProcessEnded& ended, const Part& part) const {
    const std::size_t i = std::min(part.begin + ended.env(), part.end - 1);
    EndedEpisode episode = logs_[i];
    episode.env = i;
    return {std::string(ended.what()) + " of env " + std::to_string(i), episode};
  }

  std::shared_ptr<EnvProcesses> processes_;
  ParamValues values_;
  std::chrono::milliseconds limit_;
  std::vector<Part> parts_;
  std::vector<std::unique_ptr<RemoteEnv>> envs_;
  std::vector<EndedEpisode> logs_;
};

}  // namespace

std::shared_ptr<EnvProcesses> make_env_processes(const EnvEntry& entry) {
  return std::make_shared<EnvProcesses>(entry);
}

std::unique_ptr<Env> make_isolated_env(const std::shared_ptr<EnvProcesses>& processes,
                                       const ParamValues& values, std::chrono::milliseconds limit) {
  return std::make_unique<RemoteEnv>(
      std::make_shared<RemoteGroup>(*processes, processes->first(1).front(), values, 1, limit), 0);
}

std::unique_ptr<EnvGroup> make_isolated_group(const std::shared_ptr<EnvProcesses>& processes,
                                              const ParamValues& values, std::size_t count,
                                              std::chrono::milliseconds limit) {
  return std::make_unique<IsolatedEnvGroup>(processes, values, count, limit);
}

}  // namespace tern
