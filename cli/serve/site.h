#pragma once
// What the server answers: the page, the runs, their curves and episodes, and news of them.

#include <memory>
#include <string>

#include "cli/http/http_server.h"
#include "cli/serve/access.h"
#include "cli/serve/episode_maker.h"
#include "cli/serve/run_board.h"

namespace tern::cli {

/// Thread-safe. Nothing is read but what `board` and `maker` read: no path of a request is one of
/// the file system.
///
///   /                             the page; /serve.css and /serve.js are of it
///   /runs                         {"runs": [ServedRun::summary()]}
///   /curve?run=ID                 curve_json()
///   /episode?run=ID[&checkpoint=STEP][&number=N]   EpisodeMaker::make(), of the newest checkpoint
///   /events                       server-sent events: "all" before everything that there is, then
///                                 "run" with a summary and "gone" with {"id"} whenever that
///                                 changes
///
/// Where there is none: {"error": a sentence}, with a status of 400 or more.
class Site {
 public:
  /// All three must outlive this.
  Site(const Access& access, RunBoard& board, EpisodeMaker& maker)
      : access_(access), board_(board), maker_(maker) {}

  HttpAnswer answer(const HttpRequest& request) noexcept;

 private:
  HttpAnswer answer_allowed(const HttpRequest& request);
  HttpAnswer runs();
  HttpAnswer curve(const HttpRequest& request);
  HttpAnswer episode(const HttpRequest& request);
  std::shared_ptr<const std::string> newest_episode(const RunCard& card, EpisodeWish wish);
  HttpAnswer events();

  const Access& access_;
  RunBoard& board_;
  EpisodeMaker& maker_;
};

}  // namespace tern::cli
