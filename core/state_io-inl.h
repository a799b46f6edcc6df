#pragma once
// What core/state_io.h declares. Included by it where libtern_core, which holds this compiled, is
// not linked: in plugins. C++17.

#include <cstring>

namespace tern {

TERN_STATE_INLINE void StateWriter::append(const void* data, std::size_t size) {
  if (size == 0) return;
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  bytes_.insert(bytes_.end(), bytes, bytes + size);
}

TERN_STATE_INLINE void check_saved(bool holds, const std::string& what) {
  if (!holds) throw Error::failure("saved state is damaged: " + what);
}

TERN_STATE_INLINE void StateReader::take(void* out, std::size_t size) {
  if (size > bytes_.size() - position_) {
    throw Error::failure("saved state ends after " + std::to_string(bytes_.size()) +
                         " bytes, more were expected");
  }
  if (size > 0) std::memcpy(out, bytes_.data() + position_, size);
  position_ += size;
}

TERN_STATE_INLINE void StateReader::read(Rng& rng) {
  tern_rng state;
  take(&state, sizeof state);
  // Of zeros the generator makes zeros, and who rejects some draws would draw for ever.
  check_saved((state.s[0] | state.s[1] | state.s[2] | state.s[3]) != 0,
              "a random stream is all zeros");
  rng.set_state(state);
}

TERN_STATE_INLINE void StateReader::read_order(Row<std::int32_t> row) {
  read(row);
  std::vector<bool> is_there(row.size());
  for (const std::int32_t index : row) {
    const auto i = static_cast<std::size_t>(index);
    check_saved(index >= 0 && i < row.size() && !is_there[i],
                std::to_string(index) + " in an order of " + std::to_string(row.size()));
    is_there[i] = true;
  }
}

TERN_STATE_INLINE std::size_t StateReader::read_size(std::size_t element_bytes) {
  std::uint64_t size = 0;
  read(size);
  if (size > remaining() / element_bytes) {
    throw Error::failure("saved state names " + std::to_string(size) +
                         " values, more than it holds");
  }
  return static_cast<std::size_t>(size);
}

TERN_STATE_INLINE void StateReader::check_size(std::size_t saved, std::size_t expected) {
  if (saved == expected) return;
  throw Error::failure("saved state has " + std::to_string(saved) + " values where " +
                       std::to_string(expected) + " are expected");
}

}  // namespace tern
