#include "envs/call_record/env_calls.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>
#include <mutex>
#include <new>

#include "core/error.h"

namespace tern {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr std::size_t kThreads = 128, kMostValues = 16, kNameBytes = 16 * 1024;
constexpr std::size_t kCallBytes = 512;  // of a call's description

/// The newest call of one thread. Others read it: a handler, or a parent process.
struct alignas(64) Slot {
  std::atomic<bool> is_taken;
  std::atomic<std::uint64_t> begun, ended;  // calls; begun > ended: one is going on
  std::atomic<std::uint64_t> order;         // of all threads' calls, for the newest
  std::atomic<const char*> function;        // a child is a copy of its parent: it reads there, too
  std::atomic<const char*> env;
  std::atomic<std::int64_t> episode, step;
  std::atomic<const void*> guarded_pages;         // around the row that is written
  std::atomic<std::uint32_t> num_values, is_box;  // of the action
  std::atomic<std::uint32_t> values[kMostValues];
};

struct Table {
  bool is_of_child;                  // a parent reads it while it is written (SharedEnvCalls)
  std::atomic<std::uint64_t> begun;  // written by the handful of threads of a child only
  std::atomic<bool> was_forked;
  char forked_in[kCallBytes];  // the call, once was_forked is set
  Slot slots[kThreads];
  char names[kNameBytes];  // of envs, each with its zero
  std::size_t names_size;
};

Table own_table;
std::atomic<Table*> table{&own_table};
Table* shared_table = nullptr;  // takes the place of own_table, but not in copies of the process
std::atomic<void (*)()> on_first_call{nullptr};

// Trivial, so that reading them costs no guard; and at a fixed place, which a library's usually are not.
#define TERN_FIXED_TLS __attribute__((tls_model("initial-exec")))
thread_local TERN_FIXED_TLS Slot* own_slot = nullptr;
thread_local TERN_FIXED_TLS Table* own_slots_table = nullptr;
thread_local bool goes_unnoted = false;  // more threads than slots, or the thread is ending
thread_local char forking_call[kCallBytes] = "";  // what the thread was in when it called fork()
bool is_stray_copy = false;  // made inside a call, by what the env does: it must not come back

bool is_going_on(const Slot& slot) { return slot.begun.load() > slot.ended.load(); }

/// Gives the thread's slot back when it ends; not inside a call, whose exit() comes here before the
/// functions of atexit, which ask for it.
struct Release {
  ~Release() {
    if (own_slot != nullptr && is_going_on(*own_slot)) return;
    if (own_slot != nullptr) own_slot->is_taken.store(false);
    own_slot = nullptr;
    goes_unnoted = true;
  }
  void arm() {}  // makes it, and so its end
};
thread_local Release release;

Slot* take_slot() {
  if (goes_unnoted) return nullptr;
  release.arm();
  if (const auto prepare = on_first_call.load()) prepare();
  own_slots_table = table.load();
  own_slot = nullptr;
  for (Slot& candidate : own_slots_table->slots) {
    bool expected = false;
    if (!candidate.is_taken.compare_exchange_strong(expected, true)) continue;
    own_slot = &candidate;
    return own_slot;
  }
  goes_unnoted = true;
  return nullptr;
}

Slot* slot_of_thread() {
  if (own_slot != nullptr && own_slots_table == table.load(kRelaxed)) return own_slot;
  return take_slot();
}

/// Text in a buffer, without an allocation.
class Line {
 public:
  Line(char* text, std::size_t size) : next_(text), end_(text + size - 1) { *next_ = '\0'; }

  Line& operator<<(const char* text) {
    while (next_ < end_ && *text != '\0') *next_++ = *text++;
    *next_ = '\0';
    return *this;
  }
  template <class Number>
  Line& number(Number value) {
    const auto result = std::to_chars(next_, end_, value);
    if (result.ec == std::errc()) {
      next_ = result.ptr;
    } else {  // full
      *next_ = '\0';
      next_ = end_;
    }
    *next_ = '\0';
    return *this;
  }

 private:
  char* next_;
  char* end_;
};

void describe(const Slot& slot, Line& line) {
  const char* const function = slot.function.load();
  const std::int64_t episode = slot.episode.load(), step = slot.step.load();
  if (std::strcmp(function, "reset") == 0) {
    line << "reset ";
    line.number(episode);
    return;
  }
  if (std::strcmp(function, "step") != 0) {
    line << function;
    if (episode > 0 && step == 0) {
      line << " after reset ";
      line.number(episode);
    } else if (episode > 0) {
      line << " after step ";
      line.number(step);
      line << " of episode ";
      line.number(episode);
    }
    return;
  }
  line << "step ";
  line.number(step);
  line << " of episode ";
  line.number(episode);
  line << ", action ";
  const std::uint32_t count = slot.num_values.load();
  if (count != 1 || slot.is_box.load() != 0) line << "[";
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(count, kMostValues); ++i) {
    if (i > 0) line << ", ";
    const std::uint32_t bits = slot.values[i].load();
    if (slot.is_box.load() != 0) {
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      line.number(value);
    } else {
      line.number(static_cast<std::int32_t>(bits));
    }
  }
  if (count > kMostValues) line << ", ..";
  if (count != 1 || slot.is_box.load() != 0) line << "]";
}

bool is_in_pages(const Slot& slot, std::uintptr_t address) {
  const auto begin = reinterpret_cast<std::uintptr_t>(slot.guarded_pages.load());
  return begin != 0 && address >= begin && address - begin < kGuardedPagesBytes;
}

void note_forking_call() {
  forking_call[0] = '\0';
  if (own_slot != nullptr && is_going_on(*own_slot)) describe_own_call(forking_call, kCallBytes);
}

/// In a copy of a process that shares its notes: those are no longer its own.
void leave_shared_notes() {
  if (table.load() != shared_table) return;
  is_stray_copy = forking_call[0] != '\0';
  table.store(&own_table);
  own_slot = nullptr;
  own_slots_table = nullptr;
}

/// Tells the process that this is a copy of.
[[noreturn]] void end_stray_copy() {
  if (!shared_table->was_forked.load()) {
    std::memcpy(shared_table->forked_in, forking_call, kCallBytes);
    shared_table->was_forked.store(true);
  }
  _exit(0);
}

}  // namespace

EnvCall::EnvCall(const char* function, const char* env, EnvCallPlace place, ActionRow action,
                 const void* guarded_pages)
    : slot_(slot_of_thread()) {
  auto* const slot = static_cast<Slot*>(slot_);
  if (slot == nullptr) return;
  slot->function.store(function, kRelaxed);
  slot->env.store(env, kRelaxed);
  slot->guarded_pages.store(guarded_pages, kRelaxed);
  slot->episode.store(place.episode, kRelaxed);
  slot->step.store(place.step, kRelaxed);
  const std::size_t size = action.size();
  slot->num_values.store(static_cast<std::uint32_t>(size), kRelaxed);
  slot->is_box.store(action.floats().empty() ? 0 : 1, kRelaxed);
  for (std::size_t i = 0; i < std::min(size, kMostValues); ++i) {
    std::uint32_t bits = 0;
    if (action.floats().empty()) {
      bits = static_cast<std::uint32_t>(action.ints()[i]);
    } else {
      std::memcpy(&bits, &action.floats()[i], sizeof bits);
    }
    slot->values[i].store(bits, kRelaxed);
  }
  Table* const shared = own_slots_table;
  if (shared->is_of_child) {
    slot->order.store(shared->begun.fetch_add(1) + 1, kRelaxed);
    process_ = getpid();
    if (shared->was_forked.load()) _exit(0);
  }
  slot->begun.store(slot->begun.load(kRelaxed) + 1, std::memory_order_release);
}

EnvCall::~EnvCall() {
  auto* const slot = static_cast<Slot*>(slot_);
  if (is_stray_copy) end_stray_copy();
  if (process_ != 0 && process_ != getpid()) {
    own_slots_table->was_forked.store(true);
    _exit(0);
  }
  if (slot != nullptr) slot->ended.store(slot->begun.load(kRelaxed), std::memory_order_release);
}

bool describe_own_call(char* text, std::size_t size) {
  const Slot* const slot = own_slot;
  if (slot == nullptr || !is_going_on(*slot)) return false;
  Line line(text, size);
  describe(*slot, line);
  return true;
}

std::string own_call_text() {
  char call[512];
  const bool is_step = describe_own_call(call, sizeof call) && std::strncmp(call, "step ", 5) == 0;
  return is_step ? " (" + std::string(call) + ")" : "";
}

const char* env_of_own_call() {
  const Slot* const slot = own_slot;
  return slot == nullptr || !is_going_on(*slot) ? nullptr : slot->env.load();
}

bool is_in_own_guarded_pages(const void* address) {
  const Slot* const slot = own_slot;
  return slot != nullptr && is_going_on(*slot) &&
         is_in_pages(*slot, reinterpret_cast<std::uintptr_t>(address));
}

const char* noted_env_name(const std::string& name) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  Table& notes = *table.load();
  const char* next = notes.names;
  while (next < notes.names + notes.names_size) {
    if (name == next) return next;
    next += std::strlen(next) + 1;
  }
  if (name.size() + 1 > kNameBytes - notes.names_size) return "an env of a plugin";
  notes.names_size += name.size() + 1;
  return std::strcpy(const_cast<char*>(next), name.c_str());
}

void share_own_env_calls() {
  void* const memory =
      mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;  // then nobody but this process reads them
  shared_table = new (memory) Table();
  table.store(shared_table);
  pthread_atfork(note_forking_call, nullptr, leave_shared_notes);
}

const char* call_that_forked() {
  return shared_table != nullptr && shared_table->was_forked.load(kRelaxed)
             ? shared_table->forked_in
             : nullptr;
}

bool describe_shared_calls(char* text, std::size_t size) {
  Line line(text, size);
  int told = 0;
  for (const Slot& slot : shared_table == nullptr ? own_table.slots : shared_table->slots) {
    if (!is_going_on(slot)) continue;
    if (told == 4) {
      line << ", ..";
      break;
    }
    if (told++ > 0) line << ", ";
    describe(slot, line);
    line << " of " << slot.env.load();
  }
  return told > 0;
}

void on_first_env_call(void (*prepare)()) { on_first_call.store(prepare); }

SharedEnvCalls::SharedEnvCalls()
    : memory_(mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
  if (memory_ == MAP_FAILED) throw Error::failure("cannot share memory with a child process");
  (new (memory_) Table())->is_of_child = true;
}

SharedEnvCalls::~SharedEnvCalls() {
  if (table.load() == memory_) table.store(&own_table);
  munmap(memory_, sizeof(Table));
}

void SharedEnvCalls::use() { table.store(static_cast<Table*>(memory_)); }

namespace {

const Slot* newest(const Table& notes) {
  const Slot* newest = nullptr;
  for (const Slot& slot : notes.slots) {
    if (slot.begun.load() == 0) continue;
    const bool is_better = newest == nullptr || is_going_on(slot) > is_going_on(*newest) ||
                           (is_going_on(slot) == is_going_on(*newest) &&
                            slot.order.load() > newest->order.load());
    if (is_better) newest = &slot;
  }
  return newest;
}

}  // namespace

std::uint64_t SharedEnvCalls::count() const {
  return static_cast<const Table*>(memory_)->begun.load();
}

std::string SharedEnvCalls::text() const {
  const Slot* const slot = newest(*static_cast<const Table*>(memory_));
  if (slot == nullptr) return "";
  char text[512];
  Line line(text, sizeof text);
  describe(*slot, line);
  return text;
}

bool SharedEnvCalls::was_forked() const {
  return static_cast<const Table*>(memory_)->was_forked.load();
}

bool SharedEnvCalls::is_in_guarded_pages(std::uintptr_t address) const {
  const Slot* const slot = newest(*static_cast<const Table*>(memory_));
  return slot != nullptr && is_going_on(*slot) && is_in_pages(*slot, address);
}

bool SharedEnvCalls::is_inside() const {
  const Slot* const slot = newest(*static_cast<const Table*>(memory_));
  return slot != nullptr && is_going_on(*slot);
}

}  // namespace tern
