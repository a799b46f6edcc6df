#pragma once
// Random numbers: one named stream for each purpose and index, own generator, own distributions.
// Header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/rng_state.h"
#include "core/views.h"

namespace tern {

/// One stream of random numbers. Copy it to fork the future, store `state()` to resume it.
/// Not thread-safe: every stream has one owner.
class Rng {
 public:
  /// The stream `name`, `index` of a run with `seed`. Streams of other names or indices are
  /// independent of it; nothing depends on how many streams exist.
  Rng(std::uint64_t seed, std::string_view name, std::uint64_t index = 0) {
    std::uint64_t key = seed;
    std::uint64_t mixed = tern_splitmix64(&key);
    for (const char c : name) {
      key = mixed ^ static_cast<unsigned char>(c);
      mixed = tern_splitmix64(&key);
    }
    key = mixed ^ index;
    tern_rng_seed(&state_, tern_splitmix64(&key));
  }
  explicit Rng(const tern_rng& state) : state_(state) {}

  std::uint64_t next() { return tern_rng_next(&state_); }
  /// Uniform in [0, 1).
  double uniform() { return tern_rng_uniform(&state_); }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform integer in [0, n), n > 0.
  std::uint32_t below(std::uint32_t n) { return tern_rng_below(&state_, n); }
  /// Standard normal; one draw.
  double normal() { return tern_rng_normal(&state_); }
  /// True with the given probability.
  bool chance(double probability) { return uniform() < probability; }

  /// A uniformly random order of the row's elements (Fisher-Yates).
  template <class T>
  void shuffle(Row<T> row) {
    for (std::size_t i = row.size(); i > 1; --i) {
      std::swap(row[i - 1], row[below(static_cast<std::uint32_t>(i))]);
    }
  }

  const tern_rng& state() const { return state_; }
  void set_state(const tern_rng& state) { state_ = state; }

 private:
  tern_rng state_;
};

static_assert(std::is_standard_layout<Rng>::value && sizeof(Rng) == sizeof(tern_rng),
              "a tern_rng* that crosses the plugin border is seen as an Rng* on the other side");

}  // namespace tern
