// Laws: what was written is read back, whatever it is; and error texts for damaged state, cut at
// every byte.

#include "core/state_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/error_of.h"

namespace tern {
namespace {

enum class Colour : std::uint8_t { kRed, kBlue };

/// One of everything.
void write_all(StateWriter& out) {
  Rng rng(5, "state");
  out.write(true, -7, 1e300, 2.5f, Colour::kBlue);
  out.write(std::string("two words"), std::vector<double>{1, 2, 3}, rng);
  const std::vector<int> row = {4, 5};
  out.write(Row<const int>(row));
}

void read_all(StateReader& in) {
  bool flag = false;
  int number = 0;
  double real = 0;
  float small = 0;
  Colour colour = Colour::kRed;
  std::string text;
  std::vector<double> values;
  Rng rng(0, "");
  std::vector<int> row(2);
  in.read(flag, number, real, small, colour);
  in.read(text, values, rng);
  in.read(Row<int>(row));
  EXPECT_TRUE(flag);
  EXPECT_EQ(number, -7);
  EXPECT_EQ(real, 1e300);
  EXPECT_EQ(small, 2.5f);
  EXPECT_EQ(colour, Colour::kBlue);
  EXPECT_EQ(text, "two words");
  EXPECT_EQ(values, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(rng.next(), Rng(5, "state").next());
  EXPECT_EQ(row, (std::vector<int>{4, 5}));
}

TEST(StateIo, ReadsBackWhatWasWritten) {
  StateWriter out;
  write_all(out);
  StateReader in(out.bytes());
  read_all(in);
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(StateIo, KeepsTheBitsOfSpecialNumbers) {
  StateWriter out;
  out.write(-0.0, std::numeric_limits<double>::infinity(),
            std::numeric_limits<double>::denorm_min());
  StateReader in(out.bytes());
  double zero = 1, infinite = 0, tiny = 0;
  in.read(zero, infinite, tiny);
  EXPECT_TRUE(std::signbit(zero));
  EXPECT_EQ(infinite, std::numeric_limits<double>::infinity());
  EXPECT_EQ(tiny, std::numeric_limits<double>::denorm_min());
}

TEST(StateIo, ReadsAnyNonZeroByteAsTrue) {
  StateWriter out;
  out.write(static_cast<std::uint8_t>(2));
  StateReader in(out.bytes());
  bool flag = false;
  in.read(flag);
  EXPECT_TRUE(flag);
}

TEST(StateIo, StateCutAtAnyByteIsAnError) {
  StateWriter out;
  write_all(out);
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    const std::vector<std::uint8_t> cut(out.bytes().begin(),
                                        out.bytes().begin() + static_cast<std::ptrdiff_t>(size));
    StateReader in(cut);
    EXPECT_THROW(read_all(in), Error) << size;
  }
}

TEST(StateIo, SaysWhereTheStateEnds) {
  const std::vector<std::uint8_t> bytes(5);
  StateReader in(bytes);
  double value = 0;
  EXPECT_EQ(error_of([&] { in.read(value); }),
            "saved state ends after 5 bytes, more were expected");
}

TEST(StateIo, ASizeBeyondTheStateIsAnErrorBeforeAnythingIsAllocated) {
  StateWriter out;
  out.write(std::uint64_t{1} << 60);
  std::vector<double> values;
  StateReader in(out.bytes());
  EXPECT_THAT(error_of([&] { in.read(values); }),
              testing::StartsWith("saved state names 1152921504606846976 values"));
}

TEST(StateIo, ARowOfAnotherLengthIsAnError) {
  StateWriter out;
  const std::vector<int> three = {1, 2, 3};
  out.write(Row<const int>(three));
  std::vector<int> two(2);
  StateReader in(out.bytes());
  EXPECT_EQ(error_of([&] { in.read(Row<int>(two)); }),
            "saved state has 3 values where 2 are expected");
}

}  // namespace
}  // namespace tern
