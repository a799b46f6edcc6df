#pragma once
// What an env may call its metrics, which stand beside Tern's own in CSV, JSONL and TensorBoard,
// and its info values.

#include <string>
#include <vector>

namespace tern {

/// What is wrong with these names of EnvSpec::metrics and what to do, or "": an empty or repeated
/// name, one that Tern uses itself (return, length, episodes, ..), or one with characters that mean
/// something in the files (comma, quote, slash, line break) or are no UTF-8.
std::string wrong_metric_name(const std::vector<std::string>& names);

/// The same of EnvSpec::info, which stand beside each other only: no name of Tern's is in the way.
std::string wrong_info_name(const std::vector<std::string>& names);

/// The first name that occurs twice, or "".
std::string repeated_name(const std::vector<std::string>& names);

}  // namespace tern
