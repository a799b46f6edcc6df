#pragma once
// A JSON document on standard output, as every command with --json writes it.

#include <iostream>

#include "core/files/json.h"

namespace tern::cli {

/// One document on one line.
inline void print_json(const Json& document) { std::cout << document.dump() << "\n"; }

}  // namespace tern::cli
