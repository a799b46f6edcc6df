#include "cli/viewing/followed_run.h"

#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "render/learning_curve_panel.h"

namespace tern::cli {

FollowedRun::FollowedRun(RunFollower follower, double interval) : follower_(std::move(follower)) {
  take(follower_.look());
  thread_ = std::thread([this, interval] { follow(interval); });
}

FollowedRun::~FollowedRun() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void FollowedRun::follow(double interval) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!is_ending_) {
    wake_.wait_for(lock, std::chrono::duration<double>(interval),
                   [this] { return is_ending_ || wanted_step_; });
    if (is_ending_) return;
    const std::optional<std::int64_t> step = std::exchange(wanted_step_, std::nullopt);
    lock.unlock();
    RunNews news;
    std::string failure;
    try {
      news = step ? follower_.load(*step) : follower_.look();
    } catch (const std::bad_alloc&) {
      failure = "there is not enough memory for another policy";
    } catch (const std::exception& error) {
      failure = error.what();  // of a library: the show goes on
    }
    lock.lock();
    if (!failure.empty()) {
      if (failure != last_failure_) remarks_.push_back(failure);
      last_failure_ = failure;
    } else if (step) {
      if (news.policy != nullptr) chosen_ = std::move(news.policy);
      remarks_.insert(remarks_.end(), news.remarks.begin(), news.remarks.end());
    } else {
      lock.unlock();
      take(std::move(news));
      lock.lock();
    }
  }
}

void FollowedRun::take(RunNews news) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (news.policy != nullptr) newest_ = std::move(news.policy);
  progress_ = std::move(news.progress);
  remarks_.insert(remarks_.end(), news.remarks.begin(), news.remarks.end());
}

std::shared_ptr<Policy> FollowedRun::policy() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return chosen_ != nullptr ? chosen_ : newest_;
}

bool FollowedRun::is_running() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return progress_->is_running;
}

void FollowedRun::update(Viewer& viewer) {
  const std::optional<PolicyChoice> choice = viewer.takes_policy_choice();
  std::vector<std::string> remarks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (choice) {
      wanted_step_ = choice->step;
      if (!choice->step) chosen_ = nullptr;
    }
    remarks = std::exchange(remarks_, {});
    viewer.set_progress(progress_);
    viewer.set_training(state_line());
  }
  if (choice && choice->step) wake_.notify_all();
  for (const std::string& remark : remarks) viewer.show_notice(remark);
}

std::string FollowedRun::state_line() const {
  std::string line = progress_text(*progress_);
  if (chosen_ != nullptr) {
    line += "; f: the newest policy";
  } else if (newest_ == nullptr) {
    line += "; no checkpoint yet";
  }
  return line;
}

}  // namespace tern::cli
