// Worked example by hand, a law (no sample run ever needs more than was said), and error texts.

#include "agents/run/disk_need.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/files/file_io.h"
#include "tests/error_of.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(DiskNeed, CountsTheKeptTheBestTheOneBeingWrittenAndTheReplayBufferTwice) {
  DiskNeed need;
  need.checkpoint_bytes = 1'000;
  need.replay_bytes = 50'000;
  need.keep_checkpoints = 3;
  EXPECT_EQ(peak_disk_bytes(need), 5 * 1'000 + 2 * 50'000);
  need.reports = 10;
  need.metrics = 20;
  EXPECT_GT(peak_disk_bytes(need), 105'000 + 200 * 100);
}

TEST(DiskNeed, IsNeverLessThanARunTakes) {
  TemporaryFolder run;
  train_sample_run(run.path(), 90);
  std::int64_t manifest_bytes = 0, used = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run.path())) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = static_cast<std::int64_t>(entry.file_size());
    used += bytes;
    if (entry.path().filename() == "manifest.json")
      manifest_bytes = std::max(manifest_bytes, bytes);
  }
  DiskNeed need;
  need.checkpoint_bytes = 300 + manifest_bytes + 100;
  need.replay_bytes = 900;
  need.keep_checkpoints = 2;
  need.reports = 9;
  need.metrics = 2;
  EXPECT_GE(peak_disk_bytes(need), used);
}

TEST(DiskNeed, IsSaidWithWhatIsFree) {
  TemporaryFolder folder;
  DiskNeed need;
  need.checkpoint_bytes = 1'000;
  need.replay_bytes = 50'000;
  EXPECT_THAT(
      check_disk_need(need, folder / "x"),
      MatchesRegex("up to 105\\.0 kB of disk in .*/x, 100\\.0 kB of it for the replay buffer "
                   "\\([0-9.]+ [kMGTP]B free\\)"));
}

TEST(DiskNeed, MoreThanIsFreeIsRefusedWithWhatToMakeSmaller) {
  TemporaryFolder folder;
  DiskNeed need;
  need.checkpoint_bytes = std::numeric_limits<std::int64_t>::max() / 8;
  const std::string message = error_of([&] { check_disk_need(need, folder / "x"); });
  EXPECT_THAT(message,
              MatchesRegex("the run may need up to 5\\.8 EB of disk in .*/x; .* are free\\. "
                           "Make room, use --out on another disk, or lower "
                           "run\\.keep_checkpoints"));
  need.replay_bytes = 1;
  EXPECT_THAT(error_of([&] { check_disk_need(need, folder / "x"); }),
              HasSubstr("lower agent.buffer_size or run.keep_checkpoints"));
}

}  // namespace
}  // namespace tern
