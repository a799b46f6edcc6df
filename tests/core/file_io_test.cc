// Laws (what was written is read; a failed write leaves the old content), and error texts for what
// disks do to files.

#include "core/files/file_io.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "core/error.h"
#include "tests/error_of.h"
#include "tests/small_disk.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// While it lives, no file of this process grows past `bytes`: a full disk in miniature.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  struct rlimit before_ = {};
  void (*handler_)(int) = SIG_DFL;
};

TEST(FileIo, WhatIsWrittenIsRead) {
  TemporaryFolder folder;
  const std::string path = folder / "a.bin";
  for (const std::size_t size : {0u, 1u, 4096u, 1'000'003u}) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    write_file_durably(path, bytes);
    EXPECT_EQ(read_file(path), bytes) << size;
    EXPECT_EQ(file_bytes(path), static_cast<std::int64_t>(size));
  }
  EXPECT_THAT(list_folder(folder.path()), ElementsAre("a.bin")) << "a temporary file was left";
}

TEST(FileIo, ADurableWriteReplacesTheFileAsAWholeSoThatAReaderOfTheOldOneKeepsIt) {
  TemporaryFolder folder;
  const std::string path = folder / "pointer";
  write_file_durably(path, as_bytes("old"));
  struct stat before = {}, after = {};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  const int old_file = ::open(path.c_str(), O_RDONLY);
  ASSERT_GE(old_file, 0);
  write_file_durably(path, as_bytes("new"));
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_NE(before.st_ino, after.st_ino);
  char text[4] = {};
  EXPECT_EQ(::read(old_file, text, 3), 3);
  ::close(old_file);
  EXPECT_STREQ(text, "old");
  EXPECT_EQ(read_text_file(path), "new");
}

TEST(FileIo, AFailedWriteLeavesTheOldContentAndNoTemporaryFile) {
  TemporaryFolder folder;
  const std::string path = folder / "a";
  write_file_durably(path, as_bytes("old"));
  {
    const FileSizeLimit limit(1000);
    EXPECT_EQ(error_of([&] { write_file_durably(path, Bytes(5000)); }),
              "cannot write " + path +
                  ": the file would exceed this process's size limit (see 'ulimit -f') (5.0 kB "
                  "were wanted)");
  }
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_THAT(list_folder(folder.path()), ElementsAre("a"));
}

TEST(FileIo, AFullDiskIsNamedWithWhatWasWantedAndWhatIsFree) {
  AppendFile full("/dev/full");  // the kernel's device that is always full
  EXPECT_THAT(error_of([&] { full.write("step,seconds\n"); }),
              StartsWith("cannot write /dev/full: the disk is full (13 bytes were wanted, "));
}

TEST(FileIo, AFullFileSystemLeavesTheOldContent) {
  const SmallDisk folder("64k");
  if (!folder.is_mounted()) {
    GTEST_SKIP() << "only root may mount a small disk; the size limit above stands for it";
  }
  const std::string path = folder / "a";
  write_file_durably(path, as_bytes("old"));
  EXPECT_THAT(error_of([&] { write_file_durably(path, Bytes(100'000)); }),
              StartsWith("cannot write " + path + ": the disk is full (100.0 kB were wanted, "));
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_THAT(list_folder(folder.path()), ElementsAre("a"));
  {
    AppendFile log(folder / "log");
    log.write("first\n");
    const std::string more(100'000, 'x');
    EXPECT_THAT(error_of([&] { log.write(more); }), HasSubstr("the disk is full"));
    EXPECT_EQ(read_text_file(folder / "log"), "first\n") << "half a record was left";
    log.write("second\n");
    EXPECT_EQ(read_text_file(folder / "log"), "first\nsecond\n");
  }
}

TEST(FileIo, ARefusalNamesTheFileAndTheCause) {
  TemporaryFolder folder;
  const std::string file = folder / "file", missing = folder / "missing";
  write_file_durably(file, as_bytes("x"));
  const std::string& here = folder.path();
  EXPECT_EQ(error_of([&] { read_file(missing); }),
            "cannot read " + missing + ": no such file or folder");
  EXPECT_EQ(error_of([&] { read_file(here); }),
            "cannot read " + here + ": it is a folder, not a file");
  make_folder(folder / "sub");
  EXPECT_EQ(error_of([&] { write_file_durably(folder / "sub", as_bytes("x")); }),
            "cannot write " + (folder / "sub") + ": it is a folder, not a file");
  EXPECT_EQ(error_of([&] { write_file_durably(missing + "/a", as_bytes("x")); }),
            "cannot create " + missing + "/a: no such file or folder");
  EXPECT_EQ(error_of([&] { write_new_file(file, as_bytes("y")); }),
            "cannot create " + file + ": that name is taken already");
  EXPECT_EQ(error_of([&] { make_folders(file + "/a/b"); }),
            "cannot create the folder " + file + ": it is a file, not a folder");
  EXPECT_EQ(error_of([&] { make_folder(file + "/a"); }),
            "cannot create the folder " + file + "/a: a part of the path is a file, not a folder");
  EXPECT_EQ(error_of([&] { AppendFile append(here); }),
            "cannot open " + here + ": it is a folder, not a file");
  EXPECT_EQ(error_of([&] { list_folder(missing); }),
            "cannot list the folder " + missing + ": no such file or folder");
  EXPECT_EQ(error_of([&] { cut_file(missing, 0); }),
            "cannot shorten " + missing + ": no such file or folder");
  EXPECT_EQ(read_text_file(file), "x");
  EXPECT_THAT(list_folder(here), ElementsAre("file", "sub")) << "a temporary file was left";
}

TEST(FileIo, AFolderWithoutPermissionIsSaidSo) {
  TemporaryFolder folder;
  const std::string path = folder / "a";
  ASSERT_EQ(::chmod(folder.path().c_str(), 0500), 0);
  const bool is_root = ::geteuid() == 0;  // whom no folder refuses
  ASSERT_EQ(is_root ? ::seteuid(65534) : 0, 0);
  const std::string message = error_of([&] { write_file_durably(path, as_bytes("x")); });
  ASSERT_EQ(is_root ? ::seteuid(0) : 0, 0);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
  EXPECT_EQ(message, "cannot create " + path + ": permission denied");
}

TEST(FileIo, RemovingATreeTakesAllOfItAndAMissingOneIsFine) {
  TemporaryFolder folder;
  make_folders(folder / "a/b/c");
  write_new_file(folder / "a/b/c/file", as_bytes("x"));
  remove_tree(folder / "a");
  remove_tree(folder / "a");
  remove_file(folder / "a");
  EXPECT_THAT(list_folder(folder.path()), IsEmpty());
}

TEST(FileIo, AFolderIsMadeOnce) {
  TemporaryFolder folder;
  EXPECT_TRUE(make_folder(folder / "a"));
  EXPECT_FALSE(make_folder(folder / "a"));
  make_folders(folder / "a/b/");
  make_folders(folder / "a/b/");
  EXPECT_TRUE(is_folder(folder / "a/b"));
}

TEST(FileIo, AFolderIsNotRenamedOntoOneThatHoldsSomething) {
  TemporaryFolder folder;
  make_folders(folder / "a");
  make_folders(folder / "b/c");
  EXPECT_EQ(
      error_of([&] { rename_durably(folder / "a", folder / "b"); }),
      "cannot rename " + (folder / "a") + " to " + (folder / "b") + ": that name is taken already");
}

TEST(FileIo, AnAppendedRecordIsInTheFileAtOnce) {
  TemporaryFolder folder;
  AppendFile file(folder / "log");
  file.write("one\n");
  EXPECT_EQ(read_text_file(folder / "log"), "one\n");
  AppendFile moved = std::move(file);
  moved.write("two\n");
  moved.start_sync();
  EXPECT_EQ(read_text_file(folder / "log"), "one\ntwo\n");
  EXPECT_EQ(moved.size(), 8);
}

TEST(FileIo, FreeSpaceOfAFolderYetToBeMadeIsThatOfItsDisk) {
  TemporaryFolder folder;
  EXPECT_GT(free_disk_bytes(folder.path()), 0);
  EXPECT_GT(free_disk_bytes(folder / "not/yet/made"), 0);
  EXPECT_GT(free_disk_bytes("not-yet-made/either"), 0);
}

TEST(FileIo, SizesAreWrittenForPeople) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(999), "999 bytes");
  EXPECT_EQ(size_text(1000), "1.0 kB");
  EXPECT_EQ(size_text(999'949), "999.9 kB");
  EXPECT_EQ(size_text(999'950), "1.0 MB");
  EXPECT_EQ(size_text(2'345'000'000), "2.3 GB");
}

}  // namespace
}  // namespace tern
