#pragma once
// What commands do that draw. It lies in libtern_viewing, with the library of pictures and windows:
// who trains without looking neither builds nor loads it.

#include "cli/text/command.h"
#include "cli/training/training.h"

namespace tern::cli {

class ViewingCommands {
 public:
  virtual ~ViewingCommands() = default;
  virtual Work prepare_watch(const Args& args) = 0;
  virtual Work prepare_play(const Args& args) = 0;
  virtual Work prepare_record(const Args& args) = 0;
  virtual Work prepare_serve(const Args& args) = 0;
  /// The same work with a window that shows the newest policy in an env of its own while it trains
  /// on another thread. Calling it throws Error, before any training, if no window can be opened.
  virtual TrainingWork with_window(const RunConfig& config, const TrainingWork& work) = 0;
};

/// Loads libtern_viewing and returns what is in it, the same each time. Throws Error::failure if it
/// was not built, saying how to, or cannot be loaded.
ViewingCommands& viewing_commands();

}  // namespace tern::cli
