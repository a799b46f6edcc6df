#include "replay/replay_buffer.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"

namespace tern {
namespace {

constexpr std::uint64_t kMagic = 0x32594c5052455254;  // "TREPLAY2": layout 2

void copy(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

/// Of rows of floats and bytes, which of them those bytes are.
std::string mixture(const ObsSpace& space) {
  if (space.num_floats() == 0 || space.num_bytes() == 0) return "";
  return " (" + std::to_string(space.num_floats()) + " floats)";
}

/// What only one kind of env gives: a buffer of another one is refused by it.
std::string kind_of(const EnvSpec& spec, const ReplaySchema& schema) {
  std::string kind = spec.id + ": observations of " + std::to_string(spec.obs.bytes()) + " bytes" +
                     mixture(spec.obs) + ", actions of " + std::to_string(spec.action.size()) +
                     " values, " + std::to_string(spec.action.mask_size()) + " choices";
  if (spec.has_masks) kind += ", masks";
  kind += "; " + std::to_string(schema.num_envs) + " envs";
  if (spec.frame_stack > 1) kind += ", stacks of " + std::to_string(spec.frame_stack);
  if (schema.keeps_episodes) kind += ", episodes";
  if (schema.state_size > 0) kind += ", states of " + std::to_string(schema.state_size);
  return kind;
}

std::size_t planned_bytes(const EnvSpec& spec, const ReplaySchema& schema) {
  const std::size_t slots = steps_of_each_env(schema) * schema.num_envs;
  const StackedFrames frames(spec.obs, static_cast<std::size_t>(spec.frame_stack));
  const std::size_t observations = slots + frames.frames() * schema.num_envs;
  std::size_t bytes = 0;
  for (const std::size_t array :
       {observations * frames.frame_bytes(),
        observations * (spec.has_masks ? spec.action.mask_size() : 0), observations,
        slots * spec.action.size() * 4, slots * sizeof(float), slots, slots * sizeof(std::int32_t),
        schema.keeps_episodes ? slots * sizeof(std::int64_t) : 0,
        schema.keeps_episodes ? slots * sizeof(std::int32_t) : 0,
        slots * schema.state_size * sizeof(float)}) {
    bytes += ReplayMemory::padded(array);
  }
  return bytes;
}

const ReplaySchema& checked(const EnvSpec& spec, const ReplaySchema& schema) {
  check_replay_schema(spec, schema);
  return schema;
}

}  // namespace

ReplayBuffer::ReplayBuffer(const EnvSpec& spec, const ReplaySchema& schema)
    : spec_(spec),
      schema_(checked(spec, schema)),
      frames_(spec.obs, static_cast<std::size_t>(spec.frame_stack)),
      num_envs_(schema.num_envs),
      steps_(steps_of_each_env(schema)),
      observation_steps_(steps_ + frames_.frames()),
      obs_bytes_(frames_.frame_bytes()),
      action_bytes_(spec.action.size() * 4),
      mask_bytes_(spec.has_masks ? spec.action.mask_size() : 0),
      memory_(planned_bytes(spec, schema), schema.file),
      final_memory_(ReplayMemory::padded(capacity() * (obs_bytes_ + mask_bytes_)) +
                        ReplayMemory::padded(capacity() * sizeof(std::int32_t)),
                    /*file=*/""),
      written_(num_envs_) {
  const std::size_t slots = capacity(), observations = observation_steps_ * num_envs_;
  obs_ = memory_.take<std::uint8_t>(observations * obs_bytes_);
  masks_ = memory_.take<std::uint8_t>(observations * mask_bytes_);
  begins_ = memory_.take<std::uint8_t>(observations);
  actions_ = memory_.take<std::uint8_t>(slots * action_bytes_);
  rewards_ = memory_.take<float>(slots);
  flags_ = memory_.take<std::uint8_t>(slots);
  finals_ = memory_.take<std::int32_t>(slots);
  episodes_ = memory_.take<std::int64_t>(schema.keeps_episodes ? slots : 0);
  episode_steps_ = memory_.take<std::int32_t>(schema.keeps_episodes ? slots : 0);
  states_ = memory_.take<float>(slots * schema.state_size);
  final_rows_ = final_memory_.take<std::uint8_t>(slots * (obs_bytes_ + mask_bytes_));
  free_finals_ = final_memory_.take<std::int32_t>(slots);
}

// ---- Adding -------------------------------------------------------------------------------------

void ReplayBuffer::add(const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
                       const StepBatch& result, std::size_t first, Row<const float> states) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t i = 0; i < obs.count(); ++i) {
    add_one(first + i, i, obs, mask, actions, result, states);
  }
}

void ReplayBuffer::add_one(std::size_t n, std::size_t i, const ObsRows& obs, const MaskRows& mask,
                           const ActionRows& actions, const StepBatch& result,
                           Row<const float> states) {
  const std::int64_t step = written_[n];
  const std::size_t slot = slot_row(n, step);
  const std::size_t here = observation_row(n, step), next = observation_row(n, step + 1);
  const bool ended = result.terminated[i] || result.truncated[i];
  const std::size_t newest = frames_.frames() - 1, row_bytes = obs.row_bytes();
  frames_.take(obs.data() + i * row_bytes, newest, obs_ + here * obs_bytes_);
  frames_.take(result.obs.data() + i * row_bytes, newest, obs_ + next * obs_bytes_);
  if (step == 0) begins_[here] = 1;
  begins_[next] = ended;
  if (mask_bytes_ > 0) {
    copy(masks_ + here * mask_bytes_, mask.data() + i * mask_bytes_, mask_bytes_);
    copy(masks_ + next * mask_bytes_, result.mask.data() + i * mask_bytes_, mask_bytes_);
  }
  copy(actions_ + slot * action_bytes_, actions.data() + i * action_bytes_, action_bytes_);
  rewards_[slot] = result.reward[i];
  flags_[slot] = static_cast<std::uint8_t>((result.terminated[i] ? kTerminated : 0) |
                                           (result.truncated[i] ? kTruncated : 0));
  if (schema_.keeps_episodes) {
    const std::size_t last = slot_row(n, step - 1 + static_cast<std::int64_t>(steps_));
    const bool is_new = begins_[here] != 0;
    episodes_[slot] = step == 0 ? 0 : episodes_[last] + (is_new ? 1 : 0);
    episode_steps_[slot] = is_new ? 0 : episode_steps_[last] + 1;
  }
  if (schema_.state_size > 0) {
    std::copy_n(states.data() + i * schema_.state_size, schema_.state_size,
                states_ + slot * schema_.state_size);
  }
  if (finals_[slot] != 0) {  // of the transition that was here before
    free_finals_[free_final_count_++] = finals_[slot];
    finals_[slot] = 0;
  }
  if (ended) {
    std::uint8_t* row = keep_final(slot);
    frames_.take(result.final_obs.data() + i * row_bytes, newest, row);
    if (mask_bytes_ > 0) {
      copy(row + obs_bytes_, result.final_mask.data() + i * mask_bytes_, mask_bytes_);
    }
  }
  ++written_[n];
}

void ReplayBuffer::cut_episode(std::size_t n) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (written_[n] == 0) return;
  const std::size_t slot = slot_row(n, written_[n] - 1);
  if (flags_[slot] != 0) return;
  const std::size_t next = observation_row(n, written_[n]);
  flags_[slot] = kTruncated;
  begins_[next] = 1;
  std::uint8_t* row = keep_final(slot);
  copy(row, obs_ + next * obs_bytes_, obs_bytes_);
  copy(row + obs_bytes_, masks_ + next * mask_bytes_, mask_bytes_);
}

std::uint8_t* ReplayBuffer::keep_final(std::size_t slot) {
  if (free_final_count_ == 0) {
    finals_[slot] = static_cast<std::int32_t>(++used_finals_);
  } else {
    finals_[slot] = free_finals_[--free_final_count_];
  }
  return final_rows_ +
         static_cast<std::size_t>(finals_[slot] - 1) * (obs_bytes_ + mask_bytes_);
}

// ---- Reading ------------------------------------------------------------------------------------

const std::uint8_t* ReplayBuffer::final_obs(std::size_t slot) const {
  return final_rows_ +
         static_cast<std::size_t>(finals_[slot] - 1) * (obs_bytes_ + mask_bytes_);
}

const std::uint8_t* ReplayBuffer::final_mask(std::size_t slot) const {
  return final_obs(slot) + obs_bytes_;
}

void ReplayBuffer::find_frames(std::size_t n, std::int64_t step, std::size_t count,
                               const std::uint8_t** frames) const {
  for (std::size_t k = count; k-- > 0;) {
    const std::size_t row = observation_row(n, step);
    frames[k] = obs_ + row * obs_bytes_;
    if (begins_[row] == 0) --step;
  }
}

void ReplayBuffer::stack_obs(std::size_t n, std::int64_t step, std::uint8_t* to) const {
  const std::uint8_t* frames[kMostFrames];
  find_frames(n, step, frames_.frames(), frames);
  frames_.join(frames, to);
}

void ReplayBuffer::stack_next_obs(std::size_t n, std::int64_t step, std::uint8_t* to) const {
  const std::size_t slot = slot_row(n, step), before = frames_.frames() - 1;
  const std::uint8_t* frames[kMostFrames];
  find_frames(n, step, before, frames);
  frames[before] =
      flags_[slot] != 0 ? final_obs(slot) : obs_ + observation_row(n, step + 1) * obs_bytes_;
  frames_.join(frames, to);
}

std::size_t ReplayBuffer::Reader::size() const {
  const std::int64_t least = *std::min_element(buffer_.written_.begin(), buffer_.written_.end());
  return std::min(static_cast<std::size_t>(least), buffer_.steps_) * buffer_.num_envs_;
}

std::int64_t ReplayBuffer::Reader::stored(std::size_t n) const {
  return std::min(written(n), static_cast<std::int64_t>(buffer_.steps_));
}

std::int64_t ReplayBuffer::Reader::slot_of(std::size_t n, std::int64_t step) const {
  return static_cast<std::int64_t>(buffer_.slot_row(n, step));
}

std::size_t ReplayBuffer::Reader::env_of(std::int64_t slot) const {
  return static_cast<std::size_t>(slot) % buffer_.num_envs_;
}

std::int64_t ReplayBuffer::Reader::step_of(std::int64_t slot) const {
  const std::int64_t steps = static_cast<std::int64_t>(buffer_.steps_);
  const std::int64_t row = slot / static_cast<std::int64_t>(buffer_.num_envs_);
  const std::int64_t newest = written(env_of(slot)) - 1;
  return newest - (newest - row) % steps;
}

bool ReplayBuffer::Reader::begins(std::int64_t slot) const {
  return buffer_.begins_[buffer_.observation_row(env_of(slot), step_of(slot))] != 0;
}

bool ReplayBuffer::Reader::ended(std::int64_t slot) const { return buffer_.flags_[slot] != 0; }

bool ReplayBuffer::Reader::terminated(std::int64_t slot) const {
  return (buffer_.flags_[slot] & kTerminated) != 0;
}

const void* ReplayBuffer::Reader::action(std::int64_t slot) const {
  return buffer_.actions_ + static_cast<std::size_t>(slot) * buffer_.action_bytes_;
}

void ReplayBuffer::Reader::next_obs(std::int64_t slot, std::uint8_t* to) const {
  buffer_.stack_next_obs(env_of(slot), step_of(slot), to);
}

void ReplayBuffer::Reader::gather(const ReplayRows& rows, const NStep& n_step) const {
  const ReplayBuffer& b = buffer_;
  const std::size_t stack_bytes = b.frames_.stack_bytes();
  for (std::size_t k = 0; k < rows.index.size(); ++k) {
    const std::int64_t first = rows.index[k];
    const auto slot = static_cast<std::size_t>(first);
    const std::size_t n = env_of(first);
    const std::int64_t step = step_of(first), newest = written(n) - 1;
    b.stack_obs(n, step, rows.obs.data() + k * stack_bytes);
    copy(rows.actions.data() + k * b.action_bytes_, b.actions_ + slot * b.action_bytes_,
         b.action_bytes_);
    // n steps, fewer at the end of the episode and at the newest step.
    double reward = b.rewards_[slot], discount = n_step.gamma;
    std::int64_t last = step;
    std::size_t last_slot = slot;
    for (int j = 1; j < n_step.steps && b.flags_[last_slot] == 0 && last < newest; ++j) {
      last_slot = b.slot_row(n, ++last);
      reward += discount * b.rewards_[last_slot];
      discount *= n_step.gamma;
    }
    rows.reward[k] = static_cast<float>(reward);
    rows.terminated[k] = (b.flags_[last_slot] & kTerminated) != 0;
    b.stack_next_obs(n, last, rows.next_obs.data() + k * stack_bytes);
    if (b.mask_bytes_ > 0) {
      copy(rows.mask.data() + k * b.mask_bytes_,
           b.masks_ + b.observation_row(n, step) * b.mask_bytes_, b.mask_bytes_);
      copy(rows.next_mask.data() + k * b.mask_bytes_,
           b.flags_[last_slot] != 0 ? b.final_mask(last_slot)
                                    : b.masks_ + b.observation_row(n, last + 1) * b.mask_bytes_,
           b.mask_bytes_);
    }
    if (rows.discount.size() > 0) rows.discount[k] = static_cast<float>(discount);
    if (rows.truncated.size() > 0) rows.truncated[k] = (b.flags_[last_slot] & kTruncated) != 0;
    if (rows.weight.size() > 0) rows.weight[k] = 1;
    if (rows.episode.size() > 0) rows.episode[k] = b.episodes_[slot];
    if (rows.step.size() > 0) rows.step[k] = b.episode_steps_[slot];
    if (rows.state.size() > 0) {
      std::copy_n(b.states_ + slot * b.schema_.state_size, b.schema_.state_size,
                  rows.state.data() + k * b.schema_.state_size);
    }
  }
  if (b.mask_bytes_ == 0 && rows.mask.row_size() > 0) {  // every action is always allowed
    std::memset(rows.mask.data(), 1, rows.index.size() * rows.mask.row_size());
    std::memset(rows.next_mask.data(), 1, rows.index.size() * rows.next_mask.row_size());
  }
}

// ---- State --------------------------------------------------------------------------------------

template <class Each>
void ReplayBuffer::for_used_arrays(const Each& each) const {
  const std::int64_t most = *std::max_element(written_.begin(), written_.end());
  const std::size_t steps = std::min(static_cast<std::size_t>(most), steps_);
  const std::size_t slots = steps * num_envs_;
  const std::size_t observations =
      std::min(static_cast<std::size_t>(most) + 1, observation_steps_) * num_envs_;
  const auto bytes = [](auto* array) { return reinterpret_cast<std::uint8_t*>(array); };
  each(obs_, observations * obs_bytes_);
  each(masks_, observations * mask_bytes_);
  each(begins_, observations);
  each(actions_, slots * action_bytes_);
  each(bytes(rewards_), slots * sizeof(float));
  each(flags_, slots);
  if (schema_.keeps_episodes) {
    each(bytes(episodes_), slots * sizeof(std::int64_t));
    each(bytes(episode_steps_), slots * sizeof(std::int32_t));
  }
  each(bytes(states_), slots * schema_.state_size * sizeof(float));
}

void ReplayBuffer::save(ByteSink& out) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  out.put(kMagic);
  out.put(kind_of(spec_, schema_));
  out.put(static_cast<std::uint64_t>(capacity()));
  for (const std::int64_t count : written_) out.put(count);
  for_used_arrays([&](const std::uint8_t* data, std::size_t bytes) { out.write({data, bytes}); });
  const std::size_t row_bytes = obs_bytes_ + mask_bytes_;
  for (std::size_t slot = 0; slot < capacity(); ++slot) {  // in the order of the slots
    if (finals_[slot] != 0) out.write({final_obs(slot), row_bytes});
  }
}

void ReplayBuffer::check_loaded(std::size_t n) const {
  const auto refuse = [&](const std::string& what, std::int64_t step) {
    throw Error::failure("the saved replay buffer is damaged: step " + std::to_string(step) +
                         " of env " + std::to_string(n) + " has " + what);
  };
  if (written_[n] == 0) return;
  const std::int64_t kept = std::min(written_[n], static_cast<std::int64_t>(steps_));
  const std::int64_t oldest = written_[n] - kept;
  if (oldest == 0 && begins_[observation_row(n, 0)] != 1) refuse("no beginning of an episode", 0);
  for (std::int64_t step = oldest; step < written_[n]; ++step) {
    const std::size_t slot = slot_row(n, step);
    if (flags_[slot] > (kTerminated | kTruncated)) refuse("an unknown end of an episode", step);
    if (begins_[observation_row(n, step + 1)] != (flags_[slot] != 0 ? 1 : 0)) {
      refuse("an end of an episode that the next one's beginning does not fit", step);
    }
    if (spec_.action.is_box()) continue;
    // Learners use choices as indices.
    for (std::size_t c = 0; c < spec_.action.size(); ++c) {
      std::int32_t choice = 0;
      std::memcpy(&choice, actions_ + slot * action_bytes_ + c * sizeof choice, sizeof choice);
      if (choice < 0 || static_cast<std::size_t>(choice) >= spec_.action.options(c)) {
        refuse("the action " + std::to_string(choice) + "; expected 0 to " +
                   std::to_string(spec_.action.options(c) - 1),
               step);
      }
    }
  }
}

void ReplayBuffer::load(ByteSource& in) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (in.get<std::uint64_t>() != kMagic) {
    throw Error::failure(
        "the saved replay buffer is of another layout than 2, which this version of Tern reads; the "
        "run can still be evaluated and watched, not resumed");
  }
  const std::string kind = in.get_text(), own = kind_of(spec_, schema_);
  if (kind != own) {
    throw Error::failure("the saved replay buffer is of another kind (" + kind + ") than this one (" +
                         own + ")");
  }
  const auto saved = in.get<std::uint64_t>();
  if (saved != capacity()) {
    throw Error::failure("the saved replay buffer has room for " + std::to_string(saved) +
                         " transitions, this one for " + std::to_string(capacity()) +
                         "; set agent.buffer_size back");
  }
  for (std::int64_t& count : written_) {
    count = in.get<std::int64_t>();
    if (count < 0 || count > std::int64_t{1} << 60) {
      throw Error::failure("the saved replay buffer is damaged: it names " + std::to_string(count) +
                           " steps of an env");
    }
  }
  for_used_arrays([&](std::uint8_t* data, std::size_t bytes) {
    if (bytes > in.remaining()) {
      throw Error::failure("the saved replay buffer is damaged: it ends too early");
    }
    in.read(data, bytes);
  });
  used_finals_ = free_final_count_ = 0;
  std::fill_n(finals_, capacity(), 0);
  const std::size_t row_bytes = obs_bytes_ + mask_bytes_;
  for (std::size_t n = 0; n < num_envs_; ++n) check_loaded(n);
  for (std::size_t slot = 0; slot < capacity(); ++slot) {
    const std::int64_t row_of_slot = static_cast<std::int64_t>(slot / num_envs_);
    if (row_of_slot >= written_[slot % num_envs_]) continue;  // never written
    if (flags_[slot] == 0) continue;
    in.read(keep_final(slot), row_bytes);
  }
  if (in.remaining() != 0) {
    throw Error::failure("the saved replay buffer is damaged: " + std::to_string(in.remaining()) +
                         " bytes too many");
  }
}

}  // namespace tern
