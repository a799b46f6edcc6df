#include "agents/run/run_follower.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "agents/run/checkpoint.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "agents/run/run_record.h"
#include "core/error.h"
#include "core/metrics/jsonl_sink.h"

namespace tern {
namespace {

/// Of a session, as run_record.h has them.
constexpr const char* kStatuses[] = {"running", "finished", "stopped", "failed", "killed"};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// Whether a file of reports begins with something else.
bool begins_as_no_report(const std::string& path) {
  if (!is_file(path)) return false;
  std::ifstream file(path, std::ios::binary);
  const int first = file.get();
  return first != std::ifstream::traits_type::eof() && first != '{';
}

/// Size and time of a file: whether it is still what was read.
std::string stamp_of(const std::string& path) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error).time_since_epoch().count();
  return std::to_string(std::filesystem::file_size(path, error)) + " " + std::to_string(time);
}

bool has_same_env(const RunConfig& a, const RunConfig& b) {
  const auto texts = [](const RunConfig& config) {
    std::set<std::string> all = {config.env_id, config.agent};
    for (const ParamValue& value : config.env) all.insert(value.key + "=" + value.text);
    return all;
  };
  return texts(a) == texts(b);
}

}  // namespace

RunFollower::RunFollower(std::string run, RunConfig config, LoadPolicy load, CheckFile check)
    : run_(std::move(run)),
      config_(std::move(config)),
      load_(std::move(load)),
      check_(std::move(check)),
      metrics_(RunPaths(run_).metrics_jsonl) {
  progress_.total_steps = config_.run.total_steps;
}

RunNews RunFollower::look() {
  RunNews news;
  if (is_run_folder(run_)) {
    remarks_.erase(run_);
    look_at_metrics(news);
    look_at_checkpoints(news);
    look_at_record(news);
  } else {
    progress_.state = "the folder is gone";
    progress_.is_running = false;
    progress_.checkpoints.clear();
    if (remarks_.insert(run_).second) {
      news.remarks.push_back(run_ + " is gone; " +
                             (loaded_.empty() ? "there is no policy" : "the last policy goes on"));
    }
  }
  news.progress = std::make_shared<const TrainingProgress>(progress_);
  return news;
}

RunNews RunFollower::load(std::int64_t step) {
  RunNews news;
  try {
    news.policy = load_(run_ + "@" + std::to_string(step));
  } catch (const Error& error) {
    news.remarks.push_back(first_line(error.what()));
  }
  news.progress = std::make_shared<const TrainingProgress>(progress_);
  return news;
}

void RunFollower::look_at_metrics(RunNews& news) {
  const std::string path = RunPaths(run_).metrics_jsonl;
  try {
    if (check_) check_(path);
    read_metrics();
    if (num_lines_ == 0 && begins_as_no_report(path)) bad_line_ = 1;  // and has no end
    if (bad_line_ == 0) return;
    fault(path + " is damaged: line " + std::to_string(bad_line_) + " is no report", news);
  } catch (const Error& error) {
    fault(first_line(error.what()), news);
  }
}

void RunFollower::read_metrics() {
  const LineTail::News tail = metrics_.read();
  if (tail.has_restarted || num_lines_ == 0) num_lines_ = bad_line_ = 0;
  if (tail.has_restarted) progress_.curve = LearningCurve();
  for (const std::string& line : tail.lines) {
    ++num_lines_;
    if (const auto record = JsonlSink::parse(line)) {
      progress_.curve.add(*record);
    } else if (bad_line_ == 0) {
      bad_line_ = num_lines_;
    }
  }
}

void RunFollower::look_at_checkpoints(RunNews& news) {
  const CheckpointStore store(run_);
  try {
    progress_.checkpoints = store.steps();
    const std::optional<std::int64_t> last = store.last();
    if (last && take(*last, news)) return;
  } catch (const Error& error) {
    remark(first_line(error.what()), news);  // a pointer that leads nowhere
  }
  if (load_ && !loaded_.empty()) return;  // what is shown stays
  for (std::size_t i = progress_.checkpoints.size(); i-- > 0;) {
    if (take(progress_.checkpoints[i], news)) return;
  }
  loaded_.clear();
  checkpoint_.reset();
}

bool RunFollower::take(std::int64_t step, RunNews& news) {
  const std::string checkpoint = run_ + "@" + std::to_string(step);
  try {
    const Checkpoint saved(run_, step);
    const Manifest& manifest = saved.manifest();
    const std::string stamp = load_ ? "" : stamp_of(saved.folder() + "/policy.bin");
    const bool is_as_read = load_ || (stamp == read_ && step == checkpoint_);
    if (manifest.parameters_sha256 == loaded_ && is_as_read) return true;
    if (!has_same_env(manifest.config, config_)) {
      remark(run_ + " is another run now: its agent or env has changed. Watch it anew", news);
      return true;
    }
    if (load_) {
      news.policy = load_(checkpoint);
    } else {
      saved.read_part("policy.bin");
    }
    news.checkpoint = checkpoint_ = step;
    read_ = stamp;
    loaded_ = manifest.parameters_sha256;
    progress_.total_steps = manifest.config.run.total_steps;
    return true;
  } catch (const Error& error) {
    remark("passed over " + checkpoint + ": " + first_line(error.what()), news);
    return false;
  }
}

void RunFollower::look_at_record(RunNews& news) {
  std::string status = recorded_status(news);
  if (status.empty()) status = RunLock::is_held(run_) ? "running" : "killed";
  progress_.is_running = status == "running";
  progress_.state = progress_.is_running ? "training" : status;
}

std::string RunFollower::recorded_status(RunNews& news) {
  const std::string path = RunPaths(run_).record;
  try {
    if (check_) check_(path);
    if (!is_file(path)) {
      const bool is_about_to_begin = RunLock::is_held(run_);
      if (!is_about_to_begin) fault(path + " is missing: it would tell how the run ended", news);
      return "";
    }
    const RunRecord record = read_run_record(run_);
    if (!record.sessions.empty()) {
      const std::string status = present_status(record.sessions.back());
      for (const char* const known : kStatuses) {
        if (status == known) return status;
      }
    }
    fault(path + " is damaged: it does not tell how the run ended", news);
  } catch (const Error& error) {
    fault(first_line(error.what()), news);
  }
  return "";
}

void RunFollower::remark(const std::string& line, RunNews& news) {
  if (remarks_.insert(line).second) news.remarks.push_back(line);
}

void RunFollower::fault(const std::string& line, RunNews& news) {
  news.faults.push_back(line);
  remark(line, news);
}

}  // namespace tern
