#include "cli/http/waiting_room.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "core/error.h"

namespace tern::cli {

WaitingRoom::WaitingRoom(Limits limits, std::function<void(int, RequestHead)> ready)
    : limits_(limits), ready_(std::move(ready)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw Error::failure("the system has no more file descriptors");
  thread_ = std::thread([this] { work(); });
}

WaitingRoom::~WaitingRoom() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
  }
  ::eventfd_write(wake_, 1);
  thread_.join();
  for (const int socket : added_) ::close(socket);
  for (const Guest& guest : guests_) ::close(guest.socket);
  ::close(wake_);
}

void WaitingRoom::add(int socket) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    added_.push_back(socket);
  }
  ::eventfd_write(wake_, 1);
}

bool WaitingRoom::receive_new() {
  std::uint64_t count = 0;
  ::eventfd_read(wake_, &count);
  std::vector<int> sockets;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_ending_) return false;
    sockets.swap(added_);
  }
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(limits_.seconds));
  for (const int socket : sockets) {
    guests_.push_back({socket, until, HeadReader(limits_.bytes)});
    if (!attend(guests_.back())) guests_.pop_back();  // most have sent their request already
    if (guests_.size() <= limits_.connections) continue;
    ::close(guests_.front().socket);
    guests_.pop_front();
  }
  return true;
}

bool WaitingRoom::attend(Guest& guest) {
  char block[4096];
  while (true) {
    const ssize_t count = ::recv(guest.socket, block, sizeof block, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    const bool goes_on = count > 0 && guest.reader.add(block, static_cast<std::size_t>(count));
    if (goes_on) continue;
    const RequestHead head = guest.reader.head();
    if (head.text.empty() && !head.is_too_large) {
      ::close(guest.socket);
    } else {
      ready_(guest.socket, head);
    }
    return false;
  }
}

void WaitingRoom::work() {
  while (receive_new()) {
    std::vector<pollfd> waits = {{wake_, POLLIN, 0}};
    for (const Guest& guest : guests_) waits.push_back({guest.socket, POLLIN, 0});
    int longest = -1;  // ms
    if (!guests_.empty()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          guests_.front().until - Clock::now());
      longest = static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, 60'000));
    }
    ::poll(waits.data(), waits.size(), longest);
    std::size_t i = 0;
    for (auto guest = guests_.begin(); guest != guests_.end();) {
      const bool has_come = waits[++i].revents != 0;
      bool stays = !has_come || attend(*guest);
      if (stays && guest->until <= Clock::now()) {
        ::close(guest->socket);
        stays = false;
      }
      guest = stays ? std::next(guest) : guests_.erase(guest);
    }
  }
}

}  // namespace tern::cli
