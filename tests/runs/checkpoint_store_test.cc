// Worked examples of which checkpoints stay, and of going back to one.

#include "agents/run/checkpoint_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/error_of.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

class Store : public testing::Test {
 protected:
  void write(std::initializer_list<std::int64_t> steps) {
    for (const std::int64_t step : steps) write_sample_checkpoint(run_.path(), step);
  }
  bool has_replay(std::int64_t step) {
    return Checkpoint(run_.path(), step).has_part("replay.bin");
  }

  TemporaryFolder run_;
  CheckpointStore store_{run_.path()};
};

TEST_F(Store, OfARunWithoutCheckpointsIsEmpty) {
  EXPECT_THAT(store_.steps(), IsEmpty());
  EXPECT_EQ(store_.last(), std::nullopt);
  EXPECT_EQ(store_.best(), std::nullopt);
  store_.start_at(std::nullopt);
  store_.retain(1);
}

TEST_F(Store, ListsStepsByNumberNotByName) {
  write({9, 10, 1000, 200});
  make_folder(run_ / "checkpoints/step-007");
  make_folder(run_ / "checkpoints/step-x");
  EXPECT_THAT(store_.steps(), ElementsAre(9, 10, 200, 1000));
  EXPECT_EQ(store_.last(), 200);  // the one written last
}

TEST_F(Store, KeepsTheNewestAndTheBestAndTheReplayBufferOfTheLastOnly) {
  write({10});
  store_.mark_best(10);
  write({20, 30, 40});
  store_.retain(2);
  EXPECT_THAT(store_.steps(), ElementsAre(10, 30, 40));
  EXPECT_FALSE(has_replay(10));
  EXPECT_FALSE(has_replay(30));
  EXPECT_TRUE(has_replay(40));
  for (const std::int64_t step : store_.steps()) Checkpoint(run_.path(), step).verify();
  store_.mark_best(40);
  store_.retain(1);
  EXPECT_THAT(store_.steps(), ElementsAre(40));
  EXPECT_THAT(list_folder(run_ / "checkpoints"), ElementsAre("best", "last", "step-40"));
}

TEST_F(Store, ADroppedReplayBufferIsSaidSo) {
  write({10, 20});
  store_.retain(2);
  EXPECT_EQ(error_of([&] { Checkpoint(run_.path(), 10).read_part("replay.bin"); }),
            (run_ / "checkpoints/step-10/replay.bin") +
                " was dropped when a newer checkpoint was made; only the newest one has it");
}

TEST_F(Store, ACheckpointWhosePointerWasNeverWrittenIsStillFound) {
  write({10});
  remove_file(run_ / "checkpoints/last");  // as if killed between the two
  EXPECT_EQ(store_.last(), 10);
}

TEST_F(Store, StartingAtAnOlderCheckpointRemovesItsFutureAndGoesBackToTheBestLeft) {
  // Means: 14 at 2, 49 at 7, 6 at 8, 6 at 58, 7 at 51.
  write({2, 7, 8, 51, 58});
  store_.mark_best(7);
  store_.start_at(51);
  EXPECT_THAT(store_.steps(), ElementsAre(2, 7, 8, 51));
  EXPECT_EQ(store_.last(), 51);
  EXPECT_EQ(store_.best(), 7) << "it was not in the future";
  store_.mark_best(51);
  store_.start_at(8);
  EXPECT_EQ(store_.best(), 7);
  store_.start_at(2);
  EXPECT_THAT(store_.steps(), ElementsAre(2));
  EXPECT_EQ(store_.best(), 2);
}

TEST_F(Store, ACheckpointSavedButNotMarkedAsTheBestIsMarkedAtTheStart) {
  write({51});  // mean 7
  store_.mark_best(51);
  write({60, 70});  // means 20 and 40; killed before the mark
  store_.start_at(60);
  EXPECT_EQ(store_.best(), 60);
}

TEST_F(Store, OfEqualEvaluationsTheNewestIsBest) {
  write({1, 51, 60});  // means 7, 7 and 20
  store_.mark_best(60);
  store_.start_at(51);
  EXPECT_EQ(store_.best(), 51);
}

TEST_F(Store, StartingAtTheLastCheckpointChangesNothing) {
  write({7, 20});  // means 49 and 40
  store_.mark_best(7);
  const auto before = tree_of(run_.path());
  store_.start_at(20);
  EXPECT_THAT(differences(tree_of(run_.path()), before), IsEmpty());
}

TEST_F(Store, StartingAtAnOlderCheckpointOfAnOffPolicyRunLeavesItUsable) {
  write({10, 20});
  store_.retain(2);
  store_.start_at(10);
  EXPECT_EQ(store_.last(), 10);
  EXPECT_FALSE(has_replay(10));
  Checkpoint(run_.path(), 10).verify();
}

TEST_F(Store, StartingAgainFromNothingRemovesAll) {
  write({10, 20});
  store_.mark_best(10);
  store_.start_at(std::nullopt);
  EXPECT_THAT(list_folder(run_ / "checkpoints"), IsEmpty());
}

TEST_F(Store, StartingRemovesWhatKilledProcessesLeft) {
  write({10});
  store_.mark_best(10);
  make_folders(run_ / "checkpoints/.step-20.tmp-123");
  make_folders(run_ / "checkpoints/.step-5.old-123");
  write_new_file(run_ / "checkpoints/.step-20.tmp-123/policy.bin", as_bytes("half"));
  write_new_file(run_ / "checkpoints/.last.tmp-123", as_bytes("step"));
  write_new_file(run_ / ".metrics.csv.tmp-123", as_bytes("step"));
  write_new_file(run_ / ".notes", as_bytes("the user's"));
  store_.start_at(10);
  EXPECT_THAT(list_folder(run_ / "checkpoints"), ElementsAre("best", "last", "step-10"));
  EXPECT_THAT(list_folder(run_.path()), ElementsAre(".notes", "checkpoints"));
}

TEST_F(Store, ADamagedBestPointerIsChosenAnewAtTheStartAndKeepsAllUntilThen) {
  write({1, 2, 3});
  store_.mark_best(1);
  write_file_durably(run_ / "checkpoints/best", as_bytes("step-?"));
  store_.retain(1);
  EXPECT_THAT(store_.steps(), ElementsAre(1, 2, 3));
  store_.start_at(3);
  EXPECT_EQ(store_.best(), 3);
}

}  // namespace
}  // namespace tern
