// Proof: laws of the two threads, with a trainer and a window made for the test. Run it under the
// thread sanitizer too. Threads wait for each other's progress, never for a time.

#include "render/training_viewer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "core/error.h"
#include "envs/registry/registry.h"
#include "tests/render/fake_window.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

std::unique_ptr<EpisodePlayer> cartpole() {
  return std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                         EpisodeOptions());
}

TEST(PolicySlot, AReaderSeesPoliciesInTheirOrder) {
  PolicySlot slot;
  EXPECT_EQ(slot.get(), nullptr);
  constexpr std::int64_t kLast = 2000;
  std::thread writer([&] {
    for (std::int64_t step = 1; step <= kLast; ++step) {
      slot.put(std::make_shared<LinearPolicy>(step));
    }
  });
  std::int64_t seen = 0;
  while (seen < kLast) {
    const std::shared_ptr<Policy> policy = slot.get();
    const std::int64_t step = policy == nullptr ? 0 : policy->step();
    EXPECT_GE(step, seen);
    seen = step;
  }
  writer.join();
}

TEST(TrainingViewer, ShowsTheNewestPolicyAndEndsWithTheTraining) {
  FakeWindow window;
  FakeTime time;
  std::atomic<int> polls{0};
  window.on_poll = [&](int poll) { polls = poll; };
  TrainingViewerOptions options;
  options.stays_open = false;
  options.loop.clock = time.clock();
  std::int64_t reported_step = 0;
  std::int64_t last_step = 0;
  run_training_viewer(
      window, cartpole(),
      [&](TrainingFeed& feed) {
        for (int i = 1; i <= 5; ++i) {
          feed.publish(std::make_shared<LinearPolicy>(1000 * i));
          auto progress = std::make_shared<TrainingProgress>();
          progress->curve.add({1000 * i, 1.0 * i, {}});
          feed.report(progress);
          const int before = polls;
          while (polls < before + 3) std::this_thread::yield();  // the window goes on meanwhile
        }
        last_step = feed.newest()->step();
        reported_step = feed.progress()->curve.step();
      },
      options);
  EXPECT_EQ(last_step, 5000);
  EXPECT_EQ(reported_step, 5000);
  EXPECT_GE(window.polls, 15);
  EXPECT_GT(window.shown, 0);
}

TEST(TrainingViewer, AChosenCheckpointPlaysUntilTheNewestIsAskedFor) {
  FakeWindow window;
  FakeTime time;
  std::atomic<bool> is_published{false}, is_over{false};
  std::vector<std::int64_t> asked;
  std::weak_ptr<Policy> loaded;
  bool was_kept = false;
  int first = -1;  // poll since there is a policy
  window.on_poll = [&](int poll) {
    if (!is_published) return;
    if (first < 0) {
      first = poll;
      window.plan[poll + 5] = {ViewerKey::kOlderPolicy};
      window.plan[poll + 10] = {ViewerKey::kOlderPolicy};  // cannot be read
      window.plan[poll + 15] = {ViewerKey::kNewestPolicy};
    }
    if (poll == first + 14) was_kept = !loaded.expired();
    if (poll == first + 30) is_over = true;
  };
  TrainingViewerOptions options;
  options.stays_open = false;
  options.loop.clock = time.clock();
  options.load_policy = [&](std::int64_t step) {
    asked.push_back(step);
    if (asked.size() > 1) throw Error::failure("policy.bin is damaged");
    const auto policy = std::make_shared<LinearPolicy>(step);
    loaded = policy;
    return policy;
  };
  run_training_viewer(
      window, cartpole(),
      [&](TrainingFeed& feed) {
        auto progress = std::make_shared<TrainingProgress>();
        progress->checkpoints = {1000, 2000};
        feed.report(progress);
        feed.publish(std::make_shared<LinearPolicy>(3000));
        is_published = true;
        while (!is_over) std::this_thread::yield();
      },
      options);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_TRUE(was_kept);  // the one that failed does not put it away
  EXPECT_TRUE(loaded.expired());
}

TEST(TrainingViewer, StaysOpenAfterTheTrainingUntilSomeoneQuits) {
  FakeWindow window;
  FakeTime time;
  std::atomic<bool> is_trained{false};
  int polls_after = 0;
  window.on_poll = [&](int poll) {
    if (!is_trained) return;
    if (++polls_after == 100) window.plan[poll] = {ViewerKey::kQuit};
  };
  TrainingViewerOptions options;
  options.loop.clock = time.clock();
  run_training_viewer(
      window, cartpole(), [&](TrainingFeed&) { is_trained = true; }, options);
  EXPECT_EQ(polls_after, 100);
}

TEST(TrainingViewer, QuittingTheWindowDoesNotEndTheTraining) {
  FakeWindow window;
  FakeTime time;
  window.plan[2] = {ViewerKey::kQuit};
  std::atomic<bool> has_quit{false};
  window.on_poll = [&](int poll) { has_quit = has_quit || poll == 2; };
  bool is_trained = false;
  TrainingViewerOptions options;
  options.loop.clock = time.clock();
  run_training_viewer(
      window, cartpole(),
      [&](TrainingFeed&) {
        while (!has_quit) std::this_thread::yield();
        is_trained = true;
      },
      options);
  EXPECT_TRUE(is_trained);
  EXPECT_EQ(window.polls, 3);
}

TEST(TrainingViewer, TheWindowIsGoneAsSoonAsSomeoneQuits) {
  FakeWindow window;
  FakeTime time;
  window.plan[2] = {ViewerKey::kQuit};
  bool was_closed_while_training = false;
  TrainingViewerOptions options;
  options.loop.clock = time.clock();
  run_training_viewer(
      window, cartpole(),
      [&](TrainingFeed&) {
        for (int i = 0; i < 20'000'000 && !window.is_closed; ++i) std::this_thread::yield();
        was_closed_while_training = window.is_closed;
      },
      options);
  EXPECT_TRUE(was_closed_while_training);
}

TEST(TrainingViewer, AnInterruptEndsTheShowOnceTheTrainingIsOver) {
  FakeWindow window;
  FakeTime time;
  bool is_trained = false;
  TrainingViewerOptions options;
  options.should_close = [] { return true; };  // Ctrl-C came while it trained
  options.loop.clock = time.clock();
  run_training_viewer(
      window, cartpole(), [&](TrainingFeed&) { is_trained = true; }, options);
  EXPECT_TRUE(is_trained);
}

TEST(TrainingViewer, WhatTheTrainingThrowsIsThrownToTheCaller) {
  FakeWindow window;
  FakeTime time;
  TrainingViewerOptions options;
  options.loop.clock = time.clock();
  const auto fail = [](TrainingFeed&) { throw Error::failure("the loss is NaN"); };
  try {
    run_training_viewer(window, cartpole(), fail, options);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the loss is NaN");
    EXPECT_EQ(error.code(), ExitCode::kFailure);
  }
}

}  // namespace
}  // namespace tern
