#include "cli/serve/site.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "cli/serve/serve_page.h"
#include "core/error.h"
#include "core/files/json.h"
#include "core/params.h"

namespace tern::cli {
namespace {

constexpr double kNewsWait = 0.5;  // seconds in which an answer notices that nobody listens
constexpr int kSilentWaits = 20;   // after so many without news, a word that all is well
constexpr std::int64_t kMostEpisodes = 1'000'000'000;
constexpr std::int64_t kMostSteps = std::int64_t{1} << 53;  // that a page can count

struct NotFound : Error {
  using Error::Error;
};

HttpAnswer document(std::string text, const std::string& type = "application/json") {
  HttpAnswer answer;
  answer.type = type;
  answer.body = std::make_shared<const std::string>(std::move(text));
  return answer;
}

HttpAnswer problem(int status, const std::string& text) {
  HttpAnswer answer = document(Json({{"error", text}}).dump());
  answer.status = status;
  return answer;
}

RunCard find_card(RunBoard& board, const HttpRequest& request) {
  const std::string id = request.parameter("run");
  std::optional<RunCard> card = board.find(id);
  if (card) return std::move(*card);
  throw NotFound(id.empty() ? "the request names no run" : "there is no such run here (any more)");
}

/// A whole number of a request, or `least`.
std::int64_t number(const HttpRequest& request, const std::string& name, std::int64_t least,
                    std::int64_t most) {
  const std::string text = request.parameter(name);
  if (text.empty()) return least;
  try {
    const std::int64_t value = ParamCodec<std::int64_t>::parse(text, Limits());
    if (value >= least && value <= most) return value;
  } catch (const Error&) {
    // Told below.
  }
  throw Error(name + " is no whole number from " + std::to_string(least) + " to " +
              std::to_string(most));
}

std::int64_t newest_checkpoint(const RunCard& card) {
  if (card.checkpoint) return *card.checkpoint;
  throw NotFound(card.obstacle.empty()
                     ? "the run has no checkpoint yet; its first one is shown when it is there"
                     : "the run has no checkpoint that can be played: " + card.obstacle);
}

std::string event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}

/// The stream of one page.
class NewsFeed {
 public:
  explicit NewsFeed(RunBoard& board) : board_(board) {}

  bool next(std::string& piece) {
    if (is_first_) board_.cards();  // as they are now, not when somebody asked last
    const BoardNews news = board_.news_since(version_, is_first_ ? 0 : kNewsWait);
    if (is_first_) piece += event("all", "{}");
    for (const RunCard& card : news.changed) piece += event("run", card.summary);
    for (const std::string& id : news.gone) {
      if (!is_first_) piece += event("gone", Json({{"id", id}}).dump());
    }
    is_first_ = false;
    version_ = news.version;
    silent_waits_ = piece.empty() ? silent_waits_ + 1 : 0;
    if (silent_waits_ < kSilentWaits) return true;
    silent_waits_ = 0;
    piece = ": all is well\n\n";
    return true;
  }

 private:
  RunBoard& board_;
  std::uint64_t version_ = 0;
  int silent_waits_ = 0;
  bool is_first_ = true;
};

}  // namespace

HttpAnswer Site::answer(const HttpRequest& request) noexcept {
  HttpAnswer answer;
  try {
    answer = access_.check(request);
    if (answer.status == 200) answer = answer_allowed(request);
  } catch (const NotFound& error) {
    answer = problem(404, error.what());
  } catch (const Error& error) {
    answer = problem(error.code() == ExitCode::kUsage ? 400 : 500, error.what());
  } catch (const std::exception& error) {
    answer = problem(500, error.what());
  }
  for (const auto& [name, value] : page_headers()) answer.headers.emplace_back(name, value);
  return answer;
}

HttpAnswer Site::answer_allowed(const HttpRequest& request) {
  if (request.path == "/") return document(serve_page_html(), "text/html; charset=utf-8");
  if (request.path == "/serve.css") return document(serve_page_style(), "text/css; charset=utf-8");
  if (request.path == "/serve.js") {
    return document(serve_page_script(), "text/javascript; charset=utf-8");
  }
  if (request.path == "/runs") return runs();
  if (request.path == "/curve") return curve(request);
  if (request.path == "/episode") return episode(request);
  if (request.path == "/events") return events();
  return sentence(404, "there is nothing here; the page is at /");
}

HttpAnswer Site::runs() {
  std::string text = "{\"runs\":[";
  const std::vector<RunCard> cards = board_.cards();
  for (std::size_t i = 0; i < cards.size(); ++i) text += (i > 0 ? "," : "") + cards[i].summary;
  return document(text + "]}");
}

HttpAnswer Site::curve(const HttpRequest& request) {
  return document(curve_json(find_card(board_, request).progress->curve).dump());
}

HttpAnswer Site::episode(const HttpRequest& request) {
  const RunCard card = find_card(board_, request);
  EpisodeWish wish;
  wish.run = card.folder;
  wish.number = static_cast<int>(number(request, "number", 1, kMostEpisodes));
  HttpAnswer answer;
  if (request.parameter("checkpoint").empty()) {
    answer.body = newest_episode(card, wish);
    return answer;
  }
  wish.checkpoint = number(request, "checkpoint", 0, kMostSteps);
  const std::vector<std::int64_t>& steps = card.progress->checkpoints;
  if (std::find(steps.begin(), steps.end(), wish.checkpoint) == steps.end()) {
    throw NotFound("the run has no checkpoint at step " + std::to_string(wish.checkpoint) +
                   " (any more)");
  }
  answer.body = maker_.make(wish);
  return answer;
}

std::shared_ptr<const std::string> Site::newest_episode(const RunCard& card, EpisodeWish wish) {
  wish.checkpoint = newest_checkpoint(card);
  try {
    return maker_.make(wish);
  } catch (const Error&) {
    // The checkpoint may have gone or been damaged since the last look: then another one is newest.
    const std::optional<RunCard> now = board_.find_anew(card.id);
    if (!now || now->checkpoint == card.checkpoint) throw;
    wish.checkpoint = newest_checkpoint(*now);
  }
  return maker_.make(wish);
}

HttpAnswer Site::events() {
  HttpAnswer answer;
  answer.type = "text/event-stream";
  answer.next_piece = [feed = std::make_shared<NewsFeed>(board_)](std::string& piece) {
    return feed->next(piece);
  };
  return answer;
}

}  // namespace tern::cli
