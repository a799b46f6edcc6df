#pragma once
// A run as these tests make one: small, and a function of the step alone, so that any two runs of
// the same length must be equal byte for byte.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "core/files/file_io.h"
#include "core/metrics/csv_sink.h"
#include "core/metrics/jsonl_sink.h"
#include "core/metrics/tensorboard_sink.h"
#include "core/rng.h"

namespace tern {

inline Bytes sample_part(const std::string& name, std::int64_t step, std::size_t size) {
  Rng rng(static_cast<std::uint64_t>(step), name, 0);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
  return bytes;
}

inline Manifest sample_manifest(std::int64_t step) {
  Manifest manifest;
  manifest.agent = "dqn";
  manifest.env_id = "CartPole-v1";
  manifest.step = step;
  manifest.seconds = static_cast<double>(step) / 3;
  manifest.parameters_sha256 = std::string(64, 'a');
  manifest.blas_core = "SkylakeX";
  manifest.config.env_id = "CartPole-v1";
  manifest.config.agent = "dqn";
  manifest.config.agent_params = {{"learning_rate", "lin_3e-4", ""},
                                  {"hidden_sizes", "[64, 64]", ""}};
  return manifest;
}

/// A mean return that goes up and down.
inline double sample_mean(std::int64_t step) {
  return static_cast<double>(step * 7 % 50);
}

/// One checkpoint with a part of each kind; it becomes `last`.
inline void write_sample_checkpoint(const std::string& run, std::int64_t step) {
  Manifest manifest = sample_manifest(step);
  manifest.eval_mean = sample_mean(step);
  CheckpointWriter writer(run, manifest);
  writer.add("policy.bin", sample_part("policy", step, 300));
  writer.add("empty.bin", ByteRow());
  writer.add("replay.bin", sample_part("replay", step, 900), PartKeep::kNewestOnly);
  writer.commit();
}

/// Trains as the program does: locks the run, goes on from its last checkpoint, reports each 10
/// steps, saves each 30 to `end`, keeps two checkpoints and the best.
inline void train_sample_run(const std::string& run, std::int64_t end) {
  const RunLock lock(run);
  CheckpointStore store(run);
  const std::optional<std::int64_t> start = store.last();
  store.start_at(start);
  store.retain(2);
  cut_back_metrics(run, start);
  CsvSink csv(run + "/metrics.csv");
  JsonlSink jsonl(run + "/metrics.jsonl");
  TensorBoardSink events(run + "/events.tfevents", [] { return 1.0; });
  MetricsSink* const sinks[] = {&csv, &jsonl, &events};
  for (std::int64_t step = start.value_or(0) + 10; step <= end; step += 10) {
    MetricsRecord record{step, static_cast<double>(step) / 3, {{"train/loss", 1.0 / step}}};
    if (step % 30 == 0) record.metrics.push_back({"eval/return", sample_mean(step)});
    for (MetricsSink* sink : sinks) sink->write(record);
    if (step % 30 != 0) continue;
    for (MetricsSink* sink : sinks) sink->flush();
    const std::optional<std::int64_t> best = store.best();
    write_sample_checkpoint(run, step);
    const bool is_best = !best || sample_mean(step) >= *Checkpoint(run, *best).manifest().eval_mean;
    if (is_best) store.mark_best(step);
    store.retain(2);
  }
}

/// Every file below a folder with its content, but for the lock, which names its process.
inline std::map<std::string, std::string> tree_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename() == ".lock") continue;
    const std::string name = entry.path().lexically_relative(folder).string();
    files[name] = entry.is_directory() ? "folder" : read_text_file(entry.path().string());
  }
  return files;
}

/// Names of the files that one tree has and the other has not, or with another content.
inline std::vector<std::string> differences(const std::map<std::string, std::string>& a,
                                            const std::map<std::string, std::string>& b) {
  std::vector<std::string> names;
  for (const auto& [name, content] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second != content) names.push_back(name);
  }
  for (const auto& [name, content] : b) {
    if (a.count(name) == 0) names.push_back(name);
  }
  return names;
}

}  // namespace tern
