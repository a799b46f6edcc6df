// Laws of the worker pool, in numbers of rounds that give a thread sanitizer something to see.

#include "core/threads/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/error_of.h"

namespace tern {
namespace {

TEST(WorkerPool, DoesEachPartOnceARound) {
  for (const std::size_t parts : {1, 2, 4, 7}) {
    WorkerPool pool(parts);
    EXPECT_EQ(pool.parts(), parts);
    std::vector<int> done(parts);  // not atomic: each part has its own
    constexpr int kRounds = 500;
    for (int round = 0; round < kRounds; ++round) {
      pool.run([&](std::size_t part) { ++done[part]; });
      for (const int count : done) ASSERT_EQ(count, round + 1);
    }
  }
}

TEST(WorkerPool, GivesEachPartAThreadOfItsOwnAndTheFirstToTheCaller) {
  WorkerPool pool(3);
  std::vector<std::thread::id> first(3), second(3);
  pool.run([&](std::size_t part) { first[part] = std::this_thread::get_id(); });
  pool.run([&](std::size_t part) { second[part] = std::this_thread::get_id(); });
  EXPECT_EQ(first, second);
  EXPECT_EQ(first[0], std::this_thread::get_id());
  EXPECT_EQ(std::set<std::thread::id>(first.begin(), first.end()).size(), 3u);
}

TEST(WorkerPool, RethrowsTheExceptionOfTheLowestPartAndStaysUsable) {
  WorkerPool pool(4);
  for (int round = 0; round < 100; ++round) {
    try {
      pool.run([](std::size_t part) {
        if (part == 1 || part == 3) throw std::runtime_error(std::to_string(part));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      ASSERT_STREQ(error.what(), "1");
    }
  }
  std::atomic<int> done = 0;
  pool.run([&](std::size_t) { ++done; });
  EXPECT_EQ(done, 4);
}

// A worker that missed the end would keep its pool, and this test, from ending.
TEST(WorkerPool, EndsWithoutEverHavingWorked) {
  int ended = 0;
  for (int i = 0; i < 100; ++i, ++ended) EXPECT_EQ(WorkerPool(3).parts(), 3u);
  EXPECT_EQ(ended, 100);
}

TEST(WorkerPool, WakesWorkersThatHaveGoneToSleep) {
  WorkerPool pool(2);
  std::atomic<int> done = 0;
  for (int round = 0; round < 20; ++round) {
    // Far longer than a worker looks for work before it sleeps.
    volatile double sink = 0;
    for (int i = 0; i < 200'000; ++i) sink = sink + i;
    pool.run([&](std::size_t) { ++done; });
  }
  EXPECT_EQ(done, 40);
}

TEST(WorkerPool, RefusesToHaveNoParts) {
  EXPECT_EQ(error_of([] { WorkerPool pool(0); }, ExitCode::kUsage),
            "a pool needs at least one thread");
}

TEST(PartBegin, SplitsEvenlyAndCompletely) {
  for (const std::size_t count : {0, 1, 5, 8, 64, 1000}) {
    for (const std::size_t parts : {1, 2, 3, 8}) {
      EXPECT_EQ(part_begin(count, parts, 0), 0u);
      EXPECT_EQ(part_begin(count, parts, parts), count);
      for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t size = part_begin(count, parts, part + 1) - part_begin(count, parts, part);
        EXPECT_GE(size, count / parts);
        EXPECT_LE(size, count / parts + 1);
      }
    }
  }
}

}  // namespace
}  // namespace tern
