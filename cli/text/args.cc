// Sorting the words of a command line.

#include <algorithm>
#include <limits>

#include "cli/text/command.h"
#include "core/did_you_mean.h"

namespace tern::cli {
namespace {

std::string help_hint(const Command& command) {
  return " ('tern " + command.name + " --help' says more)";
}

const Option* find_option(const Command& command, const std::string& name) {
  for (const Option& option : command.options) {
    if (option.name == name || (!option.letter.empty() && option.letter == name)) return &option;
  }
  return nullptr;
}

/// `key=value` with a key that could be one: letters, digits, '_' and '.'. Paths are none.
bool is_assignment(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  for (std::size_t i = 0; i < equals; ++i) {
    const char c = word[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool inner = (c >= '0' && c <= '9') || c == '.';
    if (!letter && (i == 0 || !inner)) return false;
  }
  return true;
}

void check_word_count(const Command& command, const Args& args) {
  const std::size_t count = args.words.size();
  if (count >= command.least_words && count <= command.most_words) return;
  std::string usage;
  for (const std::string& synopsis : command.synopses) usage += "\n  " + synopsis;
  if (count > command.most_words) {
    throw Error("unexpected word '" + args.words[command.most_words] + "'. Usage:" + usage);
  }
  throw Error("tern " + command.name + " needs more words. Usage:" + usage);
}

}  // namespace

Args parse_args(const Command& command, const std::vector<std::string>& words) {
  Args args;
  bool only_words = false;  // after "--"
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (only_words || word.size() < 2 || word[0] != '-') {
      if (!only_words && is_assignment(word)) {
        const std::size_t equals = word.find('=');
        args.assignments.push_back(
            {word.substr(0, equals), word.substr(equals + 1), "command line"});
      } else {
        args.words.push_back(word);
      }
      continue;
    }
    if (word == "--") {
      only_words = true;
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string given = word.substr(0, equals);
    const Option* option = find_option(command, given);
    if (option == nullptr) {
      std::vector<std::string> names = {"--help"};
      for (const Option& known : command.options) names.push_back(known.name);
      throw Error("unknown option '" + given + "' of tern " + command.name + "." +
                  did_you_mean(given, names) + help_hint(command));
    }
    const std::string& name = option->name;
    if (args.has(name) && !option->is_repeatable) throw Error("option " + name + " is given twice");
    const bool takes_value = !option->value.empty();
    std::string text;
    if (equals != std::string::npos) {
      if (!takes_value) throw Error("option " + name + " takes no value");
      text = word.substr(equals + 1);
    } else if (takes_value) {
      const bool has_value = i + 1 < words.size() && words[i + 1].rfind("--", 0) != 0;
      if (!has_value)
        throw Error("option " + name + " needs a value: " + name + " " + option->value);
      text = words[++i];
    }
    args.options.push_back({name, text, name});
  }
  if (!command.takes_assignments && !args.assignments.empty()) {
    throw Error("tern " + command.name + " takes no key=value words, but was given '" +
                args.assignments[0].key + "=" + args.assignments[0].text + "'" +
                help_hint(command));
  }
  check_word_count(command, args);
  return args;
}

bool Args::has(const std::string& option) const {
  return std::any_of(options.begin(), options.end(),
                     [&](const ParamValue& given) { return given.key == option; });
}

std::string Args::text(const std::string& option, const std::string& fallback) const {
  for (const ParamValue& given : options) {
    if (given.key == option) return given.text;
  }
  return fallback;
}

std::vector<std::string> Args::texts(const std::string& option) const {
  std::vector<std::string> texts;
  for (const ParamValue& given : options) {
    if (given.key == option) texts.push_back(given.text);
  }
  return texts;
}

std::int64_t Args::integer(const std::string& option, std::int64_t fallback, std::int64_t least,
                           std::int64_t most) const {
  if (!has(option)) return fallback;
  std::int64_t value = 0;
  try {
    value = ParamCodec<std::int64_t>::parse(text(option), Limits());
  } catch (const Error& error) {
    throw Error("option " + option + ": " + error.what());
  }
  if (value >= least && value <= most) return value;
  throw Error("option " + option + ": " + std::to_string(value) + " is out of range; expected " +
              (most == kNoLimit ? ">= " + std::to_string(least)
                                : "[" + std::to_string(least) + ", " + std::to_string(most) + "]"));
}

}  // namespace tern::cli
