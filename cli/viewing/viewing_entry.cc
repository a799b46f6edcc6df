#include "cli/commands/viewing_commands.h"

#include "cli/viewing/preparations.h"

namespace tern::cli {
namespace {

class Viewing final : public ViewingCommands {
 public:
  Work prepare_watch(const Args& args) override { return cli::prepare_watch(args); }
  Work prepare_play(const Args& args) override { return cli::prepare_play(args); }
  Work prepare_record(const Args& args) override { return cli::prepare_record(args); }
  Work prepare_serve(const Args& args) override { return cli::prepare_serve(args); }
  TrainingWork with_window(const RunConfig& config, const TrainingWork& work) override {
    return cli::with_window(config, work);
  }
};

}  // namespace
}  // namespace tern::cli

/// The library's one function.
extern "C" tern::cli::ViewingCommands* tern_viewing_commands() {
  static tern::cli::Viewing viewing;
  return &viewing;
}
