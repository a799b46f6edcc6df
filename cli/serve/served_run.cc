#include "cli/serve/served_run.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "agents/run/checkpoint.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "cli/serve/run_files.h"
#include "core/config/config.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/params.h"

namespace tern::cli {
namespace {

constexpr std::size_t kMostPoints = 60;  // of the small curve in a summary

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// Seconds since 1970 at which the run reported last; 0: never.
std::int64_t changed_at(const RunPaths& paths) {
  struct stat status = {};
  for (const std::string& path : {paths.metrics_jsonl, paths.config}) {
    if (::stat(path.c_str(), &status) == 0) return status.st_mtime;
  }
  return 0;
}

std::string stamp_of_file(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) status = {};
  return std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
         std::to_string(status.st_mtim.tv_sec) + " " + std::to_string(status.st_mtim.tv_nsec) +
         "\n";
}

/// Which files there are, and their sizes and times.
std::string stamp_of(const std::string& run) {
  const RunPaths paths(run);
  std::string stamp;
  for (const std::string& path :
       {paths.run, paths.config, paths.record, paths.metrics_jsonl, paths.checkpoints,
        paths.checkpoints + "/last", paths.checkpoints + "/best"}) {
    stamp += stamp_of_file(path);
  }
  try {
    for (const std::int64_t step : CheckpointStore(run).steps()) {
      const std::string folder = paths.checkpoints + "/step-" + std::to_string(step);
      for (const std::string& name : list_folder(folder)) {
        stamp += name + " " + stamp_of_file(folder + "/" + name);
      }
    }
  } catch (const Error&) {
    stamp += "a folder went in between";
  }
  return stamp;
}

/// What a config.yaml says, without the env that would know what it means.
RunConfig unresolved_config(const std::string& text, const std::string& path) {
  const Config config = parse_config(text, path);
  if (config.env_id.text.empty() || config.agent_name.text.empty()) {
    throw Error::failure(path + " is damaged: it names no " +
                         (config.env_id.text.empty() ? "environment" : "agent"));
  }
  RunConfig run;
  run.env_id = config.env_id.text;
  run.env = config.env;
  run.agent = config.agent_name.text;
  for (const ParamValue& value : config.run) {
    if (value.key != "total_steps") continue;
    run.run.total_steps = ParamCodec<std::int64_t>::parse(value.text, Limits());
  }
  return run;
}

/// What is wrong with config.yaml beside the configuration in a checkpoint; "": nothing.
std::string config_fault(const std::string& text, const std::string& path, const RunConfig& saved) {
  try {
    const RunConfig config = unresolved_config(text, path);
    if (text.back() != '\n') return path + " is damaged: its last line has no end";
    if (config.env_id != saved.env_id || config.agent != saved.agent) {
      return path + " is of another run than the checkpoints beside it";
    }
  } catch (const Error& error) {
    return first_line(error.what());
  }
  return "";
}

/// The configuration of the newest checkpoint that can be read; none: there is none.
std::optional<RunConfig> saved_config(const std::string& run) {
  const std::vector<std::int64_t> steps = CheckpointStore(run).steps();
  for (std::size_t i = steps.size(); i-- > 0;) {
    try {
      return Checkpoint(run, steps[i]).manifest().config;
    } catch (const Error&) {
      // The follower remarks on it.
    }
  }
  return std::nullopt;
}

Json curve_points(const std::vector<ReturnPoint>& returns, std::size_t most) {
  Json points = Json::list();
  const std::size_t stride =
      most == 0 ? 1 : std::max<std::size_t>(1, (returns.size() + most - 1) / most);
  for (std::size_t i = 0; i < returns.size(); ++i) {
    const bool is_taken = i % stride == 0 || i + 1 == returns.size();
    if (!is_taken || !std::isfinite(returns[i].value)) continue;
    points.push_back({returns[i].step, returns[i].value});
  }
  return points;
}

}  // namespace

ServedRun::ServedRun(std::string id, std::string folder)
    : id_(std::move(id)),
      folder_(std::move(folder)),
      progress_(std::make_shared<const TrainingProgress>()) {}

bool ServedRun::may_have_news() const {
  return is_running() || stamp_of(folder_) != stamp_;
}

void ServedRun::look() {
  stamp_ = stamp_of(folder_);
  try {
    problem_.clear();
    if (holds_run(folder_)) {
      check_run_files(folder_);
      follow_present_run();
      changed_ = changed_at(RunPaths(folder_));
    }
    if (!follower_) throw Error(folder_ + " is gone");
    take(follower_->look());
  } catch (const std::bad_alloc&) {
    problem_ = "there is not enough memory to show " + folder_;
  } catch (const std::exception& error) {
    problem_ = first_line(error.what());
  }
}

void ServedRun::take(const RunNews& news) {
  progress_ = news.progress;
  checkpoint_ = follower_->checkpoint();
  if (news.checkpoint) remark_.clear();
  faults_ = news.faults;
  if (!config_fault_.empty()) faults_.insert(faults_.begin(), config_fault_);
  for (const std::string& remark : news.remarks) {
    const bool stands = std::find(faults_.begin(), faults_.end(), remark) != faults_.end();
    if (!stands) remark_ = first_line(remark);
  }
}

std::string ServedRun::remark() const {
  if (!problem_.empty()) return problem_;
  std::string text;
  for (const std::string& fault : faults_) text += fault + ". ";
  if (remark_.empty() && !text.empty()) text.erase(text.size() - 2);
  return text + remark_;
}

void ServedRun::follow_present_run() {
  const RunPaths paths(folder_);
  const std::string text = read_text_file(paths.config);
  std::optional<RunConfig> config = saved_config(folder_);
  config_fault_ = config ? config_fault(text, paths.config, *config) : "";
  const std::string basis = (config ? "saved " : "begun ") + text;
  if (follower_ && basis == basis_) return;
  if (!config) config = unresolved_config(text, paths.config);
  env_ = config->env_id;
  agent_ = config->agent;
  basis_ = basis;
  checkpoint_ = std::nullopt;
  remark_.clear();
  follower_.emplace(folder_, std::move(*config), nullptr,
                    [run = folder_](const std::string& path) { check_run_file(run, path); });
}

std::string ServedRun::obstacle() const {
  const bool has_unread = !checkpoint_ && !progress_->checkpoints.empty();
  return has_unread && problem_.empty() ? remark_ : problem_;
}

Json ServedRun::summary() const {
  const LearningCurve& curve = progress_->curve;
  const bool has_curve = !curve.returns().empty(), is_evaluated = !curve.evaluations().empty();
  return {{"id", id_},
          {"env", env_},
          {"agent", agent_},
          {"state", problem_.empty() ? progress_->state : "cannot be shown"},
          {"is_running", progress_->is_running && problem_.empty()},
          {"step", curve.step()},
          {"total_steps", progress_->total_steps},
          {"steps_per_second", curve.steps_per_second()},
          {"return", has_curve ? Json(curve.returns().back().value) : Json()},
          {"evaluation", is_evaluated ? Json(curve.evaluations().back().mean) : Json()},
          {"checkpoint", checkpoint_},
          {"checkpoints", progress_->checkpoints},
          {"changed", changed_},
          {"remark", remark()},
          {"curve", curve_points(curve.returns(), kMostPoints)}};
}

Json curve_json(const LearningCurve& curve) {
  Json evaluations = Json::list();
  for (const EvalPoint& point : curve.evaluations()) {
    if (!std::isfinite(point.mean)) continue;
    evaluations.push_back(
        Json(std::initializer_list<Json>{point.step, point.mean, point.deviation, point.is_final}));
  }
  return {{"returns", curve_points(curve.returns(), 0)}, {"evaluations", std::move(evaluations)}};
}

}  // namespace tern::cli
