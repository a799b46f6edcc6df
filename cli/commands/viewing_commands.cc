#include "cli/commands/viewing_commands.h"

#include "cli/process/own_library.h"

namespace tern::cli {
namespace {

ViewingCommands* load_commands() {
  const char file[] = "libtern_viewing.so";
  void* const library = load_own_library(file, "draws");
  using Entry = ViewingCommands* (*)();
  return reinterpret_cast<Entry>(function_of_own_library(library, file, "tern_viewing_commands"))();
}

}  // namespace

ViewingCommands& viewing_commands() {
  static ViewingCommands* const commands = load_commands();
  return *commands;
}

}  // namespace tern::cli
