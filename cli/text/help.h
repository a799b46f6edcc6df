#pragma once
// What `tern --help` and `tern COMMAND --help` print.

#include <string>
#include <vector>

#include "cli/text/command.h"

namespace tern::cli {

std::string overall_help(const std::vector<Command>& commands);
std::string command_help(const Command& command);

}  // namespace tern::cli
