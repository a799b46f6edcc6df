#include "envs/call_record/fatal_report.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <mutex>

#include "core/run_in_child.h"
#include "core/stack_fault.h"
#include "envs/call_record/end_watch.h"
#include "envs/call_record/env_calls.h"
#include "envs/call_record/short_text.h"

namespace tern {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t kStackBytes = 64 * 1024;

struct sigaction actions_before[std::size(kSignals)];
std::atomic<pid_t> reporting_process{0};  // copies of the process report nothing

/// True for the first thread that asks. The others wait here for the end of the process, so that
/// several threads whose envs end it at once give one report. False if this thread has asked
/// before: the report itself has failed.
bool is_first_to_tell() {
  static std::atomic<pid_t> teller{0};
  pid_t nobody = 0;
  const pid_t self = gettid();
  if (teller.compare_exchange_strong(nobody, self)) return true;
  while (nobody != self) pause();
  return false;
}

/// "tern: error: 'Pig-v0' DID in step 3 of episode 1, action 0." and ADVICE. False: not inside an
/// env.
bool tell(std::initializer_list<const char*> did, const char* advice) {
  char call[512];
  const char* const env = env_of_own_call();
  if (env == nullptr || !describe_own_call(call, sizeof call) || !is_first_to_tell()) return false;
  note_end_was_told();
  ShortText text;
  text.add("\ntern: error: ");
  text.add(env);
  for (const char* const part : did) text.add(part);
  text.add(" in ");
  text.add(call);
  text.add(".");
  text.add(advice);
  text.add("\n'tern check-env' runs the env in a process of its own and looks for such faults.\n");
  if (end_hint()[0] != '\0') {
    text.add(end_hint());
    text.add("\n");
  }
  text.write_to_stderr();
  return true;
}

extern "C" void tell_fatal_signal(int number, siginfo_t* info, void* context) {
  if (getpid() == reporting_process.load()) {
    const bool is_full = number == SIGSEGV && is_stack_overflow(info, context);
    const char* const text = crash_text(number, is_full);
    const bool is_row = number == SIGSEGV && info != nullptr && info->si_code > 0 &&
                        is_in_own_guarded_pages(info->si_addr);
    tell({" crashed (", text == nullptr ? "a fatal signal" : text, is_row ? ": " : "",
          is_row ? kWroteFarOutside : "", ")"},
         "");
  }
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    if (kSignals[i] == number) sigaction(number, &actions_before[i], nullptr);
  }
  // A fault comes again as soon as we return, with its place in the code; what was sent does not.
  if (info == nullptr || info->si_code <= 0) raise(number);
}

/// A person's wish that the program end: no fault of the env that is running.
extern "C" void note_wish(int number) {
  note_end_was_told();
  signal(number, SIG_DFL);
  raise(number);
}

void tell_exit() {
  if (report_end_by_env(" called exit()")) _exit(1);
}
void tell_quick_exit() {
  if (report_end_by_env(" called quick_exit()")) _exit(1);
}

/// A stack for the handler, on each thread: the thread's own may be full. It is kept until the
/// thread ends.
class HandlerStack {
 public:
  HandlerStack() : memory_(new char[kStackBytes]) {
    stack_t stack = {};
    stack.ss_sp = memory_.get();
    stack.ss_size = kStackBytes;
    stack_t before = {};
    if (sigaltstack(nullptr, &before) == 0 && (before.ss_flags & SS_DISABLE) != 0) {
      is_set_ = sigaltstack(&stack, nullptr) == 0;  // else somebody has set one: a sanitizer
    }
  }
  ~HandlerStack() {
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    if (is_set_) sigaltstack(&none, nullptr);
  }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;

 private:
  std::unique_ptr<char[]> memory_;
  bool is_set_ = false;
};

void prepare_thread() {
  static thread_local HandlerStack stack;
  if (getpid() != reporting_process.load()) return;
  static std::once_flag is_watched;
  std::call_once(is_watched, start_end_watch);
  // Functions run in the reverse order: now, after all that was loaded and made before the first
  // step, whose destructors must not run while an env is inside exit().
  static std::atomic<int> registered{0};
  if (registered.fetch_add(1) >= 4) return;
  std::atexit(tell_exit);
  std::at_quick_exit(tell_quick_exit);
}

}  // namespace

void report_ends_by_envs() {
  if (reporting_process.load() == getpid()) return;
  reporting_process.store(getpid());
  share_own_env_calls();
  on_first_env_call(prepare_thread);
  struct sigaction action = {};
  action.sa_sigaction = tell_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &action, &actions_before[i]);
  }
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    struct sigaction before = {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_DFL) signal(number, note_wish);
  }
}

bool report_end_by_env(const char* did) {
  return getpid() == reporting_process.load() &&
         tell({did}, " That ends the whole program: throw tern::Error instead.");
}

void set_end_hint(const std::string& hint) {
  const std::size_t size = hint.copy(end_hint(), kEndHintBytes - 1);
  end_hint()[size] = '\0';
}

}  // namespace tern
