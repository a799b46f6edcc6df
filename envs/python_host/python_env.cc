#include "envs/python_host/python_env.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/threads/worker_pool.h"
#include "envs/python_host/python_facts.h"
#include "envs/python_host/python_picture.h"
#include "envs/vector/env_group.h"

namespace tern {
namespace {

const char* bytes_of(ActionRow action) {
  return action.floats().empty() ? reinterpret_cast<const char*>(action.ints().data())
                                 : reinterpret_cast<const char*>(action.floats().data());
}

/// Steps envs one after the other, each in its interpreter.
class PythonEnvGroup final : public HeldEnvGroup {
 public:
  using MakeIn = std::function<std::unique_ptr<Env>(std::size_t process)>;

  PythonEnvGroup(std::size_t count, const MakeIn& make)
      : HeldEnvGroup(count, [make] { return make(0); }), make_in_(make) {}

  void expect_threads(std::size_t threads) override {
    const std::size_t parts = std::min({threads, size(), kMostPythons});
    if (parts == parts_) return;
    parts_ = parts;
    for (std::size_t i = 0; i < size(); ++i) renew(i);
  }
  void renew(std::size_t i) override {
    std::size_t part = 0;
    while (part + 1 < parts_ && i >= part_begin(size(), parts_, part + 1)) ++part;
    envs_[i] = make_in_(part);
  }
  void step(std::size_t begin, std::size_t end, RunningEpisode* episodes, const EpisodeRules& rules,
            const ActionRows& actions, const StepBatch& batch) override {
    if (rules.watches_steps) return step_watched(begin, end, episodes, rules, actions, batch);
    for (std::size_t i = begin; i < end; ++i) {
      step_one<false>(static_cast<PythonEnv&>(*envs_[i]), i, episodes[i], rules, actions[i], batch);
    }
  }

 private:
  MakeIn make_in_;
  std::size_t parts_ = 1;
};

}  // namespace

PythonEnv::PythonEnv(std::shared_ptr<PythonProcess> process, const std::string& shown,
                     const PythonEnvCall& call)
    : process_(std::move(process)),
      number_(process_->new_env()),
      limit_(call.limit),
      where_(shown + ": '" + call.id + "'"),
      noted_name_(noted_env_name(where_)) {
  spec_ = read_python_spec(ask(PythonAsk::kMake, "create", call.request), where_);
  mask_.assign(spec_.action.mask_size(), 1);
  metrics_.resize(spec_.metrics.size());
}

PythonEnv::~PythonEnv() {
  if (!process_->is_ours() || process_->is_over()) return;
  try {
    ask(PythonAsk::kDrop, "close", "");
  } catch (const Error&) {
    // close() of the env threw, and there is nobody to hear of it.
  }
}

std::string PythonEnv::ask(PythonAsk what, const char* function, std::string_view payload,
                           ActionRow action) const {
  const EnvCall note(function, noted_name_, place_, action);
  return process_->ask(what, number_, payload, {where_, function}, limit_);
}

void PythonEnv::take_row(std::string_view rest, const char* function, ObsRow obs) {
  const std::size_t bytes = spec_.obs.used_bytes(), flags = spec_.has_masks ? mask_.size() : 0;
  if (rest.size() != bytes + flags) {
    throw Error::failure(where_ + ": " + function + " gave " + std::to_string(rest.size()) +
                         " bytes; expected " + std::to_string(bytes + flags));
  }
  std::memcpy(obs.data(), rest.data(), bytes);
  if (flags > 0) std::memcpy(mask_.data(), rest.data() + bytes, flags);
}

void PythonEnv::reset(ResetContext& ctx, ObsRow obs) {
  ++place_.episode;
  place_.step = 0;
  // 63 bits: some libraries take their seeds for signed.
  const std::uint64_t words[] = {ctx.rng.next() >> 1, ctx.level};
  const std::string_view payload(reinterpret_cast<const char*>(words), sizeof words);
  take_row(ask(PythonAsk::kReset, "reset", payload), "reset", obs);
}

StepResult PythonEnv::step(ActionRow action, Rng&, ObsRow obs) {
  ++place_.step;
  const std::string answer =
      ask(PythonAsk::kStep, "step", {bytes_of(action), 4 * action.size()}, action);
  StepResult result;
  const std::size_t head = sizeof result.reward + 2, metric_bytes = metrics_.size() * sizeof(float);
  if (answer.size() < head + metric_bytes) throw Error::failure(where_ + ": step gave no row");
  std::memcpy(&result.reward, answer.data(), sizeof result.reward);
  result.terminated = answer[sizeof result.reward] != 0;
  result.truncated = answer[sizeof result.reward + 1] != 0;
  if (metric_bytes > 0) std::memcpy(metrics_.data(), answer.data() + head, metric_bytes);
  take_row(std::string_view(answer).substr(head + metric_bytes), "step", obs);
  return result;
}

void PythonEnv::action_mask(MaskRow mask) const {
  std::copy(mask_.begin(), mask_.end(), mask.begin());
}

void PythonEnv::metrics(FloatRow metrics) const {
  std::copy(metrics_.begin(), metrics_.end(), metrics.begin());
}

void PythonEnv::draw(Canvas& canvas) const {
  if (place_.episode == 0) return;  // it has no state yet
  read_python_picture(ask(PythonAsk::kDraw, "draw", ""), where_).replay(canvas);
}

std::unique_ptr<EnvGroup> make_python_group(const std::shared_ptr<PythonProcesses>& processes,
                                            const PythonEnvCall& call, std::size_t count) {
  return std::make_unique<PythonEnvGroup>(count, [processes, call](std::size_t i) {
    return std::make_unique<PythonEnv>(processes->get(i), processes->file().shown, call);
  });
}

}  // namespace tern
