// Oracle: the CRC-32C examples of RFC 3720 (iSCSI), appendix B.4, and the check value of the CRC
// catalogues.

#include "core/files/crc32c.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "core/files/file_io.h"

namespace tern {
namespace {

TEST(Crc32c, GivesTheValuesOfRfc3720) {
  EXPECT_EQ(crc32c(Bytes(32, 0x00)), 0x8a9136aau);
  EXPECT_EQ(crc32c(Bytes(32, 0xff)), 0x62a8ab43u);
  Bytes ascending(32);
  std::iota(ascending.begin(), ascending.end(), std::uint8_t{0});
  EXPECT_EQ(crc32c(ascending), 0x46dd794eu);
  const Bytes descending(ascending.rbegin(), ascending.rend());
  EXPECT_EQ(crc32c(descending), 0x113fdb5cu);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(Bytes()), 0u);
}

}  // namespace
}  // namespace tern
