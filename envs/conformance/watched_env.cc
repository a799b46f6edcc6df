#include "envs/conformance/watched_env.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "envs/conformance/driven_env.h"
#include "envs/vector/lanes.h"
#include "envs/wrappers/env_wrapper.h"

namespace tern {
namespace {

/// Notes each call before it is made.
class WatchedEnv final : public EnvWrapper {
 private:
  template <class Call>
  decltype(auto) noted(const char* function, const Call& call) const {
    struct End {
      CallNote& note;
      ~End() { note.end(); }
    } end{note_};
    note_.begin(function, episode_, step_, {});
    return call();
  }

 public:
  WatchedEnv(std::unique_ptr<Env> inner, CallNote& note)
      : EnvWrapper(std::move(inner)), note_(note) {}

  ~WatchedEnv() override {
    note_.begin("the destructor", episode_, step_, {});
    inner_.reset();
    note_.end();
  }

  const EnvSpec& spec() const override {
    return noted("spec", [&]() -> const EnvSpec& { return inner_->spec(); });
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    ++episode_;
    step_ = 0;
    noted("reset", [&] { inner_->reset(ctx, obs); });
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    ++step_;
    note_.begin("step", episode_, step_, action);
    const StepResult result = inner_->step(action, rng, obs);
    note_.end();
    return result;
  }
  void action_mask(MaskRow mask) const override {
    noted("action_mask", [&] { inner_->action_mask(mask); });
  }
  void draw(Canvas& canvas) const override {
    noted("draw", [&] { inner_->draw(canvas); });
  }
  void reward_terms(FloatRow terms) const override {
    noted("reward_terms", [&] { inner_->reward_terms(terms); });
  }
  void metrics(FloatRow values) const override {
    noted("metrics", [&] { inner_->metrics(values); });
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    return noted("human_action", [&] { return inner_->human_action(keys, action); });
  }
  bool get_state(DoubleVec& state) const override {
    return noted("get_state", [&] { return inner_->get_state(state); });
  }
  bool set_state(DoubleRow state) override {
    return noted("set_state", [&] { return inner_->set_state(state); });
  }
  void save(StateWriter& out) const override {
    noted("save", [&] { inner_->save(out); });
  }
  bool load(StateReader& in) override {
    return noted("load", [&] { return inner_->load(in); });
  }
  bool transitions(TransitionTable& table) const override {
    return noted("transitions", [&] { return inner_->transitions(table); });
  }
  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    return noted("relabel", [&] { return inner_->relabel(achieved, desired); });
  }
  int current_player() const override {
    return noted("current_player", [&] { return inner_->current_player(); });
  }
  bool player_rewards(FloatRow rewards) const override {
    return noted("player_rewards", [&] { return inner_->player_rewards(rewards); });
  }

 private:
  CallNote& note_;
  std::int64_t episode_ = 0, step_ = 0;
};

}  // namespace

CallNote::CallNote() {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error::failure("cannot share memory with a child process");
  shared_ = new (memory) Shared();
}

CallNote::~CallNote() { munmap(shared_, sizeof(Shared)); }

CallNote::Slot& CallNote::own_slot() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t mine = threads.fetch_add(1) % kThreads;
  return shared_->slots[mine];
}

void CallNote::begin(const char* function, std::int64_t episode, std::int64_t step,
                     ActionRow action) {
  constexpr auto relaxed = std::memory_order_relaxed;
  Slot& slot = own_slot();
  slot.function.store(function, relaxed);
  slot.episode.store(episode, relaxed);
  slot.step.store(step, relaxed);
  const std::size_t count = std::min(action.size(), kMostValues);
  slot.num_values.store(static_cast<std::uint32_t>(count), relaxed);
  slot.is_box.store(action.floats().empty() ? 0 : 1, relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    if (action.floats().empty()) {
      bits = static_cast<std::uint32_t>(action.discrete(i));
    } else {
      const float value = action[i];
      std::memcpy(&bits, &value, sizeof bits);
    }
    slot.values[i].store(bits, relaxed);
  }
  slot.begun.store(shared_->count.fetch_add(1) + 1);
}

void CallNote::end() {
  Slot& slot = own_slot();
  slot.ended.store(slot.begun.load());
}

std::uint64_t CallNote::count() const { return shared_->count.load(); }

const CallNote::Slot* CallNote::newest() const {
  const Slot* newest = nullptr;
  const auto is_going_on = [](const Slot& slot) { return slot.begun > slot.ended; };
  for (const Slot& slot : shared_->slots) {
    if (slot.begun == 0) continue;
    if (newest == nullptr || is_going_on(slot) > is_going_on(*newest) ||
        (is_going_on(slot) == is_going_on(*newest) && slot.begun > newest->begun)) {
      newest = &slot;
    }
  }
  return newest;
}

std::string CallNote::function() const {
  const Slot* const slot = newest();
  return slot == nullptr ? "" : slot->function.load();
}

std::string CallNote::text() const {
  const Slot* const slot = newest();
  if (slot == nullptr) return "before the first call";
  const std::string name = slot->function.load();
  const std::string episode = std::to_string(slot->episode.load());
  if (name == "create") return "the construction of an env";
  if (name == "reset") return "reset " + episode;
  const std::string step = std::to_string(slot->step.load()) + " of episode " + episode;
  if (name != "step") return name + " after step " + step;
  std::vector<std::int32_t> choices;
  std::vector<float> numbers;
  for (std::uint32_t i = 0; i < slot->num_values; ++i) {
    const std::uint32_t bits = slot->values[i];
    float number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (slot->is_box != 0) {
      numbers.push_back(number);
    } else {
      choices.push_back(static_cast<std::int32_t>(bits));
    }
  }
  const std::string action =
      slot->is_box != 0 ? action_text(ActionRow(Row<const float>(numbers)))
                        : action_text(ActionRow(Row<const std::int32_t>(choices)));
  return "step " + step + ", action " + action;
}

EnvEntry watched(const EnvEntry& entry, CallNote& note) {
  EnvEntry copy = entry;
  copy.make = [&note, make = entry.make](const ParamValues& params) -> std::unique_ptr<Env> {
    note.begin("create", 0, 0, {});
    std::unique_ptr<Env> env = make(params);
    note.end();
    return std::make_unique<WatchedEnv>(std::move(env), note);
  };
  copy.make_lanes = [make = copy.make](const ParamValues& params,
                                       std::size_t count) -> std::unique_ptr<EnvLanes> {
    return std::make_unique<TypedLanes<Env>>(count, [make, params] { return make(params); });
  };
  return copy;
}

}  // namespace tern
