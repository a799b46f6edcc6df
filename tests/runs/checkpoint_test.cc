// Laws (what is added is read back; nothing is visible before commit), and error texts.

#include "agents/run/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "core/files/sha256.h"
#include "core/version.h"
#include "tests/error_of.h"
#include "tests/runs/sample_run.h"
#include "tests/small_disk.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(Checkpoint, PartsAndManifestReadBack) {
  TemporaryFolder run;
  write_sample_checkpoint(run.path(), 30);
  const Checkpoint checkpoint(run.path(), 30);
  EXPECT_EQ(checkpoint.folder(), run / "checkpoints/step-30");
  EXPECT_EQ(checkpoint.read_part("policy.bin"), sample_part("policy", 30, 300));
  EXPECT_EQ(checkpoint.read_part("empty.bin"), Bytes());
  EXPECT_EQ(checkpoint.read_part("replay.bin"), sample_part("replay", 30, 900));
  EXPECT_TRUE(checkpoint.has_part("replay.bin"));
  EXPECT_FALSE(checkpoint.has_part("critic.bin"));
  EXPECT_EQ(checkpoint.manifest().step, 30);
  EXPECT_EQ(checkpoint.manifest().tern_version, version());
  EXPECT_EQ(checkpoint.manifest().config.agent_params[1].text, "[64, 64]");
  checkpoint.verify();
}

TEST(Checkpoint, TheSumFileIsWhatSha256sumPrints) {
  TemporaryFolder run;
  write_sample_checkpoint(run.path(), 30);
  const std::string folder = run / "checkpoints/step-30";
  EXPECT_EQ(read_text_file(folder + "/manifest.sha256"),
            sha256_of_file(folder + "/manifest.json") + "  manifest.json\n");
  EXPECT_EQ(read_text_file(run / "checkpoints/last"),
            "step-30 " + sha256_of_file(folder + "/manifest.json") + "\n");
}

TEST(Checkpoint, NothingStandsUnderItsNameBeforeCommitAndNothingStaysWithoutIt) {
  TemporaryFolder run;
  {
    CheckpointWriter writer(run.path(), sample_manifest(30));
    writer.add("policy.bin", sample_part("policy", 30, 300));
    EXPECT_EQ(writer.bytes(), 300);
    EXPECT_THAT(CheckpointStore(run.path()).steps(), IsEmpty());
    EXPECT_EQ(list_folder(run / "checkpoints").size(), 1u);
  }
  EXPECT_THAT(list_folder(run / "checkpoints"), IsEmpty());
}

TEST(Checkpoint, IsNeverWrittenTwice) {
  TemporaryFolder run;
  write_sample_checkpoint(run.path(), 30);
  EXPECT_EQ(error_of([&] { CheckpointWriter writer(run.path(), sample_manifest(30)); }),
            (run / "checkpoints/step-30") + " exists already; a checkpoint is never written twice");
}

TEST(Checkpoint, APartAddedTwiceIsAMistakeOfTheProgram) {
  TemporaryFolder run;
  CheckpointWriter writer(run.path(), sample_manifest(30));
  writer.add("policy.bin", ByteRow());
  EXPECT_THROW(writer.add("policy.bin", ByteRow()), std::logic_error);
}

TEST(Checkpoint, APartThatItNeverHadIsNamed) {
  TemporaryFolder run;
  write_sample_checkpoint(run.path(), 30);
  EXPECT_THAT(error_of([&] { Checkpoint(run.path(), 30).read_part("critic.bin"); }),
              StartsWith((run / "checkpoints/step-30") + " has no part 'critic.bin'."));
}

TEST(Checkpoint, AFullDiskLeavesEarlierCheckpointsInForce) {
  const SmallDisk run("128k");
  if (!run.is_mounted()) {
    GTEST_SKIP() << "only root may mount a small disk; FileIo tests a full one without";
  }
  write_sample_checkpoint(run.path(), 30);
  const auto before = tree_of(run.path());
  const std::string message = error_of([&] {
    CheckpointWriter writer(run.path(), sample_manifest(60));
    writer.add("policy.bin", sample_part("policy", 60, 300));
    writer.add("replay.bin", sample_part("replay", 60, 200'000), PartKeep::kNewestOnly);
  });
  EXPECT_THAT(message, HasSubstr("/replay.bin: the disk is full (200.0 kB were wanted, "));
  EXPECT_THAT(message, HasSubstr("step-60 was not saved; earlier checkpoints are as they were"));
  EXPECT_THAT(differences(tree_of(run.path()), before), IsEmpty());
  EXPECT_EQ(CheckpointStore(run.path()).last(), 30);
  // What is full at the very end, with all parts written: the manifest.
  for (int filled = 1; filled < 32; ++filled) {
    const std::string filler = run / "filler";
    if (free_disk_bytes(run.path()) < filled * 4096) break;
    write_new_file(filler, Bytes(static_cast<std::size_t>(filled) * 4096));
    try {
      write_sample_checkpoint(run.path(), 60 + filled);
      remove_tree(run / ("checkpoints/step-" + std::to_string(60 + filled)));
      remove_file(run / "checkpoints/last");
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("the disk is full"));
    }
    remove_file(filler);
    for (const std::int64_t step : CheckpointStore(run.path()).steps()) {
      Checkpoint(run.path(), step).verify();
    }
  }
}

}  // namespace
}  // namespace tern
