#include "agents/run/run_record.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <utility>

#include "agents/run/run_folder.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/files/json.h"
#include "core/version.h"

namespace tern {
namespace {

Json path_to_json(const ComputePath& path) {
  return {{"blas_core", path.blas_core}, {"simd", path.simd}, {"threads", path.threads}};
}

ComputePath path_from_json(const Json& document) {
  ComputePath path;
  path.blas_core = document.text_or("blas_core", "");
  path.simd = document.text_or("simd", "");
  path.threads = static_cast<int>(document.integer_or("threads", 1));
  return path;
}

Json session_to_json(const RunSession& session) {
  Json document = {{"command", session.command},
                   {"status", session.status},
                   {"started", session.started},
                   {"version", session.version},
                   {"host", session.host},
                   {"process", session.process},
                   {"path", path_to_json(session.path)},
                   {"first_step", session.first_step},
                   {"last_step", session.last_step},
                   {"wall_seconds", session.wall_seconds},
                   {"cpu_seconds", session.cpu_seconds},
                   {"peak_memory_bytes", session.peak_memory_bytes}};
  if (!session.note.empty()) document["note"] = session.note;
  return document;
}

RunSession session_from_json(const Json& document) {
  RunSession session;
  session.command = document.text_or("command", "");
  session.status = document.text_or("status", "");
  session.started = document.text_or("started", "");
  session.version = document.text_or("version", "");
  session.host = document.text_or("host", "");
  session.process = document.integer_or("process", 0);
  session.path = path_from_json(document["path"]);
  session.first_step = document.integer_or("first_step", 0);
  session.last_step = document.integer_or("last_step", 0);
  session.wall_seconds = document.number_or("wall_seconds", 0);
  session.cpu_seconds = document.number_or("cpu_seconds", 0);
  session.peak_memory_bytes = document.integer_or("peak_memory_bytes", 0);
  session.note = document.text_or("note", "");
  return session;
}

std::string to_text(const RunRecord& record) {
  Json document = {{"version", record.version},
                   {"commit", record.commit},
                   {"host", record.host},
                   {"seed", record.seed},
                   {"path", path_to_json(record.path)},
                   {"wall_seconds", record.wall_seconds},
                   {"cpu_seconds", record.cpu_seconds},
                   {"sessions", Json::list()}};
  for (const RunSession& session : record.sessions) {
    document["sessions"].push_back(session_to_json(session));
  }
  return document.dump(2) + "\n";
}

double seconds_of(const struct timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double cpu_seconds_now() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::int64_t peak_memory_now() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

double monotonic_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  struct tm utc = {};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

RunRecord read_run_record(const std::string& run) {
  const std::string path = RunPaths(run).record;
  try {
    const Json document = Json::parse(read_text_file(path));
    if (!document.is_object()) throw Error::failure(path + " is damaged: it is no JSON object");
    RunRecord record;
    record.version = document.text_or("version", "");
    record.commit = document.text_or("commit", "");
    record.host = document.text_or("host", "");
    record.seed = document.integer_or("seed", 0);
    record.path = path_from_json(document["path"]);
    record.wall_seconds = document.number_or("wall_seconds", 0);
    record.cpu_seconds = document.number_or("cpu_seconds", 0);
    for (const Json& session : document["sessions"]) {
      record.sessions.push_back(session_from_json(session));
    }
    return record;
  } catch (const JsonError& error) {
    throw Error::failure(path + " is damaged: " + error.what());
  }
}

std::string present_status(const RunSession& session) {
  if (session.status != "running" || session.host != host_name()) return session.status;
  const auto process = static_cast<pid_t>(session.process);
  const bool is_gone = process <= 0 || (::kill(process, 0) != 0 && errno == ESRCH);
  return is_gone ? "killed" : session.status;
}

RunRecorder::RunRecorder(const std::string& run, const std::string& command,
                         const std::string& commit, std::int64_t seed, const ComputePath& path,
                         std::int64_t first_step, const std::string& note)
    : path_(RunPaths(run).record),
      started_seconds_(monotonic_seconds()),
      started_cpu_seconds_(cpu_seconds_now()) {
  record_ = {version(), commit, host_name(), seed, path, 0, 0, {}};
  if (is_file(path_)) {
    try {
      record_ = read_run_record(run);
    } catch (const Error&) {
      // Begun anew: training does not depend on it.
    }
  }
  for (RunSession& session : record_.sessions) {
    if (session.status == "running") session.status = "killed";
  }
  RunSession session;
  session.command = command;
  session.status = "running";
  session.started = utc_now();
  session.version = version();
  session.host = host_name();
  session.process = ::getpid();
  session.path = path;
  session.first_step = first_step;
  session.note = note;
  record_.sessions.push_back(session);
  update(first_step);
}

void RunRecorder::update(std::int64_t step, const std::string& status) {
  RunSession& session = record_.sessions.back();
  session.status = status;
  session.last_step = step;
  session.wall_seconds = monotonic_seconds() - started_seconds_;
  session.cpu_seconds = cpu_seconds_now() - started_cpu_seconds_;
  session.peak_memory_bytes = peak_memory_now();
  record_.wall_seconds = record_.cpu_seconds = 0;
  for (const RunSession& each : record_.sessions) {
    record_.wall_seconds += each.wall_seconds;
    record_.cpu_seconds += each.cpu_seconds;
  }
  try {
    write_file_durably(path_, as_bytes(to_text(record_)));
  } catch (const Error&) {
    if (status != "failed") throw;
  }
}

}  // namespace tern
