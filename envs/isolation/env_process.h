#pragma once
// A child process that answers requests over memory that both share: one at a time, one after the
// other. What its code does to it, a crash or an endless loop included, is an exception here.

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "core/error.h"
#include "envs/call_record/env_calls.h"

namespace tern {

/// Bytes of a request or an answer, written and read in order. Throws Error::failure at its end.
class Message {
 public:
  Message(std::uint8_t* begin, std::uint8_t* end) : begin_(begin), next_(begin), end_(end) {}

  template <class T>
  void put(const T& value) {
    put_bytes(&value, sizeof value);
  }
  void put_bytes(const void* data, std::size_t size);
  void put_text(const std::string& text);
  template <class T>
  T take() {
    T value;
    take_bytes(&value, sizeof value);
    return value;
  }
  void take_bytes(void* data, std::size_t size);
  std::string take_text();
  /// A number of things that follow, each of at least so many bytes.
  std::size_t take_count(std::size_t bytes_each);

 private:
  void check(std::size_t size) const;

  std::uint8_t *begin_, *next_, *end_;
};

/// The process has ended, or was ended because it did not answer. The message says how, and in
/// which function, step and action of which env.
class EnvProcessEnded : public Error {
 public:
  EnvProcessEnded(const std::string& message, std::size_t env)
      : Error(message, ExitCode::kFailure), env_(env) {}
  /// What the process last said it was busy with.
  std::size_t env() const { return env_; }

 private:
  std::size_t env_;
};

/// What the child calls for each request: reads it and writes the answer in its place. `busy_with`
/// may be set to a number for EnvProcessEnded. An Error that it throws is thrown in the parent.
using AnswerRequest =
    std::function<void(Message& request, Message& answer, volatile std::uint64_t& busy_with)>;

/// One child. It ends with this object, and with this process, however that ends.
class EnvProcess {
 public:
  /// Starts the child, a copy of this process with the calling thread alone, which calls
  /// make_answer() once. name: of its envs, in messages. Throws Error::failure.
  EnvProcess(std::string name, const std::function<AnswerRequest()>& make_answer);
  ~EnvProcess();
  EnvProcess(const EnvProcess&) = delete;
  EnvProcess& operator=(const EnvProcess&) = delete;

  /// To be held from the first word of a request to the last of its answer.
  std::mutex& mutex() { return mutex_; }
  /// Where to write a request; send() then starts the work.
  Message request();
  void send();
  /// Waits, `limit` for each call of an env. Throws what the child threw, and EnvProcessEnded, from
  /// then on each time.
  Message answer(std::chrono::milliseconds limit);
  bool is_over() const { return !end_.empty(); }

 private:
  struct Shared;

  [[noreturn]] void live(const std::function<AnswerRequest()>& make_answer);
  bool has_ended() const;
  /// limit: that was passed; zero: it has ended by itself.
  [[noreturn]] void report_end(std::chrono::milliseconds limit);

  std::mutex mutex_;
  std::string name_;
  SharedEnvCalls calls_;
  Shared* shared_ = nullptr;
  std::size_t bytes_ = 0;
  pid_t child_ = 0;
  std::uint32_t sent_ = 0;
  std::string end_;  // "": it lives
};

}  // namespace tern
