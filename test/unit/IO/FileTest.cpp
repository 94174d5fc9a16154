//===- FileTest.cpp - Whole and partial files -----------------------------===//

#include "ssmc/IO/File.h"
#include "TemporaryDirectory.h"
#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace ssmc;
using namespace ssmc::test;
namespace fs = std::filesystem;

using FileTest = TemporaryDirectory;

TEST_F(FileTest, ReadsWholeFiles) {
  std::string bytes("a\0b\n", 4);
  auto text = readFile(write("x", bytes), 4);
  ASSERT_TRUE(succeeds(text));
  EXPECT_EQ(*text, bytes);
  auto empty = readFile(write("empty", ""), 0);
  ASSERT_TRUE(succeeds(empty));
  EXPECT_EQ(*empty, "");
}

TEST_F(FileTest, RefusesWhatIsNoFileOrTooLong) {
  EXPECT_TRUE(fails(readFile(path("none"), 10), "No such file"));
  EXPECT_TRUE(fails(readFile(directory_, 10), "Is a directory"));
  EXPECT_TRUE(fails(readFile("/dev/zero", 10), "not a regular file"));
  EXPECT_TRUE(
      fails(readFile(write("x", "abc"), 2), "has 3 bytes, expected at most 2"));
  EXPECT_TRUE(fails(readFile(std::string("a\0b", 3), 2), "NUL byte"));
}

TEST_F(FileTest, DoesNotWaitForPipes) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(fails(readFile(path("pipe"), 10), "not a regular file"));
}

TEST_F(FileTest, ReadsRanges) {
  auto file = RandomAccessFile::open(write("x", "0123456789"));
  ASSERT_TRUE(succeeds(file));
  EXPECT_EQ(file->size(), 10u);
  char buffer[4] = {};
  EXPECT_TRUE(succeeds(file->read(6, buffer, 4)));
  EXPECT_EQ(std::string(buffer, 4), "6789");
  EXPECT_TRUE(succeeds(file->read(10, buffer, 0)));
  EXPECT_TRUE(fails(file->read(7, buffer, 4), "it has 10"));
  EXPECT_TRUE(fails(file->read(~uint64_t{0}, buffer, 4), "it has 10"));
}

TEST_F(FileTest, KeepsItsDescriptorWhenMoved) {
  auto file = RandomAccessFile::open(write("x", "0123456789"));
  ASSERT_TRUE(succeeds(file));
  RandomAccessFile first = std::move(*file);
  auto other = RandomAccessFile::open(write("y", "abc"));
  ASSERT_TRUE(succeeds(other));
  *other = std::move(first);
  char c = 0;
  EXPECT_TRUE(succeeds(other->read(9, &c, 1)));
  EXPECT_EQ(c, '9');
}

TEST_F(FileTest, NoticesThatAFileBecameShorter) {
  std::string name = write("x", std::string(1000, 'x'));
  auto file = RandomAccessFile::open(name);
  ASSERT_TRUE(succeeds(file));
  fs::resize_file(name, 10);
  char buffer[100];
  EXPECT_TRUE(fails(file->read(0, buffer, 100), "became shorter"));
  EXPECT_TRUE(succeeds(file->read(0, buffer, 10)));
}

TEST_F(FileTest, WritesAndReplaces) {
  ASSERT_TRUE(succeeds(writeFileAtomically(path("x"), "old")));
  ASSERT_TRUE(succeeds(writeFileAtomically(path("x"), {"ne", "", "w"})));
  EXPECT_EQ(read(path("x")), "new");
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(FileTest, LeavesNothingBehindOnFailure) {
  EXPECT_TRUE(fails(writeFileAtomically(path("no/x"), "a"), "No such file"));
  fs::create_directory(path("dir"));
  EXPECT_TRUE(
      fails(writeFileAtomically(path("dir"), "a"), "not a regular file"));
  EXPECT_TRUE(fails(writeFileAtomically("", "a"), "not the name of a file"));
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(FileTest, KeepsTheOldFileWhenTheDiskIsFull) {
  std::string name = write("x", "old");
  // A limit on the size of files stands in for a full disk.
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tiny = {100, before.rlim_max};
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tiny), 0);
  Status status = writeFileAtomically(name, std::string(1000, 'n'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(fails(status, "File too large"));
  EXPECT_EQ(read(name), "old");
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(FileTest, NeverReplacesADevice) {
  EXPECT_TRUE(
      fails(writeFileAtomically("/dev/null", "a"), "not a regular file"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(FileTest, StepsAsideForAnAbandonedTemporaryFile) {
  std::string stale = path("x") + ".tmp-" + std::to_string(getpid()) + "-0";
  std::ofstream(stale) << "stale";
  ASSERT_TRUE(succeeds(writeFileAtomically(path("x"), "new")));
  EXPECT_EQ(read(path("x")), "new");
  EXPECT_EQ(read(stale), "stale");
}

TEST_F(FileTest, ResolvesPlainNamesOnly) {
  (void)write("a", "");
  auto inside = resolveInside(directory_, "a");
  ASSERT_TRUE(succeeds(inside));
  EXPECT_EQ(*inside, path("a"));
  for (std::string name :
       {"", ".", "..", "../a", "/etc/passwd", "x/../a", "./a", "a/", "..\\a"})
    EXPECT_TRUE(fails(resolveInside(directory_, name), "plain file name"))
        << name;
  EXPECT_TRUE(fails(resolveInside(directory_, std::string_view("a\0b", 3)),
                    "plain file name"));
  EXPECT_TRUE(fails(resolveInside(directory_, std::string(5000, 'a')),
                    "plain file name"));
  EXPECT_TRUE(fails(resolveInside(directory_, "b"), "No such file"));
}

TEST_F(FileTest, FollowsNoLinkOutOfTheDirectory) {
  fs::create_directory(path("model"));
  (void)write("secret", "");
  (void)write("model/a", "");
  fs::create_symlink("../secret", path("model/out"));
  fs::create_symlink("a", path("model/in"));
  EXPECT_TRUE(fails(resolveInside(path("model"), "out"), "link out"));
  EXPECT_TRUE(succeeds(resolveInside(path("model"), "in")));
}

TEST_F(FileTest, FollowsTheLinksOfAHuggingFaceCache) {
  fs::create_directories(path("m/snapshots/1234"));
  fs::create_directory(path("m/blobs"));
  (void)write("m/blobs/abcd", "");
  (void)write("m/other", "");
  fs::create_symlink("../../blobs/abcd", path("m/snapshots/1234/a"));
  fs::create_symlink("../../other", path("m/snapshots/1234/b"));
  EXPECT_TRUE(succeeds(resolveInside(path("m/snapshots/1234"), "a")));
  EXPECT_TRUE(fails(resolveInside(path("m/snapshots/1234"), "b"), "link out"));
}

TEST_F(FileTest, KnowsWhatExists) {
  (void)write("a", "");
  fs::create_symlink("none", path("dangling"));
  EXPECT_TRUE(isDirectory(directory_));
  EXPECT_FALSE(isDirectory(path("a")));
  EXPECT_TRUE(pathExists(path("a")));
  EXPECT_TRUE(pathExists(path("dangling")));
  EXPECT_FALSE(pathExists(path("b")));
  EXPECT_EQ(joinPath("a", "b"), "a/b");
  EXPECT_EQ(joinPath("a/", "b"), "a/b");
  EXPECT_EQ(joinPath("", "b"), "b");
}
