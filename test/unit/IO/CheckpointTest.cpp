//===- CheckpointTest.cpp - One file or shards with an index --------------===//

#include "TemporaryDirectory.h"
#include "ssmc/IO/Safetensors.h"

using namespace ssmc;
using namespace ssmc::test;
namespace fs = std::filesystem;

namespace {
class CheckpointTest : public TemporaryDirectory {
protected:
  static HostTensor value(float x) {
    return tensorOf<float>(DType::F32, {1}, {x});
  }
  void writeShards() const {
    ASSERT_TRUE(succeeds(writeSafetensors(path("s1.safetensors"),
                                          {{"c", value(3)}, {"a", value(1)}})));
    ASSERT_TRUE(succeeds(writeSafetensors(path("s2.safetensors"),
                                          {{"b", value(2)}, {"x", value(9)}})));
  }
  [[nodiscard]] std::string writeIndex(const std::string &text) const {
    return write("model.safetensors.index.json", text);
  }
};
} // namespace

static const char *kIndex = R"({"metadata": {"total_size": 12}, "weight_map":
  {"a": "s1.safetensors", "b": "s2.safetensors", "c": "s1.safetensors"}})";

TEST_F(CheckpointTest, OpensOneFile) {
  ASSERT_TRUE(succeeds(writeSafetensors(path("model.safetensors"),
                                        {{"b", value(2)}, {"a", value(1)}})));
  for (const std::string &name : {directory_, path("model.safetensors")}) {
    auto checkpoint = Checkpoint::open(name);
    ASSERT_TRUE(succeeds(checkpoint));
    EXPECT_EQ(checkpoint->path(), path("model.safetensors"));
    ASSERT_EQ(checkpoint->tensors().size(), 2u);
    EXPECT_EQ(checkpoint->tensors()[0].name, "a");
    EXPECT_EQ(toDoubles(*checkpoint->load("b")), std::vector<double>{2});
    EXPECT_TRUE(fails(checkpoint->load("c"), "no tensor 'c'"));
  }
}

TEST_F(CheckpointTest, JoinsShards) {
  writeShards();
  std::string index = writeIndex(kIndex);
  for (const std::string &name : {directory_, index}) {
    auto checkpoint = Checkpoint::open(name);
    ASSERT_TRUE(succeeds(checkpoint));
    EXPECT_EQ(checkpoint->files().size(), 2u);
    // The index decides: it does not list x.
    ASSERT_EQ(checkpoint->tensors().size(), 3u);
    EXPECT_EQ(checkpoint->find("x"), nullptr);
    double expected = 1;
    for (const char *tensor : {"a", "b", "c"}) {
      auto loaded = checkpoint->load(tensor);
      ASSERT_TRUE(succeeds(loaded));
      EXPECT_EQ(toDoubles(*loaded), std::vector<double>{expected});
      float direct = 0;
      ASSERT_TRUE(succeeds(checkpoint->read(*checkpoint->find(tensor), 0,
                                            &direct, sizeof(direct))));
      EXPECT_EQ(direct, expected++);
    }
  }
}

TEST_F(CheckpointTest, PrefersTheSingleFile) {
  writeShards();
  (void)writeIndex(kIndex);
  ASSERT_TRUE(
      succeeds(writeSafetensors(path("model.safetensors"), {{"z", value(1)}})));
  auto checkpoint = Checkpoint::open(directory_);
  ASSERT_TRUE(succeeds(checkpoint));
  EXPECT_NE(checkpoint->find("z"), nullptr);
}

TEST_F(CheckpointTest, SaysWhatIsMissing) {
  EXPECT_TRUE(fails(Checkpoint::open(path("none")), "No such file"));
  EXPECT_TRUE(fails(Checkpoint::open(directory_),
                    "has neither model.safetensors nor "
                    "model.safetensors.index.json"));
  writeShards();
  fs::remove(path("s2.safetensors"));
  (void)writeIndex(kIndex);
  EXPECT_TRUE(fails(Checkpoint::open(directory_),
                    "index.json: weight_map.b: cannot open"));
  (void)writeIndex(R"({"weight_map": {"b": "s1.safetensors"}})");
  EXPECT_TRUE(fails(Checkpoint::open(directory_),
                    "weight_map.b: 's1.safetensors' has no such tensor"));
  (void)write("s2.safetensors", "garbage garbage");
  (void)writeIndex(kIndex);
  EXPECT_TRUE(fails(Checkpoint::open(directory_), "weight_map.b: "));
}

TEST_F(CheckpointTest, RefusesMalformedIndexes) {
  writeShards();
  const std::pair<const char *, const char *> cases[] = {
      {"", "not valid JSON: byte 0"},
      {"[]", "found a list of 0"},
      {"{}", "with a key weight_map"},
      {R"({"weight_map": []})", "weight_map: expected an object"},
      {R"({"weight_map": {"a": 1}})", "weight_map.a: expected a file name"},
      {R"({"weight_map": {"a": "s1.safetensors", "a": "s1.safetensors"}})",
       "twice"},
      {R"({"weight_map": {"a": ""}})", "plain file name"},
      {R"({"weight_map": {"a": ".."}})", "plain file name"},
      {R"({"weight_map": {"a": "../s1.safetensors"}})", "plain file name"},
      {R"({"weight_map": {"a": "/etc/passwd"}})", "plain file name"},
      {R"({"weight_map": {"a": "s1.safetensors\u0000"}})", "plain file name"},
      {R"({"weight_map": {"a": "link"}})", "link out of its directory"},
      {R"({"weight_map": {"a": "sub"}})", "Is a directory"},
  };
  fs::create_symlink("/etc/passwd", path("link"));
  fs::create_directory(path("sub"));
  for (const auto &[text, message] : cases) {
    (void)writeIndex(text);
    EXPECT_TRUE(fails(Checkpoint::open(directory_), message)) << text;
  }
}

TEST_F(CheckpointTest, RefusesEveryTruncationOfTheIndex) {
  writeShards();
  std::string text = kIndex;
  for (size_t length = 0; length < text.size(); ++length) {
    (void)writeIndex(text.substr(0, length));
    ASSERT_TRUE(fails(Checkpoint::open(directory_), "not valid JSON"))
        << length;
  }
}
