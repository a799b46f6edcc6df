#include "agents/run/run_record.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "agents/run/run_folder.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/files/json_text.h"
#include "core/version.h"

namespace tern {
namespace {

using Json = nlohmann::ordered_json;

Json path_to_json(const ComputePath& path) {
  return {{"blas_core", path.blas_core}, {"simd", path.simd}, {"threads", path.threads}};
}

ComputePath path_from_json(const Json& document) {
  ComputePath path;
  path.blas_core = document.value("blas_core", "");
  path.simd = document.value("simd", "");
  path.threads = document.value("threads", 1);
  return path;
}

Json session_to_json(const RunSession& session) {
  return {{"command", session.command},
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
}

RunSession session_from_json(const Json& document) {
  RunSession session;
  session.command = document.value("command", "");
  session.status = document.value("status", "");
  session.started = document.value("started", "");
  session.version = document.value("version", "");
  session.host = document.value("host", "");
  session.process = document.value("process", std::int64_t{0});
  session.path = path_from_json(document.value("path", Json::object()));
  session.first_step = document.value("first_step", std::int64_t{0});
  session.last_step = document.value("last_step", std::int64_t{0});
  session.wall_seconds = document.value("wall_seconds", 0.0);
  session.cpu_seconds = document.value("cpu_seconds", 0.0);
  session.peak_memory_bytes = document.value("peak_memory_bytes", std::int64_t{0});
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
                   {"sessions", Json::array()}};
  for (const RunSession& session : record.sessions) {
    document["sessions"].push_back(session_to_json(session));
  }
  return json_text(std::move(document), 2) + "\n";
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
    RunRecord record;
    record.version = document.value("version", "");
    record.commit = document.value("commit", "");
    record.host = document.value("host", "");
    record.seed = document.value("seed", std::int64_t{0});
    record.path = path_from_json(document.value("path", Json::object()));
    record.wall_seconds = document.value("wall_seconds", 0.0);
    record.cpu_seconds = document.value("cpu_seconds", 0.0);
    for (const Json& session : document.value("sessions", Json::array())) {
      record.sessions.push_back(session_from_json(session));
    }
    return record;
  } catch (const Json::exception& error) {
    throw Error::failure(path + " is damaged: " + error.what());
  }
}

RunRecorder::RunRecorder(const std::string& run, const std::string& command,
                         const std::string& commit, std::int64_t seed, const ComputePath& path,
                         std::int64_t first_step)
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
