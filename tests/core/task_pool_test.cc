// Laws of the pool: each item once, on a thread of the pool, exceptions passed on, many rounds.

#include "core/threads/task_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

TEST(TaskPool, DoesEachItemOnce) {
  for (const std::size_t threads : {1, 2, 4}) {
    TaskPool pool(threads);
    for (const std::size_t items : {0, 1, 2, 3, 100}) {
      std::vector<std::atomic<int>> done(items);
      pool.run(items, [&](std::size_t item, std::size_t thread) {
        EXPECT_LT(thread, threads);
        ++done[item];
      });
      for (const auto& count : done) EXPECT_EQ(count, 1);
    }
  }
}

// Short tasks in a row, of one item too, are where a late thread could take an item of the wrong
// one.
TEST(TaskPool, ALateThreadNeverMixesTasksUp) {
  TaskPool pool(4);
  std::vector<std::size_t> result(5);
  for (std::size_t round = 0; round < 20000; ++round) {
    const std::size_t items = 1 + round % 5;
    pool.run(items, [&](std::size_t item, std::size_t) { result[item] = round + item; });
    for (std::size_t i = 0; i < items; ++i) ASSERT_EQ(result[i], round + i);
  }
}

TEST(TaskPool, NeverGivesTwoItemsToOneThreadAtOnce) {
  TaskPool pool(4);
  std::atomic<int> busy[4] = {};
  for (int round = 0; round < 500; ++round) {
    pool.run(16, [&](std::size_t, std::size_t thread) {
      EXPECT_EQ(busy[thread].fetch_add(1), 0);
      busy[thread].fetch_sub(1);
    });
  }
}

TEST(TaskPool, RethrowsAfterTheOtherItemsAndStaysUsable) {
  for (const std::size_t threads : {1, 3}) {
    TaskPool pool(threads);
    std::atomic<int> done{0};
    EXPECT_THROW(pool.run(20,
                          [&](std::size_t item, std::size_t) {
                            if (item == 3) throw std::runtime_error("item 3");
                            ++done;
                          }),
                 std::runtime_error);
    EXPECT_EQ(done, 19);
    pool.run(5, [&](std::size_t, std::size_t) { ++done; });
    EXPECT_EQ(done, 24);
  }
}

TEST(TaskPool, OfNoThreadIsRefused) {
  EXPECT_THROW(TaskPool(0), Error);
}

}  // namespace
}  // namespace tern
