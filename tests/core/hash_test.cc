// Laws of the fingerprint: it depends on every bit, on the order, and on where pieces begin.

#include "core/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tern {
namespace {

template <class... Pieces>
std::uint64_t hash_of(const Pieces&... pieces) {
  Hash64 hash;
  (hash.add(pieces), ...);
  return hash.value();
}

TEST(Hash64, DependsOnEveryBit) {
  std::vector<std::uint8_t> bytes(37);
  std::set<std::uint64_t> values = {hash_of(Row<std::uint8_t>(bytes))};
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    values.insert(hash_of(Row<std::uint8_t>(bytes)));
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  }
  EXPECT_EQ(values.size(), 8 * bytes.size() + 1);
}

TEST(Hash64, DependsOnOrderAndOnWherePiecesBegin) {
  const std::set<std::uint64_t> values = {
      hash_of("ab", "c"), hash_of("a", "bc"), hash_of("abc"), hash_of("c", "ab"),
      hash_of("abc", ""), hash_of(1.0, 2.0),  hash_of(2.0, 1.0), hash_of()};
  EXPECT_EQ(values.size(), 8u);
}

TEST(Hash64, TellsTheZerosApart) { EXPECT_NE(hash_of(0.0f), hash_of(-0.0f)); }

TEST(Hash64, OfTheSameThingsIsTheSame) {
  EXPECT_EQ(hash_of(1.5f, "text", true), hash_of(1.5f, "text", true));
}

}  // namespace
}  // namespace tern
