// Law: every damaged byte of a checkpoint is noticed. Mutation of each file at every byte (every
// seventh of a long one), cutting at as many lengths; error texts with the way out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "agents/run/checkpoint_store.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/error_of.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// Writes without ceremony: these tests write thousands of times.
void overwrite(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

/// Long files, whose bytes are all treated alike, are tried at every seventh.
std::size_t stride_of(const Bytes& bytes) {
  return bytes.size() > 400 ? 7 : 1;
}

/// Reads the run's last checkpoint as a resume does, every part of it.
void resume(const std::string& run) {
  const auto last = CheckpointStore(run).last();
  Checkpoint(run, last.value()).verify();
}

class DamagedCheckpoint : public testing::Test {
 protected:
  DamagedCheckpoint() {
    for (const std::int64_t step : {30, 60}) {
      write_sample_checkpoint(run_.path(), step);
      store_.mark_best(step);
      store_.retain(3);
    }
    resume(run_.path());
  }

  const std::string newest_ = "checkpoints/step-60/";
  TemporaryFolder run_;
  CheckpointStore store_{run_.path()};
  const std::string advice_ =
      "\nThe previous good checkpoint is step-30 (without replay.bin, which "
      "only the newest keeps): " +
      run_.path() + "@30";
};

TEST_F(DamagedCheckpoint, AFlippedBitInAnyByteOfAnyFileIsNoticedAndTheFileNamed) {
  Rng rng(1, "bit flips", 0);
  for (const char* name : {"policy.bin", "replay.bin", "manifest.json", "manifest.sha256"}) {
    const std::string path = run_ / (newest_ + name);
    const Bytes good = read_file(path);
    for (std::size_t i = 0; i < good.size(); i += stride_of(good)) {
      Bytes bad = good;
      bad[i] ^= static_cast<std::uint8_t>(1u << rng.below(8));
      overwrite(path, bad);
      const std::string message = error_of([&] { resume(run_.path()); });
      ASSERT_THAT(message, HasSubstr(path)) << "byte " << i;
      ASSERT_THAT(message, HasSubstr("damaged")) << "byte " << i;
      ASSERT_THAT(message, EndsWith(advice_)) << "byte " << i;
    }
    overwrite(path, good);
    resume(run_.path());
  }
}

TEST_F(DamagedCheckpoint, AFileCutAnywhereOrGrownIsNoticedAndNamed) {
  for (const char* name : {"policy.bin", "empty.bin", "manifest.json", "manifest.sha256"}) {
    const std::string path = run_ / (newest_ + name);
    const Bytes good = read_file(path);
    for (std::size_t size = 0; size <= good.size() + 1; size += stride_of(good)) {
      if (size == good.size()) continue;
      Bytes bad = good;
      bad.resize(size, 0);
      overwrite(path, bad);
      const std::string message = error_of([&] { resume(run_.path()); });
      ASSERT_THAT(message, HasSubstr(path)) << size << " bytes";
      ASSERT_THAT(message, HasSubstr("damaged")) << size << " bytes";
      ASSERT_THAT(message, EndsWith(advice_)) << size << " bytes";
    }
    overwrite(path, good);
  }
}

TEST_F(DamagedCheckpoint, AMissingFileIsNamed) {
  for (const char* name :
       {"policy.bin", "empty.bin", "replay.bin", "manifest.json", "manifest.sha256"}) {
    const std::string path = run_ / (newest_ + name);
    const Bytes good = read_file(path);
    remove_file(path);
    EXPECT_EQ(error_of([&] { resume(run_.path()); }), path + " is missing." + advice_);
    overwrite(path, good);
  }
}

TEST_F(DamagedCheckpoint, SaysSizesAndChecksums) {
  const std::string path = run_ / (newest_ + "policy.bin");
  const Bytes good = read_file(path);
  write_file_durably(path, ByteRow(good).subrow(0, 299));
  EXPECT_EQ(error_of([&] { resume(run_.path()); }),
            path + " is damaged: it has 299 bytes, the manifest says 300." + advice_);
  write_file_durably(path, Bytes(300));
  EXPECT_THAT(
      error_of([&] { resume(run_.path()); }),
      testing::MatchesRegex(".*/policy.bin is damaged: its SHA-256 is [0-9a-f]{12}\\.\\., the "
                            "manifest says [0-9a-f]{12}\\.\\.\\.\n.*"));
}

TEST_F(DamagedCheckpoint, APointerWithABitFlippedInAnyByteIsNoticedAndNamed) {
  Rng rng(2, "bit flips", 0);
  for (const char* name : {"last", "best"}) {
    const std::string path = run_ / (std::string("checkpoints/") + name);
    const Bytes good = read_file(path);
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= static_cast<std::uint8_t>(1u << rng.below(8));
      overwrite(path, bad);
      const std::string message = error_of([&] {
        store_.last();
        store_.best();
      });
      ASSERT_THAT(message, StartsWith(path + " is damaged: ")) << "byte " << i;
      ASSERT_THAT(message, EndsWith("\nThe newest good checkpoint is step-60: " +
                                    run_.path() + "@60"))
          << "byte " << i;
    }
    overwrite(path, good);
  }
}

TEST_F(DamagedCheckpoint, APointerToAnotherCheckpointThatExistsIsNoticedByItsChecksum) {
  const std::string path = run_ / "checkpoints/last";
  std::string text = read_text_file(path);
  write_file_durably(path, as_bytes(text.replace(0, 7, "step-30")));
  EXPECT_THAT(error_of([&] { store_.last(); }),
              StartsWith(path + " is damaged: the checksum in it is not that of the manifest of "
                                "step-30."));
}

TEST_F(DamagedCheckpoint, APointerOfWildBytesIsShownSafely) {
  const std::string path = run_ / "checkpoints/last";
  write_file_durably(path, as_bytes("\033[31m" + std::string(100, 'x')));
  EXPECT_THAT(error_of([&] { store_.last(); }), HasSubstr("it holds '?[31mxxx"));
}

TEST_F(DamagedCheckpoint, WhenTheOlderOneIsDamagedTheNewerOneIsOffered) {
  write_file_durably(run_ / "checkpoints/step-30/policy.bin", Bytes(300));
  EXPECT_THAT(
      error_of([&] { Checkpoint(run_.path(), 30).verify(); }),
      EndsWith("\nThe next good checkpoint is step-60: " + run_.path() + "@60"));
}

TEST_F(DamagedCheckpoint, WhenAllAreDamagedStartingAgainIsOffered) {
  for (const char* step : {"30", "60"}) {
    write_file_durably(run_ / (std::string("checkpoints/step-") + step + "/policy.bin"),
                       Bytes(300));
  }
  EXPECT_THAT(error_of([&] { resume(run_.path()); }),
              EndsWith("\nNo other checkpoint of this run is good. To start it again in a new folder: "
                       "tern train " + run_.path() + "/config.yaml"));
}

TEST_F(DamagedCheckpoint, AFolderThatWasRenamedIsNoticed) {
  rename_durably(run_ / "checkpoints/step-60", run_ / "checkpoints/step-90");
  EXPECT_THAT(error_of([&] { Checkpoint(run_.path(), 90); }),
              HasSubstr("manifest.json is of step 60; the folder has been renamed"));
  EXPECT_THAT(error_of([&] { store_.last(); }),
              HasSubstr("last is damaged: it names step-60, which does not exist."));
}

}  // namespace
}  // namespace tern
