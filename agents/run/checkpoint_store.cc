#include "agents/run/checkpoint_store.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "agents/run/checkpoint_layout.h"
#include "core/error.h"

namespace tern {
namespace {

constexpr const char* kLast = "last";
constexpr const char* kBest = "best";

/// Text from a damaged file, fit for a message.
std::string one_line(std::string text) {
  if (text.size() > 40) text = text.substr(0, 40) + "..";
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

std::optional<std::int64_t> pointed_step(const std::string& text) {
  return parse_step_name(text.substr(0, text.find(' ')));
}

/// What is wrong with a pointer file's text, or "".
std::string pointer_problem(const std::string& run, const std::string& text) {
  const auto step = pointed_step(text);
  if (!step) {
    return "it holds '" + one_line(text) + "', expected 'step-N' and the SHA-256 of its manifest";
  }
  const std::string folder = checkpoint_folder(run, *step);
  if (!is_folder(folder)) return "it names " + step_name(*step) + ", which does not exist";
  if (!is_file(folder + "/" + kManifestFile) || text != pointer_text(run, *step)) {
    return "the checksum in it is not that of the manifest of " + step_name(*step);
  }
  return "";
}

/// Where a pointer file leads; none if it does not exist. Throws Error::failure if it is damaged or
/// leads to a checkpoint that is gone, with good_checkpoint_advice.
std::optional<std::int64_t> read_pointer(const std::string& run, const std::string& pointer) {
  const std::string path = checkpoints_folder(run) + "/" + pointer;
  while (is_file(path)) {
    const std::string text = read_text_file(path);
    const std::string problem = pointer_problem(run, text);
    if (problem.empty()) return pointed_step(text);
    // A process that trains the run may have moved the pointer and removed what it led to.
    if (is_file(path) && read_text_file(path) != text) continue;
    if (const auto step = pointed_step(text); step && is_folder(checkpoint_folder(run, *step))) {
      const Checkpoint checkpoint(run, *step);  // if its manifest is what is damaged, throws so
    }
    throw Error::failure(path + " is damaged: " + problem + "." +
                         good_checkpoint_advice(run, std::nullopt));
  }
  return std::nullopt;
}

/// Removes one checkpoint. It loses its name first, so that no half of it can be taken for a whole.
void discard(const std::string& run, std::int64_t step) {
  const std::string grave =
      checkpoints_folder(run) + "/." + step_name(step) + ".old-" + std::to_string(::getpid());
  remove_tree(grave);
  rename_durably(checkpoint_folder(run, step), grave);
  remove_tree(grave);
}

/// Drops the parts of a checkpoint that only the newest one keeps; the mark stands before the part
/// goes, so that a crash between the two is no damage.
void drop_newest_only_parts(const std::string& run, std::int64_t step) {
  const std::string folder = checkpoint_folder(run, step);
  const Manifest manifest = manifest_from_json(read_text_file(folder + "/" + kManifestFile),
                                               folder + "/" + kManifestFile);
  for (const ManifestPart& part : manifest.parts) {
    const std::string path = folder + "/" + part.name;
    if (!part.newest_only || !is_file(path)) continue;
    if (!is_file(dropped_mark(path))) write_new_file(dropped_mark(path), ByteRow());
    sync_folder(folder);
    remove_file(path);
  }
}

/// What a killed process was about to rename or remove: ".step-4096.tmp-123", ".last.tmp-123".
void remove_leftovers(const std::string& folder) {
  if (!is_folder(folder)) return;
  for (const std::string& name : list_folder(folder)) {
    const bool ours =
        name.find(".tmp-") != std::string::npos || name.find(".old-") != std::string::npos;
    if (name.front() == '.' && ours) remove_tree(folder + "/" + name);
  }
}

std::optional<double> eval_mean_of(const std::string& run, std::int64_t step) {
  try {
    return Checkpoint(run, step).manifest().eval_mean;
  } catch (const Error&) {
    return std::nullopt;  // a damaged checkpoint is no candidate for the best
  }
}

/// The best of `steps` (ascending): the marked one, unless one made after it was evaluated at least
/// as high, which is so when a process was killed between saving that one and marking it. Without a
/// mark the one with the highest evaluation, the newest of equals.
std::optional<std::int64_t> best_of(const std::string& run, const std::vector<std::int64_t>& steps,
                                    std::optional<std::int64_t> marked) {
  std::optional<std::int64_t> best = marked;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // A marked checkpoint that says nothing of its evaluation stays the best.
  double to_beat = marked ? eval_mean_of(run, *marked).value_or(kInfinity) : -kInfinity;
  for (const std::int64_t step : steps) {
    if (marked && step <= *marked) continue;
    const std::optional<double> mean = eval_mean_of(run, step);
    if (!mean || *mean < to_beat) continue;
    best = step;
    to_beat = *mean;
  }
  return best;
}

}  // namespace

CheckpointStore::CheckpointStore(std::string run)
    : run_(std::move(run)), folder_(checkpoints_folder(run_)) {}

std::vector<std::int64_t> CheckpointStore::steps() const {
  return list_checkpoint_steps(run_);
}

std::optional<std::int64_t> CheckpointStore::last() const {
  if (const auto step = read_pointer(run_, kLast)) return step;
  const std::vector<std::int64_t> all = steps();
  return all.empty() ? std::nullopt : std::optional(all.back());
}

std::optional<std::int64_t> CheckpointStore::best() const {
  return read_pointer(run_, kBest);
}

void CheckpointStore::mark_best(std::int64_t step) {
  write_pointer(run_, kBest, step);
}

void CheckpointStore::retain(int keep) {
  const std::vector<std::int64_t> all = steps();
  const auto last_step = last();
  std::optional<std::int64_t> best_step;
  try {
    best_step = best();
  } catch (const Error&) {
    return;  // which one must stay is not known, so all do
  }
  const std::size_t num_old = all.size() - std::min(all.size(), static_cast<std::size_t>(keep));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == last_step) continue;
    if (i < num_old && all[i] != best_step) {
      discard(run_, all[i]);
    } else {
      drop_newest_only_parts(run_, all[i]);
    }
  }
}

void CheckpointStore::start_at(std::optional<std::int64_t> step) {
  remove_leftovers(run_);
  remove_leftovers(folder_);
  const std::vector<std::int64_t> all = steps();
  if (all.empty()) return;
  std::vector<std::int64_t> kept, newer;
  for (const std::int64_t each : all) (step && each <= *step ? kept : newer).push_back(each);

  // The pointers leave the newer checkpoints before these go.
  if (step) {
    write_pointer(run_, kLast, *step);
  } else {
    remove_file(folder_ + "/" + kLast);
  }
  std::optional<std::int64_t> marked;
  try {
    marked = best();
  } catch (const Error&) {
    // Damaged: chosen anew.
  }
  const bool is_kept = marked && step && *marked <= *step;
  if (const auto best_step = best_of(run_, kept, is_kept ? marked : std::nullopt)) {
    write_pointer(run_, kBest, *best_step);
  } else {
    remove_file(folder_ + "/" + kBest);
  }
  std::for_each(newer.rbegin(), newer.rend(), [&](std::int64_t each) { discard(run_, each); });
}

}  // namespace tern
