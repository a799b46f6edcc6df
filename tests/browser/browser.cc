#include "tests/browser/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tern {
namespace {

constexpr int kPatience = 120;  // seconds: machines may be slow
constexpr const char* kNames[] = {"chromium", "chromium-browser", "google-chrome"};

/// Where the program lies; "": nowhere.
std::string find_program() {
  const char* const path = getenv("PATH");
  const std::string folders = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    for (const char* const name : kNames) {
      const std::string file = folders.substr(begin, end - begin) + "/" + name;
      if (access(file.c_str(), X_OK) == 0) return file;
    }
    begin = end + 1;
  }
  return "";
}

[[noreturn]] void become_browser(const std::string& program, const std::string& profile, int in,
                                 int out) {
  // The program reads commands from descriptor 3 and answers on 4.
  const int safe_in = fcntl(in, F_DUPFD, 10), safe_out = fcntl(out, F_DUPFD, 10);
  dup2(safe_in, 3);
  dup2(safe_out, 4);
  const int null = ::open("/dev/null", O_RDWR);
  for (int i = 0; i < 3; ++i) dup2(null, i);
  setpgid(0, 0);  // its helpers end with it
  const std::string data = "--user-data-dir=" + profile;
  execl(program.c_str(), program.c_str(), "--headless=new", "--no-sandbox", "--disable-gpu",
        "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--mute-audio",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe",
        data.c_str(), "about:blank", static_cast<char*>(nullptr));
  _exit(127);
}

}  // namespace

bool Browser::is_installed() {
  return !find_program().empty();
}

Browser::Browser() {
  signal(SIGPIPE, SIG_IGN);
  int commands[2], answers[2];
  if (pipe2(commands, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipes");
  }
  const std::string program = find_program(), profile = profile_.path();
  process_ = fork();
  if (process_ == 0) become_browser(program, profile, commands[0], answers[1]);
  close(commands[0]);
  close(answers[1]);
  to_ = commands[1];
  from_ = answers[0];
  call("Browser.getVersion", Json::object(), "");
}

Browser::~Browser() {
  close(to_);
  close(from_);
  kill(-process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

Browser::Json Browser::receive() {
  std::size_t end;
  while ((end = received_.find('\0')) == std::string::npos) {
    pollfd wait = {from_, POLLIN, 0};
    char block[65536];
    const ssize_t count =
        poll(&wait, 1, kPatience * 1000) > 0 ? read(from_, block, sizeof block) : 0;
    if (count <= 0) throw std::runtime_error("the browser does not answer");
    received_.append(block, static_cast<std::size_t>(count));
  }
  const Json message = Json::parse(received_.substr(0, end));
  received_.erase(0, end + 1);
  return message;
}

void Browser::note(const Json& event) {
  const std::string method = event.value("method", "");
  if (method == "Runtime.exceptionThrown") {
    complaints_.push_back(event["params"]["exceptionDetails"].dump());
  }
  if (method == "Log.entryAdded" && event["params"]["entry"]["level"] == "error") {
    complaints_.push_back(event["params"]["entry"].dump());
  }
  if (method == "Network.requestWillBeSent") {
    const std::string address = event["params"]["request"]["url"];
    if (address.rfind("data:", 0) != 0 && address != address_) requests_.push_back(address);
  }
}

Browser::Json Browser::call(const std::string& method, Json parameters,
                            const std::string& session) {
  const int number = ++calls_;
  Json command = {{"id", number}, {"method", method}, {"params", std::move(parameters)}};
  if (!session.empty()) command["sessionId"] = session;
  const std::string text = command.dump() + '\0';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = write(to_, text.data() + sent, text.size() - sent);
    if (count <= 0) throw std::runtime_error("the browser has ended");
    sent += static_cast<std::size_t>(count);
  }
  while (true) {
    const Json message = receive();
    if (message.value("id", 0) == number) {
      if (message.contains("error")) throw std::runtime_error(method + ": " + message.dump());
      return message["result"];
    }
    note(message);
  }
}

void Browser::open(const std::string& address, int width, int height) {
  const std::string before = target_;
  target_ = call("Target.createTarget", {{"url", "about:blank"}}, "")["targetId"];
  session_ =
      call("Target.attachToTarget", {{"targetId", target_}, {"flatten", true}}, "")["sessionId"];
  if (!before.empty()) call("Target.closeTarget", {{"targetId", before}}, "");
  address_ = address.substr(0, address.find('#'));
  complaints_.clear();
  requests_.clear();
  for (const char* const domain : {"Page", "Runtime", "Log", "Network"}) {
    in_page(std::string(domain) + ".enable", Json::object());
  }
  resize(width, height);
  in_page("Page.navigate", {{"url", address}});
}

void Browser::resize(int width, int height,
                     const std::vector<std::pair<std::string, std::string>>& media) {
  in_page("Emulation.setDeviceMetricsOverride",
          {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}});
  Json features = Json::array();
  for (const auto& [name, setting] : media)
    features.push_back({{"name", name}, {"value", setting}});
  in_page("Emulation.setEmulatedMedia", {{"features", features}});
}

Browser::Json Browser::value(const std::string& expression) {
  const Json result =
      in_page("Runtime.evaluate",
              {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}});
  if (result.contains("exceptionDetails")) throw std::runtime_error(result.dump());
  return result["result"].value("value", Json());
}

bool Browser::waits_for(const std::string& expression) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(kPatience);
  do {
    try {
      if (value(expression) == true) return true;
    } catch (const std::runtime_error&) {
      // The page is not there yet.
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

void Browser::press(const std::string& key) {
  Json event = {{"type", "keyDown"}, {"key", key}};
  if (key.size() == 1) event["text"] = key;
  in_page("Input.dispatchKeyEvent", event);
  in_page("Input.dispatchKeyEvent", {{"type", "keyUp"}, {"key", key}});
}

void Browser::click(double x, double y) {
  for (const char* const type : {"mouseMoved", "mousePressed", "mouseReleased"}) {
    in_page("Input.dispatchMouseEvent",
            {{"type", type}, {"x", x}, {"y", y}, {"button", "left"}, {"clickCount", 1}});
  }
}

}  // namespace tern
