#include "agents/run/longer_run.h"

#include <sstream>
#include <vector>

#include "agents/catalog/catalog.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "core/config/config.h"
#include "core/files/file_io.h"

namespace tern {
namespace {

/// The lines of comment that a configuration begins with.
std::vector<std::string> heading_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line) && !line.empty() && line[0] == '#';) {
    line.erase(0, line.rfind("# ", 0) == 0 ? 2 : 1);
    lines.push_back(line);
  }
  return lines;
}

/// "learning_rate lin_3e-4, clip_range lin_0.2": the agent's schedules that span the whole run.
std::string schedules_over_run(const RunConfig& config) {
  std::string text;
  for (const ParamInfo& info : find_agent(config.agent).params) {
    if (info.type != ParamCodec<Schedule>::type()) continue;
    for (const ParamValue& value : config.agent_params) {
      if (value.key != info.name) continue;
      const Schedule schedule = ParamCodec<Schedule>::parse(value.text, {});
      if (schedule.is_constant() || schedule.steps > 0) continue;
      text += (text.empty() ? "" : ", ") + value.key + " " + value.text;
    }
  }
  return text;
}

}  // namespace

void write_longer_config(const std::string& run, const RunConfig& config, std::int64_t step) {
  const std::string path = RunPaths(run).config;
  const std::string text = read_text_file(path);
  RunConfig kept = resolve_run_config(parse_config(text, path), {});
  if (kept.run.total_steps >= config.run.total_steps) return;
  std::vector<std::string> heading = heading_of(text);
  heading.push_back("Made longer at step " + std::to_string(step) + ": run.total_steps was " +
                    std::to_string(kept.run.total_steps) + ".");
  kept.run.total_steps = config.run.total_steps;
  write_file_durably(path, as_bytes(format_run_config(kept, heading)));
}

std::string longer_run_text(const RunConfig& config, std::int64_t before, std::int64_t step) {
  const std::string schedules = schedules_over_run(config);
  return "the run is made longer: run.total_steps is " + std::to_string(config.run.total_steps) +
         ", until step " + std::to_string(step) + " it was " + std::to_string(before) +
         ". What goes by the length of the run goes by the new one from here on" +
         (schedules.empty() ? "" : ", and ends there: " + schedules);
}

}  // namespace tern
