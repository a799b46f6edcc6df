#pragma once
// A headless Chromium, driven through its debugging pipe: no port, no network, a profile of its
// own.

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace tern {

class Browser {
 public:
  using Json = nlohmann::json;

  /// Whether there is one on this machine.
  static bool is_installed();
  /// Starts it, with no page. Throws std::runtime_error if it does not answer within two minutes.
  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Opens the address in a new page of that size and closes the one before.
  void open(const std::string& address, int width = 1280, int height = 800);
  /// media: of CSS, {"prefers-color-scheme", "dark"}.
  void resize(int width, int height,
              const std::vector<std::pair<std::string, std::string>>& media = {});
  /// The value of an expression of JavaScript in the page; what it throws is a std::runtime_error.
  Json value(const std::string& expression);
  /// Waits until the expression is true, for two minutes at most. Whether it is.
  bool waits_for(const std::string& expression);
  /// "ArrowRight", "Home", " ", "w".
  void press(const std::string& key);
  void click(double x, double y);
  /// What went wrong in pages since they were opened: exceptions and errors of the console.
  const std::vector<std::string>& complaints() const { return complaints_; }
  /// What the page asked for beside itself and data: addresses.
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  /// Sends a command and waits for its answer. session: "" for the browser's own.
  Json call(const std::string& method, Json parameters, const std::string& session);
  Json in_page(const std::string& method, Json parameters) {
    return call(method, std::move(parameters), session_);
  }
  /// The next message, waited for.
  Json receive();
  void note(const Json& event);

  TemporaryFolder profile_;
  pid_t process_ = 0;
  int to_ = -1, from_ = -1;  // pipes
  std::string received_;
  int calls_ = 0;
  std::string target_, session_, address_;
  std::vector<std::string> complaints_, requests_;
};

}  // namespace tern
