#pragma once
// Connections whose request is still to come: one thread reads all of them, so that those that send
// nothing hold up nobody. Std and Linux only.

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/http/request_head.h"

namespace tern::cli {

class WaitingRoom {
 public:
  struct Limits {
    std::size_t connections = 512;  // of more, the one that waits longest is closed
    double seconds = 10;            // for a request to come in
    std::size_t bytes = 64 * 1024;  // of a request
  };
  /// ready: called in the thread of this object with a socket, which is the callee's from then on,
  /// and the head of its request. Must not block.
  WaitingRoom(Limits limits, std::function<void(int, RequestHead)> ready);
  /// Closes those that wait.
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  /// Takes the socket over. Thread-safe.
  void add(int socket);

 private:
  using Clock = std::chrono::steady_clock;
  struct Guest {
    int socket;
    Clock::time_point until;
    HeadReader reader;
  };

  void work();
  /// Takes those that were added; false: it ends.
  bool receive_new();
  /// Reads what has come. Whether the guest stays.
  bool attend(Guest& guest);

  const Limits limits_;
  const std::function<void(int, RequestHead)> ready_;
  int wake_;  // an eventfd
  std::mutex mutex_;
  std::vector<int> added_;   // guarded by the mutex
  bool is_ending_ = false;   // guarded by the mutex
  std::list<Guest> guests_;  // of the thread; who came first stands first
  std::thread thread_;       // last: it uses all of the above
};

}  // namespace tern::cli
