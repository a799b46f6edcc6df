#include "cli/serve/run_board.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cli/serve/find_runs.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/hash.h"
#include "core/utf8.h"

namespace tern::cli {
namespace {

constexpr double kQuestionLasts = 2;    // seconds for which somebody who asked wants to know more
constexpr double kLargestShare = 0.1;   // of a core, for looking
constexpr double kLongestRefresh = 10;  // seconds
constexpr double kLongestPause = 2;     // seconds

std::chrono::duration<double> seconds(double value) {
  return std::chrono::duration<double>(value);
}

/// A name as requests can give it: the name itself, or a fingerprint of what is no UTF-8.
std::string id_of(const std::string& name) {
  if (is_utf8(name)) return name;
  Hash64 hash;
  hash.add(std::string_view(name));
  char text[24];
  std::snprintf(text, sizeof text, "run-%016llx", static_cast<unsigned long long>(hash.value()));
  return text;
}

}  // namespace

RunBoard::RunBoard(Options options) : options_(std::move(options)) {
  look();
  thread_ = std::thread([this] { work(); });
}

RunBoard::~RunBoard() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
  }
  asked_.notify_all();
  told_.notify_all();
  thread_.join();
}

void RunBoard::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!is_ending_) {
    const bool is_asked = seconds(kQuestionLasts) > Clock::now() - last_question_;
    if (!is_asked) {
      const auto before = last_question_;
      asked_.wait(lock, [&] { return is_ending_ || last_question_ != before; });
    }
    const double pause =
        std::clamp(look_seconds_ / kLargestShare, options_.interval, kLongestPause);
    asked_.wait_until(lock,
                      last_look_ + std::chrono::duration_cast<Clock::duration>(seconds(pause)),
                      [this] { return is_ending_; });
    if (is_ending_) return;
    lock.unlock();
    look();
    lock.lock();
  }
}

void RunBoard::want_runs_below(const std::string& folder, const std::string& prefix,
                               std::map<std::string, std::string>& wanted) {
  if (!is_folder(folder)) return;
  const FoundRuns found = find_runs(folder);
  finds_all_ = finds_all_ && found.is_all;
  for (const std::string& name : found.names) {
    wanted.emplace(id_of(prefix + name), folder + "/" + name);
  }
}

std::map<std::string, std::string> RunBoard::wanted_runs() {
  std::map<std::string, std::string> wanted;
  for (const std::string& folder : options_.named) {
    const std::filesystem::path path(folder);
    const bool is_below = path.parent_path() == options_.runs_folder;
    wanted.emplace(id_of(is_below ? path.filename().string() : folder), folder);
  }
  finds_all_ = true;
  const bool is_alone = options_.named.empty() && options_.folders.size() == 1;
  for (const std::string& folder : options_.folders) {
    want_runs_below(folder, is_alone ? "" : folder + "/", wanted);
  }
  if (options_.named.empty() && options_.folders.empty()) {
    want_runs_below(options_.runs_folder, "", wanted);
  }
  return wanted;
}

void RunBoard::look() {
  const Clock::time_point began = Clock::now();
  std::map<std::string, std::string> wanted;
  try {
    wanted = wanted_runs();
  } catch (const Error&) {
    for (const auto& [id, run] : runs_) wanted.emplace(id, run.folder());  // it went in between
  }
  for (auto run = runs_.begin(); run != runs_.end();) {
    if (wanted.count(run->first) > 0) {
      ++run;
      continue;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    cards_.erase(run->first);
    gone_[run->first] = ++version_;
    run = runs_.erase(run);
  }
  for (const auto& [id, folder] : wanted) {
    const auto [run, is_new] = runs_.try_emplace(id, id, folder);
    if (!is_new && !run->second.may_have_news()) continue;
    run->second.look();
    publish(run->second);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  ++looks_;
  has_more_ = !finds_all_;
  last_look_ = Clock::now();
  look_seconds_ = std::chrono::duration<double>(last_look_ - began).count();
  told_.notify_all();
}

void RunBoard::publish(const ServedRun& run) {
  RunCard card{run.id(),
               run.folder(),
               run.summary().dump(),
               run.progress(),
               run.checkpoint(),
               run.obstacle(),
               0};
  const std::lock_guard<std::mutex> lock(mutex_);
  RunCard& old = cards_[run.id()];
  if (old.summary == card.summary) return;
  gone_.erase(run.id());
  card.version = ++version_;
  old = std::move(card);
}

void RunBoard::refresh(std::unique_lock<std::mutex>& lock) {
  last_question_ = Clock::now();
  asked_.notify_all();
  if (last_question_ - last_look_ >= seconds(options_.interval)) wait_for_look(lock);
}

void RunBoard::wait_for_look(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t before = looks_;
  told_.wait_for(lock, seconds(kLongestRefresh), [&] { return is_ending_ || looks_ > before; });
}

std::optional<RunCard> RunBoard::card(const std::string& id) const {
  const auto card = cards_.find(id);
  if (card == cards_.end()) return std::nullopt;
  return card->second;
}

std::optional<RunCard> RunBoard::find(const std::string& id) {
  std::unique_lock<std::mutex> lock(mutex_);
  refresh(lock);
  return card(id);
}

std::optional<RunCard> RunBoard::find_anew(const std::string& id) {
  std::unique_lock<std::mutex> lock(mutex_);
  last_question_ = Clock::now();
  asked_.notify_all();
  wait_for_look(lock);
  return card(id);
}

std::vector<RunCard> RunBoard::cards() {
  std::unique_lock<std::mutex> lock(mutex_);
  refresh(lock);
  std::vector<RunCard> all;
  for (const auto& [id, card] : cards_) all.push_back(card);
  return all;
}

bool RunBoard::has_more() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return has_more_;
}

BoardNews RunBoard::news_since(std::uint64_t version, double longest) {
  std::unique_lock<std::mutex> lock(mutex_);
  last_question_ = Clock::now();
  asked_.notify_all();
  told_.wait_for(lock, seconds(longest), [&] { return is_ending_ || version_ > version; });
  last_question_ = Clock::now();
  BoardNews news;
  news.version = version_;
  for (const auto& [id, card] : cards_) {
    if (card.version > version) news.changed.push_back(card);
  }
  for (const auto& [id, when] : gone_) {
    if (when > version) news.gone.push_back(id);
  }
  return news;
}

}  // namespace tern::cli
