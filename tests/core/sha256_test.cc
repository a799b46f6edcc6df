// Oracle: SHA-256 examples published by NIST (FIPS 180-4, "SHA-256 Example" and the CAVP
// one-million-'a' message).

#include "core/files/sha256.h"

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "core/files/file_io.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

TEST(Sha256, GivesTheDigestsThatNistPublishes) {
  EXPECT_EQ(sha256(as_bytes("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(as_bytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(as_bytes(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
  TemporaryFolder folder;
  write_file_durably(folder / "abc", as_bytes("abc"));
  EXPECT_EQ(sha256_of_file(folder / "abc"), sha256(as_bytes("abc")));
}

TEST(Sha256, OfAMissingFileNamesIt) {
  EXPECT_EQ(error_of([] { sha256_of_file("/nowhere/x.so"); }),
            "cannot read /nowhere/x.so: no such file or folder");
}

}  // namespace
}  // namespace tern
