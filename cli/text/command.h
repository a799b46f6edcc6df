#pragma once
// What a command of `tern` is: its words, its help and what it does. One file a command; each
// defines `Command make_<name>_command()`, listed in cli/main.cc.

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/params.h"

namespace tern::cli {

/// "--episodes N": value is "N"; a flag's is "". letter: "-o" for one that has a short name.
struct Option {
  std::string name;
  std::string value;
  std::string doc;
  std::string letter = {};
  bool is_repeatable = false;  // may be given several times; Args::texts() has all
};

/// The words after the command's name, sorted by what they are.
class Args {
 public:
  std::vector<std::string> words;       // positional, in order
  std::vector<ParamValue> assignments;  // key=value, in order; `where` is "command line"

  bool has(const std::string& option) const;
  /// The option's text, or `fallback` when it was not given.
  std::string text(const std::string& option, const std::string& fallback = "") const;
  /// All texts of a repeatable option, in order.
  std::vector<std::string> texts(const std::string& option) const;
  /// The option's whole number. Throws Error naming the option, the text and the range.
  std::int64_t integer(const std::string& option, std::int64_t fallback, std::int64_t least,
                       std::int64_t most = kNoLimit) const;
  static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

  std::vector<ParamValue> options;  // as given: key "--episodes", text "20"
};

/// What is left of a command once its words are known to be good.
using Work = std::function<ExitCode()>;

struct Command {
  std::string name;
  std::vector<std::string> synopses;  // "tern train CONFIG.yaml | AGENT ENV [key=value ...]"
  std::string summary;                // one line for `tern --help`
  std::string help;                   // paragraphs and examples, worth reading
  std::vector<Option> options;        // --help is understood everywhere
  std::size_t least_words = 0;
  std::size_t most_words = 0;
  bool takes_assignments = false;
  /// Checks the words, as far as that needs neither networks nor a window, and returns the rest.
  /// Throws Error for what is wrong with them.
  std::function<Work(const Args&)> prepare;
  /// Instead, for a command that needs neither: all of it.
  std::function<ExitCode(const Args&)> run;
};

/// Sorts `words` for `command`. Throws Error for an unknown option (nearest names), a missing
/// value, too few or too many words.
Args parse_args(const Command& command, const std::vector<std::string>& words);

}  // namespace tern::cli
