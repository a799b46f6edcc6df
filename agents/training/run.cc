// A run in order: configuration, envs, agent, folder, training, final evaluation.

#include "agents/training/run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <future>
#include <optional>
#include <utility>

#include "agents/algorithm/nonfinite_report.h"
#include "agents/algorithm/warm_start.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/disk_need.h"
#include "agents/run/ended_episode.h"
#include "agents/run/eval_log.h"
#include "agents/run/initial_policy.h"
#include "agents/run/longer_run.h"
#include "agents/run/policy_spec.h"
#include "agents/run/resolve_config.h"
#include "agents/run/resume_advice.h"
#include "agents/run/resume_checks.h"
#include "agents/run/run_env.h"
#include "agents/run/run_folder.h"
#include "agents/run/run_record.h"
#include "agents/run/run_ref.h"
#include "agents/training/evaluate.h"
#include "agents/training/factory.h"
#include "agents/training/load_envs.h"
#include "agents/training/platform.h"
#include "agents/training/process_watch.h"
#include "agents/training/run_snapshot.h"
#include "agents/training/stopwatch.h"
#include "agents/training/training_envs.h"
#include "core/checked_policy.h"
#include "core/metrics/csv_sink.h"
#include "core/metrics/jsonl_sink.h"
#include "core/metrics/tensorboard_sink.h"
#include "core/version.h"
#include "envs/call_record/fatal_report.h"
#include "envs/conformance/action_bounds.h"
#include "envs/plugin_host/trusted_plugins.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

using Clock = std::chrono::steady_clock;

/// `every`, or a part of the run where it is 0.
std::int64_t interval(std::int64_t every, const RunParams& run, std::int64_t parts) {
  return every > 0 ? every : std::max<std::int64_t>(1, run.total_steps / parts);
}
constexpr std::int64_t kReports = 100, kEvaluations = 10, kCheckpoints = 10;

/// Whether a multiple of `every` lies in (previous, step].
bool is_due(std::int64_t every, std::int64_t previous, std::int64_t step) {
  return step / every > previous / every;
}

void tell(const TrainHooks& hooks, const std::string& line) {
  if (hooks.on_message) hooks.on_message(line);
}

/// What the folder of such a run holds at most.
DiskNeed disk_need(const RunConfig& config, const Agent& agent, const VecEnv& envs) {
  const AgentState state = agent.save();
  StateWriter env_state;
  envs.save(env_state);
  DiskNeed need;
  need.checkpoint_bytes =
      static_cast<std::int64_t>(state.policy.size() + state.optimizer.size() +
                                state.training.size() + env_state.bytes().size());
  need.replay_bytes = agent.replay_bytes();
  need.keep_checkpoints = config.run.keep_checkpoints;
  need.reports = config.run.total_steps / interval(config.run.log_every, config.run, kReports) + 1;
  need.metrics = 20;  // both agents report fewer
  return need;
}

/// A run whose folder stands: trains, reports, evaluates, saves.
class Run final : public TrainContext {
 public:
  Run(const RunConfig& config, const std::string& folder, const std::string& command,
      std::int64_t stop_at, const TrainHooks& hooks)
      : TrainContext(config.run.total_steps),
        config_(config),
        shown_(folder),
        folder_(std::filesystem::absolute(folder).string()),
        hooks_(hooks),
        stop_at_(stop_at < config.run.total_steps ? stop_at : 0),
        entry_(registry().find(config.env_id)),
        envs_(entry_, config.env, training_envs(config)),
        agent_(make_agent(config, envs_.spec())),
        store_(folder_),
        command_(command) {
    actors = static_cast<std::size_t>(config.run.actors);
  }

  /// Begins as the configuration says.
  void begin() {
    if (!config_.run.init_from.empty()) start_from(*agent_, read_initial_policy(config_));
  }

  /// Continues exactly where the checkpoint stands. has_changed: the plugin has, since then.
  void load(const Checkpoint& checkpoint, bool has_changed) {
    // Reading a part that was written once and dropped since is an error that says so.
    const auto part = [&](const std::string& name) {
      for (const ManifestPart& written : checkpoint.manifest().parts) {
        if (written.name == name) return checkpoint.read_part(name);
      }
      return Bytes();
    };
    agent_->load({part("policy.bin"), part("optimizer.bin"), part("training.bin")});
    if (agent_->replay_bytes() > 0) {
      checkpoint.read_stream("replay.bin", [&](ByteSource& in) { agent_->load_replay(in); });
    }
    const Bytes envs = part("envs.bin"), run = part("run.bin");
    StateReader envs_reader{ByteRow(envs)}, run_reader{ByteRow(run)};
    note_ = load_envs(envs_, *agent_, envs_reader, has_changed);
    episodes.load(run_reader, envs_.spec().metrics.size());
    run_reader.read(best_, has_best_);
    has_best_ = has_best_ && std::isfinite(best_);
    // Whether an evaluation of this step was interrupted; not in older runs.
    if (run_reader.remaining() > 0) run_reader.read(owes_evaluation_);
    check_saved(envs_reader.remaining() + run_reader.remaining() == 0,
                "it is longer than the run's");
    check_saved(agent_->step() == checkpoint.manifest().step,
                "the agent is at step " + std::to_string(agent_->step()) + ", its checkpoint at " +
                    std::to_string(checkpoint.manifest().step));
    has_checkpoint_.store(true);
    earlier_seconds_ = checkpoint.manifest().seconds;
    first_step_ = previous_step_ = saved_step_ = agent_->step();
  }
  /// What does not go on exactly, "" for nothing.
  const std::string& note() const { return note_; }

  TrainResult train() {
    // Said if an env ends the process, when nothing else can be said or saved.
    struct EndHint {
      explicit EndHint(const std::string& hint) { set_end_hint(hint); }
      ~EndHint() { set_end_hint(""); }
    } hint(advice());
    const RunPaths paths(folder_);
    CsvSink csv(paths.metrics_csv);
    JsonlSink jsonl(paths.metrics_jsonl);
    TensorBoardSink events(paths.events);
    sinks_ = {&csv, &jsonl, &events};
    sinks_.insert(sinks_.end(), hooks_.sinks.begin(), hooks_.sinks.end());
    recorder_.emplace(folder_, command_, source_commit(), config_.run.seed,
                      compute_path(config_.run.threads), first_step_, note_);
    const auto record_failure = [&] {
      if (saving_.valid()) saving_.wait();
      recorder_->update(agent_->step(), "failed");
    };
    try {
      return train_and_evaluate();
    } catch (const NonFiniteError& error) {
      record_failure();
      const std::string kept = write_nonfinite_report(folder_, agent_->step(), error);
      throw Error::failure(shown_ + ": " + error.what() + ". The batch is kept in " + kept);
    } catch (const EnvEnded& error) {
      record_failure();
      throw Error::failure(std::string(error.what()) + ".\n" +
                           write_ended_episode(shown_, agent_->step(), config_, error) + "\n" +
                           advice());
    } catch (const Error& error) {
      record_failure();
      if (error.code() == ExitCode::kUsage) throw;
      throw Error::failure(std::string(error.what()) + ". " + advice());
    } catch (...) {
      record_failure();
      throw;
    }
  }

 private:
  /// For when training fails.
  std::string advice() const {
    return resume_advice({shown_, has_checkpoint_.load(), !entry_.checksum.empty()});
  }

  TrainResult train_and_evaluate() {
    started_ = Clock::now();
    if (hooks_.on_run) hooks_.on_run(shown_);
    if (hooks_.on_start) hooks_.on_start(last_step());
    if (owes_evaluation_) {
      evaluate_now(EvalSeries::kDuringTraining, config_.run.eval_episodes);
      if (best_is_new_) save();  // marks it
    }
    if (!stopped_) agent_->train(envs_, *this);
    TrainResult result;
    result.run = shown_;
    result.steps = agent_->step();
    result.seconds = training_seconds();
    result.steps_per_second =
        result.seconds > 0 ? static_cast<double>(agent_->step() - first_step_) / result.seconds : 0;
    // Before the final evaluation, which may take long and may be interrupted.
    save();
    finish_saving();
    if (!stopped_ && config_.run.final_eval_episodes > 0) {
      result.eval = evaluate_now(EvalSeries::kFinal, config_.run.final_eval_episodes);
      save();  // marks the best
    }
    result.finished = !stopped_;
    finish_saving();
    for (MetricsSink* sink : sinks_) sink->flush();
    recorder_->update(agent_->step(), stopped_ ? "stopped" : "finished");
    return result;
  }

  bool end_iteration(const Agent& agent,
                     const std::function<std::vector<Metric>()>& metrics) override {
    const std::int64_t step = agent.step();
    if (hooks_.on_policy && seconds_since(published_) >= hooks_.policy_interval_seconds) {
      published_ = Clock::now();
      hooks_.on_policy(checked_policy(agent.snapshot(), policy_spec(spec(), config_)));
    }
    const RunParams& run = config_.run;
    if (is_due(interval(run.log_every, run, kReports), previous_step_, step)) report(metrics());
    if (is_due(interval(run.eval_every, run, kEvaluations), previous_step_, step)) {
      evaluate_now(EvalSeries::kDuringTraining, run.eval_episodes);
    }
    for (const std::string& remark : take_remarks()) tell(hooks_, "warning: " + remark);
    stopped_ = stopped_ || (stop_at_ > 0 && step >= stop_at_) || should_stop();
    const bool is_saved_now =
        stopped_ || best_is_new_ ||
        is_due(interval(run.checkpoint_every, run, kCheckpoints), previous_step_, step);
    previous_step_ = step;
    if (is_saved_now) save();
    return !stopped_;
  }

  void report(std::vector<Metric> metrics) {
    const std::string changed = process_watch_.look();
    if (!changed.empty()) tell(hooks_, "warning: " + changed);
    const double seconds = training_seconds();
    const auto steps = static_cast<double>(agent_->step() - first_step_);
    metrics.push_back({"time/steps_per_second", seconds > 0 ? steps / seconds : 0});
    write({agent_->step(), earlier_seconds_ + seconds, std::move(metrics)});
  }

  bool should_stop() const { return hooks_.should_stop && hooks_.should_stop(); }

  /// Where training will end: only whole iterations that fit in total_steps are done.
  std::int64_t last_step() const {
    const std::int64_t each = agent_->iteration_steps(), total = config_.run.total_steps;
    const std::int64_t wanted = stop_at_ > 0 ? (stop_at_ + each - 1) / each * each : total;
    return std::max(agent_->step(), std::min(wanted, total / each * each));
  }

  /// Evaluates the present policy, or stops the run when asked to, and then the evaluation is made
  /// by the resume.
  EvalResult evaluate_now(EvalSeries series, int episodes_wanted) {
    const double seconds = earlier_seconds_ + training_seconds();  // without this evaluation
    const Stopwatch watch(excluded_seconds_);
    EvaluationPlan plan;
    plan.episodes = episodes_wanted;
    plan.seed = static_cast<std::uint64_t>(config_.run.seed);
    plan.stream = series == EvalSeries::kFinal ? "final evaluation" : "evaluation";
    plan.level_begin = static_cast<std::uint64_t>(config_.run.eval_level_begin);
    plan.level_end = static_cast<std::uint64_t>(config_.run.eval_level_end);
    plan.should_stop = [this] { return should_stop(); };
    const std::unique_ptr<Policy> policy = agent_->snapshot();
    EvalResult result = evaluate(*policy, entry_, config_.env, plan);
    result.run = shown_;
    owes_evaluation_ = result.returns.empty() && series == EvalSeries::kDuringTraining;
    if (result.returns.empty()) {
      stopped_ = true;
      return result;
    }
    if (!is_recorded(series, result)) {
      append_eval(folder_, series, result, seconds);
      const std::string name = name_of(series);
      write({result.step,
             seconds,
             {{name + "/return", result.mean}, {name + "/return_std", result.std}}});
    }
    warn_of_nonfinite(result);
    eval_mean_ = result.mean;
    // An infinite return tells no policy from another.
    if (std::isfinite(result.mean) &&
        (!has_best_ || result.mean >= best_)) {  // the newest of equals
      best_ = result.mean;
      has_best_ = best_is_new_ = true;
    }
    return result;
  }

  void warn_of_nonfinite(const EvalResult& result) const {
    std::size_t number = 0;
    double first = 0;  // the first of them
    for (const double value : result.returns) {
      if (!std::isfinite(value) && number++ == 0) first = value;
    }
    if (number == 0) return;
    tell(hooks_, "warning: " + std::to_string(number) + " of " +
                     std::to_string(result.returns.size()) + " episodes of " + entry_.spec.id +
                     " in the evaluation at step " + std::to_string(result.step) +
                     " returned no finite number (" + format_number(first) +
                     "); it does not count for the best checkpoint");
  }

  /// A finished run that is resumed evaluates again, to the same result.
  bool is_recorded(EvalSeries series, const EvalResult& result) const {
    const std::vector<LoggedEval> all = read_evals(folder_);
    if (all.empty() || all.back().series != series) return false;
    const EvalResult& last = all.back().result;
    const auto is_same = [](double a, double b) { return a == b || (a != a && b != b); };
    return last.step == result.step &&
           std::equal(last.returns.begin(), last.returns.end(), result.returns.begin(),
                      result.returns.end(), is_same);
  }

  void write(const MetricsRecord& record) {
    for (MetricsSink* sink : sinks_) sink->write(record);
  }

  /// Saves the present step unless it stands already, in a thread of its own: the agent learns on
  /// while the disk is waited for. What went wrong is thrown by the next call, or by
  /// finish_saving().
  void save() {
    finish_saving();
    const std::int64_t step = agent_->step();
    std::optional<RunSnapshot> unsaved;
    if (step != saved_step_) {
      for (MetricsSink* sink : sinks_) sink->flush();
      unsaved = snapshot();
    }
    saving_ = std::async(std::launch::async, [this, step, unsaved = std::move(unsaved),
                                              is_best = best_is_new_]() mutable {
      if (unsaved) write_checkpoint(*unsaved);
      if (!has_checkpoint_.exchange(true)) set_end_hint(advice());
      if (is_best) store_.mark_best(step);
      store_.retain(config_.run.keep_checkpoints);
      recorder_->update(step);
    });
    saved_step_ = step;
    best_is_new_ = false;
    eval_mean_.reset();
  }

  void finish_saving() {
    if (saving_.valid()) saving_.get();
  }

  /// A copy of everything but the replay buffer. That goes to the disk here, piece by piece: a copy
  /// of it might not fit into memory, and what training adds meanwhile must not get into it.
  RunSnapshot snapshot() const {
    RunSnapshot snapshot;
    snapshot.agent = agent_->save();
    StateWriter envs, run;
    envs_.save(envs);
    episodes.save(run);
    run.write(best_, has_best_, owes_evaluation_);
    snapshot.envs = envs.bytes();
    snapshot.run = run.bytes();
    Manifest manifest;
    manifest.agent = config_.agent;
    manifest.env_id = entry_.spec.id;
    if (!entry_.checksum.empty()) {
      manifest.plugin_path = entry_.origin;
      manifest.plugin_sha256 = entry_.checksum;
      manifest.env_facts = env_facts(envs_.spec());
    }
    manifest.spec = spec();
    manifest.step = agent_->step();
    manifest.seconds = earlier_seconds_ + training_seconds();
    manifest.eval_mean = eval_mean_;
    manifest.blas_core = blas_core();
    manifest.config = config_;
    snapshot.writer = std::make_unique<CheckpointWriter>(folder_, std::move(manifest));
    if (agent_->replay_bytes() > 0) {
      snapshot.writer->add_stream(
          "replay.bin", [&](ByteSink& out) { agent_->save_replay(out); }, PartKeep::kNewestOnly);
    }
    return snapshot;
  }

  /// As configured_spec() gives it.
  EnvSpec spec() const {
    EnvSpec spec = envs_.spec();
    spec.id = entry_.spec.id;
    return spec;
  }

  /// Of this process, evaluations excluded.
  double training_seconds() const { return seconds_since(started_) - excluded_seconds_; }

  RunConfig config_;
  std::string shown_, folder_;  // as the user writes it; absolute, for an env may change the folder
  const TrainHooks& hooks_;
  std::int64_t stop_at_;  // 0: not before the end
  const EnvEntry& entry_;
  ProcessWatch process_watch_{entry_};
  VecEnv envs_;
  std::unique_ptr<Agent> agent_;
  CheckpointStore store_;
  std::string command_;
  std::string note_;  // of this session, in run.json
  std::vector<MetricsSink*> sinks_;
  std::optional<RunRecorder> recorder_;

  Clock::time_point started_ = Clock::now(), published_ = {};
  double earlier_seconds_ = 0;                        // trained by earlier processes
  double excluded_seconds_ = 0;                       // evaluations of this one
  std::int64_t first_step_ = 0;                       // of this process
  std::int64_t previous_step_ = 0, saved_step_ = -1;  // saved or being saved
  std::atomic<bool> has_checkpoint_{false};           // to which a resume can go back
  bool stopped_ = false;
  double best_ = 0;  // highest mean return of an evaluation
  bool has_best_ = false, best_is_new_ = false;
  bool owes_evaluation_ = false;     // one of this step was interrupted
  std::optional<double> eval_mean_;  // of the evaluation at this step
  std::future<void> saving_;         // last, so that it ends before what it uses
};

/// What the user trains with himself need not be asked about again.
void remember_plugin(const EnvEntry& entry, const TrainHooks& hooks) {
  if (entry.checksum.empty()) return;
  try {
    trust_plugin(entry.origin, entry.checksum);
  } catch (const Error& error) {
    tell(hooks, std::string("warning: later commands will ask for --trust: ") + error.what());
  }
}

}  // namespace

TrainResult start_run(const TrainRequest& request, const TrainHooks& hooks) {
  const RunConfig config = with_initial_policy(request.config);
  // Whatever can be wrong with envs, agent and disk is found before a folder is made.
  const EnvEntry& entry = registry().find(config.env_id);
  const VecEnv envs(entry, config.env, training_envs(config));
  const std::string place = request.out.empty() ? "runs" : request.out;
  std::unique_ptr<Agent> agent = make_agent(config, envs.spec());
  agent->check_begin();
  if (!config.run.init_from.empty()) start_from(*agent, read_initial_policy(config));
  const std::string disk = check_disk_need(disk_need(config, *agent, envs), place);
  agent.reset();
  NewRun new_run;
  new_run.out = request.out;
  new_run.name = request.name;
  new_run.seed = config.run.seed;
  new_run.config_yaml = format_run_config(config, {"Resolved configuration of this run."});
  const CreatedRun created = create_run(new_run);
  tell(hooks, "training " + config.agent + " on " + entry.spec.id + " in " + created.path);
  if (!config.run.init_from.empty()) {
    tell(hooks, "beginning with the policy of " + config.run.init_from);
  }
  tell(hooks, disk);
  remember_plugin(entry, hooks);
  const std::string remark = bounds_remark(envs.spec().action);
  if (!remark.empty()) tell(hooks, "warning: " + remark);
  Run run(config, created.path, "train", request.stop_at, hooks);
  run.begin();
  return run.train();
}

TrainResult resume_run(const ResumeRequest& request, const TrainHooks& hooks) {
  const RunRef ref = find_run(request.run);
  const RunLock lock(ref.run);
  const RunConfig config = resolve_resumed_config(ref, request.overrides);
  Run run(config, ref.run, "resume", request.stop_at, hooks);
  if (ref.step.has_value()) {
    const Checkpoint checkpoint(ref.run, *ref.step);
    const std::string change =
        check_same_run(checkpoint.manifest(), config, ref.run, request.accept_changed);
    if (!change.empty()) tell(hooks, "warning: " + change);
    remember_plugin(registry().find(config.env_id), hooks);
    checkpoint.verify();
    run.load(checkpoint, /*has_changed=*/!change.empty());
    if (!run.note().empty()) tell(hooks, "warning: " + run.note());
    const std::string core = checkpoint.manifest().blas_core;
    if (core != blas_core()) {
      tell(hooks, "warning: the run was trained with BLAS core '" + core + "', this process has '" +
                      blas_core() + "': results may differ in their last bits");
    }
    tell(hooks, "resuming " + ref.run + " at step " + std::to_string(*ref.step));
    const std::int64_t before = checkpoint.manifest().config.run.total_steps;
    if (before < config.run.total_steps) {
      tell(hooks, longer_run_text(config, before, *ref.step));
    }
  } else {
    tell(hooks, ref.run + " has no checkpoint yet: starting it again from its configuration");
    run.begin();
  }
  write_longer_config(ref.run, config, ref.step.value_or(0));
  CheckpointStore(ref.run).start_at(ref.step);
  cut_back_metrics(ref.run, ref.step);
  return run.train();
}

}  // namespace tern
