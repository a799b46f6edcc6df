#pragma once
// One checkpoint: an immutable folder `checkpoints/step-N/` of named binary parts and a manifest.
//
//   checkpoints/
//     step-2048/ policy.bin agent.bin .. manifest.json manifest.sha256
//     last       "step-2048 <SHA-256 of its manifest.json>", replaced atomically
//     best       the same
//     .step-4096.tmp-PID/      being written; left behind only by a killed process
//
// Every byte is covered: the parts by the manifest, the manifest by manifest.sha256, which of them
// is meant by the pointer files.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agents/run/manifest.h"
#include "core/error.h"
#include "core/files/byte_stream.h"
#include "core/files/file_io.h"

namespace tern {

/// Holds the line that `sha256sum manifest.json` prints.
inline constexpr const char* kManifestSumFile = "manifest.sha256";

/// Whether a part is kept in older checkpoints or dropped from them once a newer one stands.
enum class PartKeep { kAlways, kNewestOnly };

/// Writes one checkpoint. Nothing is visible under its name before commit(); a writer destroyed
/// before that leaves nothing behind.
class CheckpointWriter {
 public:
  /// run: the run's folder. manifest.step names the checkpoint; schema, version and parts of the
  /// manifest are filled in here. Throws Error::failure if that checkpoint exists already.
  CheckpointWriter(const std::string& run, Manifest manifest);
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// name: a plain file name. Each name once.
  void add(const std::string& name, ByteRow bytes, PartKeep keep = PartKeep::kAlways);

  /// The same for what is too large to be copied: `write_part` writes it to the sink.
  void add_stream(const std::string& name, const std::function<void(ByteSink&)>& write_part,
                  PartKeep keep = PartKeep::kAlways);

  /// What is stored beside the parts; may be completed until commit().
  Manifest& manifest() { return manifest_; }

  /// Bytes added so far.
  std::int64_t bytes() const;

  /// Puts everything on the disk, gives the folder its name and points `last` at it. A crash before
  /// the last rename leaves the older `last` in force.
  void commit();

 private:
  void write(const std::string& name, ByteRow bytes);
  void check_new(const std::string& name) const;
  Error not_saved(const Error& error) const;

  std::string run_;
  std::string temporary_;
  Manifest manifest_;
  bool committed_ = false;
};

/// A checkpoint on the disk, open for reading. All errors are Error::failure, name the damaged file
/// and, when the run has another checkpoint that verifies, name that one:
///   runs/x/checkpoints/step-4096/policy.bin is damaged: its SHA-256 is 3c.., the manifest says
///   7a.. The previous good checkpoint is step-2048: runs/x@2048
class Checkpoint {
 public:
  /// Reads and verifies the manifest, and the presence and size of every part.
  Checkpoint(const std::string& run, std::int64_t step);

  const Manifest& manifest() const { return manifest_; }
  const std::string& folder() const { return folder_; }
  /// False for a part that was never written and for one dropped because a newer checkpoint stands.
  bool has_part(const std::string& name) const;
  /// The part's bytes, verified. Throws for one that this checkpoint does not hold.
  Bytes read_part(const std::string& name) const;
  /// The same for a part that is too large to be copied: it is verified, then `read` is called with it.
  void read_stream(const std::string& name, const std::function<void(ByteSource&)>& read) const;
  /// Reads and verifies every part.
  void verify() const;

 private:
  const ManifestPart& find_part(const std::string& name) const;
  const ManifestPart& find_kept_part(const std::string& name) const;
  void verify_part(const ManifestPart& part) const;

  std::string run_, folder_;
  Manifest manifest_;
};

/// "\nThe previous good checkpoint is step-2048: runs/x@2048". damaged: the step that cannot be used,
/// or none to name the newest good one. Verifies until it finds one.
std::string good_checkpoint_advice(const std::string& run, std::optional<std::int64_t> damaged);

}  // namespace tern
