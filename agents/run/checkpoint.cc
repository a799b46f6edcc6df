#include "agents/run/checkpoint.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "agents/run/checkpoint_layout.h"
#include "core/error.h"
#include "core/files/file_stream.h"
#include "core/files/sha256.h"
#include "core/shell_word.h"
#include "core/version.h"

namespace tern {
namespace {

/// A file of the checkpoint is not what it should be.
struct Damage {
  std::string message;
};

std::string manifest_sum_line(ByteRow manifest) {
  return sha256(manifest) + "  " + kManifestFile + "\n";
}

/// Bytes of a file that must be there; a failing disk is reported as such.
Bytes read_existing(const std::string& path) {
  if (!is_file(path)) throw Damage{path + " is missing"};
  return read_file(path);
}

bool was_dropped(const std::string& folder, const ManifestPart& part) {
  const std::string path = folder + "/" + part.name;
  return part.newest_only && !is_file(path) && is_file(dropped_mark(path));
}

Manifest load_manifest(const std::string& folder, std::int64_t step) {
  const std::string path = folder + "/" + kManifestFile;
  const std::string sum_path = folder + "/" + kManifestSumFile;
  const Bytes bytes = read_existing(path);
  const Bytes sum = read_existing(sum_path);
  if (std::string(sum.begin(), sum.end()) != manifest_sum_line(bytes)) {
    throw Damage{path + " or " + sum_path +
                 " is damaged: the SHA-256 of the one is not in the other"};
  }
  Manifest manifest = manifest_from_json(std::string(bytes.begin(), bytes.end()), path);
  if (manifest.step != step) {
    throw Damage{path + " is of step " + std::to_string(manifest.step) +
                 "; the folder has been renamed"};
  }
  return manifest;
}

void check_size(const std::string& folder, const ManifestPart& part) {
  const std::string path = folder + "/" + part.name;
  if (!is_file(path)) throw Damage{path + " is missing"};
  const std::int64_t bytes = file_bytes(path);
  if (bytes != part.bytes) {
    throw Damage{path + " is damaged: it has " + std::to_string(bytes) +
                 " bytes, the manifest says " + std::to_string(part.bytes)};
  }
}

void check_sum(const std::string& folder, const ManifestPart& part, const std::string& sum) {
  if (sum == part.sha256) return;
  throw Damage{folder + "/" + part.name + " is damaged: its SHA-256 is " + sum.substr(0, 12) +
               ".., the manifest says " + part.sha256.substr(0, 12) + ".."};
}

Bytes load_part(const std::string& folder, const ManifestPart& part) {
  check_size(folder, part);
  Bytes bytes = read_file(folder + "/" + part.name);
  check_sum(folder, part, sha256(bytes));
  return bytes;
}

/// A part that is written piece by piece, with its size and checksum.
class SummedFile final : public ByteSink {
 public:
  explicit SummedFile(const std::string& path) : file_(path) {}

  void write(ByteRow bytes) override {
    file_.write(bytes);
    sum_.add(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
  }
  /// Its size.
  std::int64_t close() {
    file_.close();
    return size_;
  }
  std::string sha256() { return sum_.digest(); }

 private:
  FileSink file_;
  Sha256 sum_;
  std::int64_t size_ = 0;
};

/// Whether a checkpoint and all its parts verify. missing: " (without replay.bin, ..)" if parts
/// were dropped from it, else "".
bool verify_quietly(const std::string& run, std::int64_t step, std::string& missing) {
  const std::string folder = checkpoint_folder(run, step);
  missing.clear();
  try {
    for (const ManifestPart& part : load_manifest(folder, step).parts) {
      if (was_dropped(folder, part)) {
        missing += (missing.empty() ? " (without " : ", ") + part.name;
      } else {
        load_part(folder, part);
      }
    }
  } catch (const Damage&) {
    return false;
  } catch (const Error&) {
    return false;
  }
  if (!missing.empty()) missing += ", which only the newest keeps)";
  return true;
}

[[noreturn]] void fail(const std::string& message, const std::string& run, std::int64_t step) {
  throw Error::failure(message + "." + good_checkpoint_advice(run, step));
}

}  // namespace

CheckpointWriter::CheckpointWriter(const std::string& run, Manifest manifest)
    : run_(run), manifest_(std::move(manifest)) {
  manifest_.schema = kCheckpointSchema;
  manifest_.tern_version = version();
  manifest_.parts.clear();
  const std::string name = step_name(manifest_.step);
  if (is_folder(checkpoint_folder(run, manifest_.step))) {
    throw Error::failure(checkpoint_folder(run, manifest_.step) +
                         " exists already; a checkpoint is never written twice");
  }
  temporary_ = checkpoints_folder(run) + "/." + name + ".tmp-" + std::to_string(::getpid());
  make_folders(checkpoints_folder(run));
  remove_tree(temporary_);  // of a killed process that had our number
  make_folder(temporary_);
}

CheckpointWriter::~CheckpointWriter() {
  if (committed_) return;
  try {
    remove_tree(temporary_);
  } catch (const Error&) {
    // What stays is cleaned up when the run is next started.
  }
}

void CheckpointWriter::check_new(const std::string& name) const {
  for (const ManifestPart& part : manifest_.parts) {
    if (part.name == name) throw std::logic_error("checkpoint part " + name + " was added twice");
  }
}

void CheckpointWriter::add_stream(const std::string& name,
                                  const std::function<void(ByteSink&)>& write_part, PartKeep keep) {
  check_new(name);
  try {
    SummedFile file(temporary_ + "/" + name);
    write_part(file);
    const std::int64_t size = file.close();
    manifest_.parts.push_back({name, size, file.sha256(), keep == PartKeep::kNewestOnly});
  } catch (const Error& error) {
    throw not_saved(error);
  }
}

void CheckpointWriter::add(const std::string& name, ByteRow bytes, PartKeep keep) {
  check_new(name);
  write(name, bytes);
  manifest_.parts.push_back({name, static_cast<std::int64_t>(bytes.size()), sha256(bytes),
                             keep == PartKeep::kNewestOnly});
}

std::int64_t CheckpointWriter::bytes() const {
  std::int64_t sum = 0;
  for (const ManifestPart& part : manifest_.parts) sum += part.bytes;
  return sum;
}

void CheckpointWriter::commit() {
  const std::string json = manifest_to_json(manifest_);
  write(kManifestFile, as_bytes(json));
  write(kManifestSumFile, as_bytes(manifest_sum_line(as_bytes(json))));
  try {
    sync_files(temporary_);
  } catch (const Error& error) {
    throw not_saved(error);
  }
  rename_durably(temporary_, checkpoint_folder(run_, manifest_.step));
  committed_ = true;
  write_pointer(run_, "last", manifest_.step);
}

void CheckpointWriter::write(const std::string& name, ByteRow bytes) {
  try {
    write_new_file(temporary_ + "/" + name, bytes);
  } catch (const Error& error) {
    throw not_saved(error);
  }
}

Error CheckpointWriter::not_saved(const Error& error) const {
  return Error(std::string(error.what()) + ". " + step_name(manifest_.step) +
                   " was not saved; earlier checkpoints are as they were",
               error.code());
}

Checkpoint::Checkpoint(const std::string& run, std::int64_t step)
    : run_(run), folder_(checkpoint_folder(run, step)) {
  try {
    manifest_ = load_manifest(folder_, step);
    for (const ManifestPart& part : manifest_.parts) {
      if (!was_dropped(folder_, part)) check_size(folder_, part);
    }
  } catch (const Damage& damage) {
    fail(damage.message, run, step);
  }
}

bool Checkpoint::has_part(const std::string& name) const {
  for (const ManifestPart& part : manifest_.parts) {
    if (part.name == name) return !was_dropped(folder_, part);
  }
  return false;
}

const ManifestPart& Checkpoint::find_kept_part(const std::string& name) const {
  const ManifestPart& part = find_part(name);
  if (was_dropped(folder_, part)) {
    throw Error::failure(folder_ + "/" + name +
                         " was dropped when a newer checkpoint was made; only "
                         "the newest one has it");
  }
  return part;
}

Bytes Checkpoint::read_part(const std::string& name) const {
  const ManifestPart& part = find_kept_part(name);
  try {
    return load_part(folder_, part);
  } catch (const Damage& damage) {
    fail(damage.message, run_, manifest_.step);
  }
}

void Checkpoint::verify_part(const ManifestPart& part) const {
  try {
    check_size(folder_, part);
    check_sum(folder_, part, sha256_of_file(folder_ + "/" + part.name));
  } catch (const Damage& damage) {
    fail(damage.message, run_, manifest_.step);
  }
}

void Checkpoint::read_stream(const std::string& name,
                             const std::function<void(ByteSource&)>& read) const {
  verify_part(find_kept_part(name));
  FileSource file(folder_ + "/" + name);
  read(file);
}

void Checkpoint::verify() const {
  for (const ManifestPart& part : manifest_.parts) {
    if (!was_dropped(folder_, part)) verify_part(part);
  }
}

const ManifestPart& Checkpoint::find_part(const std::string& name) const {
  for (const ManifestPart& part : manifest_.parts) {
    if (part.name == name) return part;
  }
  fail(folder_ + " has no part '" + name + "'", run_, manifest_.step);
}

std::string good_checkpoint_advice(const std::string& run, std::optional<std::int64_t> damaged) {
  // Older ones first, the newest of them first; then newer ones.
  std::vector<std::int64_t> steps = list_checkpoint_steps(run);
  std::reverse(steps.begin(), steps.end());
  if (damaged) {
    std::stable_partition(steps.begin(), steps.end(),
                          [damaged](std::int64_t step) { return step < *damaged; });
  }
  for (const std::int64_t step : steps) {
    if (damaged && step == *damaged) continue;
    std::string missing;
    if (!verify_quietly(run, step, missing)) continue;
    const std::string rank = !damaged ? "newest" : step < *damaged ? "previous" : "next";
    return "\nThe " + rank + " good checkpoint is " + step_name(step) + missing + ": " +
           shell_word(run + "@" + std::to_string(step));
  }
  return "\nNo " + std::string(damaged ? "other " : "") +
         "checkpoint of this run is good. To start it again in a new folder: tern train " +
         shell_word(run + "/config.yaml");
}

}  // namespace tern
