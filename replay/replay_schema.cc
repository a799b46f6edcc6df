#include "replay/replay_schema.h"

#include <sys/statvfs.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>

#include "core/error.h"
#include "core/machine/memory_need.h"
#include "envs/stacked_frames.h"

namespace tern {
namespace {

/// Free bytes where `file` would lie.
double free_disk(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  struct statvfs disk;
  if (statvfs(folder.c_str(), &disk) != 0) {
    throw Error("agent.buffer_file: the folder " + folder.string() + " of " + file +
                " does not exist; make it first");
  }
  return static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
}

std::string megabytes(double bytes) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(bytes / 1e6))) + " MB";
}

}  // namespace

std::size_t transition_bytes(const EnvSpec& spec, const ReplaySchema& schema) {
  const StackedFrames frames(spec.obs, static_cast<std::size_t>(spec.frame_stack));
  return frames.frame_bytes() + 4 * spec.action.size() +
         (spec.has_masks ? spec.action.mask_size() : 0) + 10 + (schema.keeps_episodes ? 12 : 0) +
         4 * schema.state_size;
}

std::size_t steps_of_each_env(const ReplaySchema& schema) {
  return schema.capacity / schema.num_envs;
}

void check_replay_schema(const EnvSpec& spec, const ReplaySchema& schema) {
  const std::string asked =
      "a replay buffer of " + std::to_string(schema.capacity) + " transitions";
  if (schema.capacity == 0 || schema.capacity > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(asked + " was asked for; expected 1 to 4294967295 (agent.buffer_size)");
  }
  if (schema.num_envs == 0 || steps_of_each_env(schema) == 0) {
    throw Error(asked + " cannot hold one step of " + std::to_string(schema.num_envs) +
                " envs (agent.buffer_size, run.num_envs)");
  }
  const double bytes =
      static_cast<double>(schema.capacity) * static_cast<double>(transition_bytes(spec, schema));
  if (schema.file.empty()) {
    check_memory_need(bytes, asked + " of " + spec.id, "make agent.buffer_size smaller");
    return;
  }
  if (std::error_code none; std::filesystem::exists(schema.file, none)) {
    throw Error("agent.buffer_file: '" + schema.file +
                "' exists already and would be overwritten; expected a path that is free");
  }
  if (bytes > free_disk(schema.file)) {
    throw Error(asked + " of " + spec.id + " needs " + megabytes(bytes) + " of disk for " +
                schema.file + ", there are " + megabytes(free_disk(schema.file)) +
                "; make agent.buffer_size smaller or agent.buffer_file another place");
  }
}

}  // namespace tern
