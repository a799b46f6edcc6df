// libtern_http: cpp-httplib behind the interface of http_server.h. What comes over the network is
// bounded here, before the library sees it.

#include <arpa/inet.h>
#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "cli/http/http_library.h"
#include "cli/http/request_head.h"
#include "cli/http/waiting_room.h"
#include "core/error.h"

namespace tern::cli {
namespace {

constexpr int kWriteMilliseconds = 5000;  // for a browser to take some bytes
constexpr double kSlowSeconds = 20;       // after which it must have taken at least
constexpr double kSlowestReader = 8192;   // bytes a second
constexpr int kLingerMilliseconds = 500;  // for what a refused client still sends
constexpr double kLongestLinger = 2;      // seconds, of all that it sends
constexpr std::size_t kMostLingerBytes = 16 << 20;
constexpr std::size_t kMostThreads = kMostFollowers + 32;
constexpr std::size_t kMostWaiting = 128;  // requests

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

thread_local bool is_following = false;  // the answer that is given goes on and on

/// A request that was read already, and the way back.
class AnswerStream final : public httplib::Stream {
 public:
  AnswerStream(int socket, std::string request) : socket_(socket), request_(std::move(request)) {}

  bool is_readable() const override { return begin_ < request_.size(); }
  /// Whether somebody still listens.
  bool is_writable() const override {
    char byte = 0;
    const ssize_t count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
      return false;
    }
    pollfd wait = {socket_, POLLOUT, 0};
    return ::poll(&wait, 1, kWriteMilliseconds) > 0;
  }
  ssize_t read(char* data, std::size_t size) override {
    const std::size_t count = std::min(size, request_.size() - begin_);
    std::memcpy(data, request_.data() + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, std::size_t size) override {
    pollfd wait = {socket_, POLLOUT, 0};
    if (::poll(&wait, 1, kWriteMilliseconds) <= 0 || is_too_slow()) return -1;
    const ssize_t count = ::send(socket_, data, size, MSG_NOSIGNAL);
    if (count > 0) sent_ += static_cast<std::size_t>(count);
    return count;
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return socket_; }

 private:
  /// A reader of a few bytes now and then would keep a thread for hours.
  bool is_too_slow() const {
    const double seconds = seconds_since(began_);
    return !is_following && seconds > kSlowSeconds &&
           static_cast<double>(sent_) < kSlowestReader * seconds;
  }

  int socket_;
  std::string request_;
  std::size_t begin_ = 0, sent_ = 0;
  Clock::time_point began_ = Clock::now();
};

/// A thread for each request, as many as there may be; then they wait.
class Crew {
 public:
  ~Crew() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  /// False: too many wait.
  bool take(std::function<void()> job) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (jobs_.size() >= kMostWaiting) return false;
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < kMostThreads) hire();
    wake_.notify_one();
    return true;
  }

 private:
  void hire() {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // Those that are there will do; without any the next request tries again.
    }
  }
  void work() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return is_ending_ || !jobs_.empty(); });
      --idle_;
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool is_ending_ = false;
};

/// Accepts connections in the thread of the library and does nothing else in it.
class AtOnce final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override { job(); }
  void shutdown() override {}
};

/// One request a connection.
class BoundedServer final : public httplib::Server {
 public:
  /// Once bound: connections wait to be accepted, of which the library keeps five and the system
  /// forgets the others for a second.
  void keep_connections() { ::listen(svr_sock_, static_cast<int>(kMostWaiting)); }
  /// Once nobody accepts any more: ends all answers and waits for them.
  void close() {
    room_.reset();
    crew_.reset();
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    room_->add(socket);
    return true;
  }

  void answer(int socket, const RequestHead& head) {
    is_following = false;
    AnswerStream stream(socket, head.text);
    if (head.is_too_large) {
      const std::string refusal =
          "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n";
      stream.write(refusal.data(), refusal.size());
    } else {
      bool is_closed = false;
      process_request(stream, /*close_connection=*/true, is_closed, nullptr);
    }
    linger(socket);
    ::close(socket);
  }

  /// Closing with bytes unread would take the answer away from a client that still sends.
  static void linger(int socket) {
    ::shutdown(socket, SHUT_WR);
    char block[4096];
    std::size_t bytes = 0;
    pollfd wait = {socket, POLLIN, 0};
    const Clock::time_point began = Clock::now();
    while (bytes < kMostLingerBytes && seconds_since(began) < kLongestLinger &&
           ::poll(&wait, 1, kLingerMilliseconds) > 0) {
      const ssize_t count = ::recv(socket, block, sizeof block, 0);
      if (count <= 0) return;
      bytes += static_cast<std::size_t>(count);
    }
  }

  std::unique_ptr<Crew> crew_ = std::make_unique<Crew>();
  std::unique_ptr<WaitingRoom> room_ = std::make_unique<WaitingRoom>(
      WaitingRoom::Limits{.bytes = kMostRequestBytes}, [this](int socket, RequestHead head) {
        const bool is_taken =
            crew_->take([this, socket, head = std::move(head)] { answer(socket, head); });
        if (!is_taken) ::close(socket);
      });
};

HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.params) request.parameters.emplace(name, value);
  for (const char* const name : {"host", "cookie", "origin", "sec-fetch-site"}) {
    if (from.has_header(name)) request.headers[name] = from.get_header_value(name);
  }
  return request;
}

/// Why nobody can listen there. cause: errno, 0 where the name was not found.
std::string bind_problem(const std::string& host, int port, int cause) {
  const std::string place = host + (port == 0 ? "" : " port " + std::to_string(port));
  const std::string reason =
      cause == 0 ? "it is no name or address of this machine" : std::strerror(cause);
  const bool is_taken = cause == EADDRINUSE;
  return "cannot listen on " + place + ": " + reason +
         (is_taken ? ". Choose another --port, or 0 for any free one" : "");
}

class HttplibServer final : public HttpServer {
 public:
  HttplibServer(const std::string& host, int port) {
    server_.new_task_queue = [] { return new AtOnce; };
    server_.set_socket_options([](socket_t socket) {  // not SO_REUSEPORT: two would share a port
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
      give(handler_(request_of(from)), to);
      return httplib::Server::HandlerResponse::Handled;
    });
    errno = 0;
    port_ = port;
    const bool is_bound =
        port > 0 ? server_.bind_to_port(host, port) : (port_ = server_.bind_to_any_port(host)) > 0;
    if (!is_bound) throw Error::failure(bind_problem(host, port, errno));
    server_.keep_connections();
  }
  ~HttplibServer() override {
    is_ending_ = true;
    server_.stop();
    if (thread_.joinable()) thread_.join();
    server_.close();
  }
  int port() const override { return port_; }
  void serve(HttpHandler handler) override {
    handler_ = std::move(handler);
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      has_ended_ = true;
    });
    while (!server_.is_running() && !has_ended_) std::this_thread::yield();
  }

 private:
  void give(HttpAnswer answer, httplib::Response& to) {
    to.status = answer.status;
    for (const auto& [name, value] : answer.headers) to.set_header(name, value);
    is_following = answer.next_piece != nullptr;
    if (is_following) {
      give_pieces(std::move(answer), to);
    } else if (answer.body != nullptr) {
      to.set_content(*answer.body, answer.type);
    }
  }

  void give_pieces(HttpAnswer answer, httplib::Response& to) {
    const std::shared_ptr<void> place(nullptr, [this](void*) { --followers_; });
    if (++followers_ > kMostFollowers) {
      to.status = 503;
      to.set_content("too many pages are open; close one\n", "text/plain; charset=utf-8");
      return;
    }
    to.set_chunked_content_provider(answer.type, [this, place, next = std::move(answer.next_piece)](
                                                     std::size_t, httplib::DataSink& sink) {
      std::string piece;
      if (is_ending_ || !sink.is_writable() || !next(piece)) return false;
      return piece.empty() || sink.write(piece.data(), piece.size());
    });
  }

  HttpHandler handler_;
  BoundedServer server_;
  int port_ = 0;
  std::atomic<int> followers_{0};
  std::atomic<bool> is_ending_{false}, has_ended_{false};
  std::thread thread_;
};

}  // namespace

HttpServer* tern_open_http_server(const char* host, int port) {
  return new HttplibServer(host, port);
}

}  // namespace tern::cli
