//===- BundleViewTest.cpp - Reading bundles, good and bad -----------------===//

#include "ssmc/Runtime/BundleView.h"
#include "Support/TestBundle.h"
#include "ssmc/Bundle/Container.h"
#include "ssmc/IO/File.h"
#include "ssmc/Runtime/Plan.h"
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <random>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;
using bundle::BufferKind;

namespace {

/// The failure of reading `bytes`; empty where they are accepted.
std::string failureOf(std::vector<uint8_t> bytes) {
  Result<std::unique_ptr<BundleView>> result =
      BundleView::fromBytes(std::move(bytes), "bad.ssmb");
  if (result.ok())
    return "";
  EXPECT_EQ(result.status().code(), StatusCode::Invalid);
  return result.status().message();
}

TEST(BundleViewTest, ReadsWhatWasWritten) {
  auto view = toyModel().view();
  EXPECT_EQ(view->name(), "test.ssmb");
  EXPECT_EQ(view->body().kernels()->size(), 3u);
  EXPECT_EQ(view->kernel(2).name()->str(), "toy_advance");
  EXPECT_EQ(view->sectionCount(), 4u);
  EXPECT_EQ(view->section(1), toyModel().sections[0]);
  EXPECT_EQ(view->bitcode(), "BC");
  EXPECT_EQ(view->entryNames(), "'init', 'prefill', 'step'");
  ASSERT_NE(view->findEntry("step"), nullptr);
  EXPECT_EQ(view->findEntry("ste"), nullptr);
  EXPECT_EQ(view->fileSize(), toyModel().bytes().size());
  EXPECT_EQ(toyFunction().view()->bitcode(), "");
}

TEST(BundleViewTest, OpensFiles) {
  std::string path = testing::TempDir() + "bundle_view_test.ssmb";
  std::vector<uint8_t> bytes = toyModel().bytes();
  auto write = [&](std::string_view text) {
    ASSERT_TRUE(writeFileAtomically(path, text).ok());
  };
  write({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
  EXPECT_TRUE(BundleView::open(path).ok());
  write("{\"model_type\": \"mamba\", \"and\": \"more than a header\"}");
  auto other = BundleView::open(path);
  ASSERT_FALSE(other.ok());
  EXPECT_TRUE(contains(other.status().message(), "not an ssmc bundle"));
  write("");
  EXPECT_FALSE(BundleView::open(path).ok());
  remove(path.c_str());
  EXPECT_FALSE(BundleView::open(path).ok());
}

TEST(BundleViewTest, RefusesEveryTruncation) {
  std::vector<uint8_t> bytes = toyModel().bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string failure = failureOf({bytes.begin(), bytes.begin() + size});
    ASSERT_TRUE(contains(failure, "byte")) << size << ": " << failure;
    ASSERT_TRUE(contains(failure, "'bad.ssmb'")) << failure;
  }
  bytes.push_back(0);
  EXPECT_NE(failureOf(bytes), "");
}

TEST(BundleViewTest, RefusesEveryBitFlip) {
  TestBundle model = toyModel();
  // Enough that the whole file has at least 64 KiB.
  model.sections[0].append(62000, 'x');
  std::vector<uint8_t> bytes = model.bytes();
  ASSERT_GE(bytes.size(), 65536u);
  ASSERT_TRUE(BundleView::fromBytes(bytes, "good").ok());
  for (size_t i = 0; i < bytes.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] ^= 1 << bit;
      ASSERT_FALSE(BundleView::fromBytes(bytes, "bad").ok())
          << "byte " << i << " bit " << bit;
      bytes[i] ^= 1 << bit;
    }
}

/// `bytes` with the checksums of header, table and sections made right again.
void repairChecksums(std::vector<uint8_t> &bytes) {
  bundle::Header header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  auto text = [&](uint64_t begin, uint64_t size) {
    return std::string_view(reinterpret_cast<char *>(bytes.data()) + begin,
                            size);
  };
  for (uint32_t i = 0; i < header.sectionCount; ++i) {
    uint8_t *entry =
        bytes.data() + sizeof(header) + i * sizeof(bundle::Section);
    bundle::Section section;
    std::memcpy(&section, entry, sizeof(section));
    if (section.offset <= bytes.size() &&
        section.size <= bytes.size() - section.offset)
      section.checksum = bundle::checksum(text(section.offset, section.size));
    std::memcpy(entry, &section, sizeof(section));
  }
  header.checksum = 0;
  std::memcpy(bytes.data(), &header, sizeof(header));
  header.checksum = bundle::checksum(
      text(0, sizeof(header) + header.sectionCount * sizeof(bundle::Section)));
  std::memcpy(bytes.data(), &header, sizeof(header));
}

TEST(BundleViewTest, NamesWhatIsWrongWithTheContainer) {
  struct Case {
    size_t offset;
    uint64_t value;
    size_t size;
    const char *message;
  };
  const size_t table = sizeof(bundle::Header);
  const Case cases[] = {
      {0, 'X', 1, "not an ssmc bundle"},
      {8, 2, 4, "bundle format version 2, this program reads version 1"},
      {12, 300, 4, "300 sections"},
      {12, 0, 4, "0 sections"},
      {16, 5, 8, "the file should have 5 bytes"},
      {24, 5, 8, "header and section table"},
      {table, 64, 8, "section 0"},
      {table + 8, UINT64_MAX, 8, "section 0"},
      {table + 8, 16, 8, "section 0"},
      {table + 16, 1, 8, "section 0"},
      {table + 24, UINT64_MAX, 8, "section 1"},
      {table + 24, 0, 8, "section 1"},
  };
  for (const Case &test : cases) {
    std::vector<uint8_t> bytes = toyModel().bytes();
    std::memcpy(bytes.data() + test.offset, &test.value, test.size);
    // The header's own checksum must not hide what comes after it.
    if (test.offset >= table) {
      bundle::Header header;
      std::memcpy(&header, bytes.data(), sizeof(header));
      header.checksum = 0;
      std::memcpy(bytes.data(), &header, sizeof(header));
      header.checksum = bundle::checksum(
          {reinterpret_cast<char *>(bytes.data()),
           table + header.sectionCount * sizeof(bundle::Section)});
      std::memcpy(bytes.data(), &header, sizeof(header));
    }
    std::string failure = failureOf(bytes);
    EXPECT_TRUE(contains(failure, test.message))
        << test.message << " not in: " << failure;
  }
}

TEST(BundleViewTest, RefusesPaddingThatIsNotZero) {
  std::vector<uint8_t> bytes = toyFunction().bytes();
  size_t tableEnd = sizeof(bundle::Header) + 2 * sizeof(bundle::Section);
  ASSERT_EQ(tableEnd, 80u);
  for (size_t at : {tableEnd, size_t{127}}) {
    bytes[at] = 1;
    EXPECT_TRUE(
        contains(failureOf(bytes), "padding at byte " + std::to_string(at)));
    bytes[at] = 0;
  }
}

TEST(BundleViewTest, RefusesABodyThatIsNoFlatBuffer) {
  for (std::string_view body : {"", "SSMB", "\x08\0\0\0SSMBxxxxxxxxxxxx"}) {
    auto bytes = bundle::assembleContainer({body});
    EXPECT_TRUE(contains(failureOf(*bytes), "section 0 (body) at byte 64"));
  }
}

/// Each spoils the toy model in one place. The message must name the place.
struct Spoiled {
  const char *path;
  std::function<void(TestBundle &)> change;
};

const Spoiled kSpoiled[] = {
    {"kernels[1]", [](TestBundle &b) { b.kernels[1].name = "toy_negate"; }},
    {"kernels[1]", [](TestBundle &b) { b.kernels[1].name = ""; }},
    {"kernels[0]", [](TestBundle &b) { b.kernels[0].block = {32, 1}; }},
    {"kernels[0]", [](TestBundle &b) { b.kernels[0].block = {0, 1, 1}; }},
    {"kernels[0]", [](TestBundle &b) { b.kernels[0].block = {1025, 1, 1}; }},
    {"kernels[0]", [](TestBundle &b) { b.kernels[0].block = {33, 32, 1}; }},
    {"kernels[0]", [](TestBundle &b) { b.kernels[0].block = {1, 1, 65}; }},
    {"kernels[0]",
     [](TestBundle &b) { b.kernels[0].block = {1u << 31, 1u << 31, 4}; }},
    {"kernels[0]",
     [](TestBundle &b) { b.kernels[0].numPointers = UINT32_MAX; }},
    {"images[0]", [](TestBundle &b) { b.images[0].arch = "sm_"; }},
    {"images[0]", [](TestBundle &b) { b.images[0].arch = "sm_90x"; }},
    {"images[0]", [](TestBundle &b) { b.images[0].arch = "gfx942"; }},
    {"images[0]", [](TestBundle &b) { b.images[0].arch = "sm_99999999"; }},
    {"images[1]", [](TestBundle &b) { b.images[1].arch = "sm_80"; }},
    {"images[0]", [](TestBundle &b) { b.images[0].section = 0; }},
    {"images[0]", [](TestBundle &b) { b.images[0].section = 4; }},
    {"images[0]", [](TestBundle &b) { b.sections[0] = ""; }},
    {"images[1].cubin_section",
     [](TestBundle &b) { b.images[1].cubinSection = 4; }},
    {"images[1].cubin_section",
     [](TestBundle &b) { b.images[1].cubinSection = UINT32_MAX; }},
    // Another image's PTX, and the beginning of an ELF header.
    {"images[1].cubin_section",
     [](TestBundle &b) { b.images[1].cubinSection = 1; }},
    {"images[1].cubin_section",
     [](TestBundle &b) {
       b.images[1].cubinSection = 3;
       b.sections[2] = "\x7f"
                       "EL";
     }},
    {"images[1].section",
     [](TestBundle &b) {
       b.images[1].cubinSection = b.images[1].section = 3;
       b.sections[2] = "\x7f"
                       "ELF";
     }},
    {"bitcode_section", [](TestBundle &b) { b.bitcodeSection = UINT32_MAX; }},
    {"parameters[0]",
     [](TestBundle &b) { b.parameters[0].dtype = static_cast<DType>(10); }},
    {"parameters[0]",
     [](TestBundle &b) { b.parameters[0].shape = {1ull << 32, 1ull << 32}; }},
    {"parameters[0]",
     [](TestBundle &b) { b.parameters[0].shape.assign(17, 1); }},
    {"states[1]", [](TestBundle &b) { b.states.push_back(b.states[0]); }},
    {"derived[0]", [](TestBundle &b) { b.derived[0].shape = {UINT64_MAX}; }},
    {"entries[2]", [](TestBundle &b) { b.entries[2].name = "init"; }},
    {"entries[1].dims[1]",
     [](TestBundle &b) { b.entries[1].dims[1] = "batch"; }},
    {"entries[0]", [](TestBundle &b) { b.entries[0].dims = {"n"}; }},
    {"entries[0].buffers[0]",
     [](TestBundle &b) { b.entries[0].buffers[0].kind = BufferKind::Input; }},
    {"entries[1].buffers[0]",
     [](TestBundle &b) {
       b.entries[1].buffers[0].kind = static_cast<BufferKind>(6);
     }},
    {"entries[1].buffers[0]",
     [](TestBundle &b) { b.entries[1].buffers[0].dtype = 10; }},
    {"entries[1].buffers[0]",
     [](TestBundle &b) { b.entries[1].buffers[0].name = ""; }},
    {"entries[1].buffers[6]",
     [](TestBundle &b) {
       b.entries[1].buffers.push_back(b.entries[1].buffers[0]);
     }},
    {"entries[1].buffers[0]",
     [](TestBundle &b) { b.entries[1].buffers[0].shape[0] = dim(3); }},
    {"entries[1].buffers[0]",
     [](TestBundle &b) { b.entries[1].buffers[0].shape[0] = {}; }},
    {"entries[1].buffers[1]",
     [](TestBundle &b) { b.entries[1].buffers[1].rules = {TestRule()}; }},
    {"entries[1].buffers[2]",
     [](TestBundle &b) {
       b.entries[1].buffers[2].dtype = static_cast<uint8_t>(DType::I32);
       b.entries[1].buffers[2].rules = {TestRule()};
     }},
    {"entries[1].buffers[0].rules[1]",
     [](TestBundle &b) {
       b.entries[1].buffers[0].rules.resize(2);
       b.entries[1].buffers[0].rules[1].kind =
           static_cast<bundle::InputRuleKind>(2);
     }},
    {"entries[1].buffers[0].rules[0]",
     [](TestBundle &b) {
       b.entries[1].buffers[0].rules.resize(1);
       b.entries[1].buffers[0].rules[0].limit = dim(3);
     }},
    {"entries[1].buffers[2]",
     [](TestBundle &b) { b.entries[1].buffers[2].index = 1; }},
    {"entries[1].buffers[2]",
     [](TestBundle &b) { b.entries[1].buffers[2].dtype = 2; }},
    {"entries[1].buffers[2]",
     [](TestBundle &b) { b.entries[1].buffers[2].shape = {constant(9)}; }},
    {"entries[1].buffers[2]",
     [](TestBundle &b) { b.entries[1].buffers[2].shape = {}; }},
    {"entries[1].buffers[3]",
     [](TestBundle &b) { b.entries[1].buffers[3].shape = {constant(1)}; }},
    {"entries[1].buffers[4]",
     [](TestBundle &b) { b.entries[1].buffers[4].lastStep = 3; }},
    {"entries[1].buffers[4]",
     [](TestBundle &b) { b.entries[1].buffers[4].firstStep = 2; }},
    {"entries[1].steps[1].pointers[0]",
     [](TestBundle &b) { b.entries[1].buffers[4].lastStep = 0; }},
    {"entries[1].steps[0]",
     [](TestBundle &b) {
       b.entries[1].steps[0].action = bundle::StepAction::NONE;
     }},
    {"entries[1].steps[1]",
     [](TestBundle &b) { b.entries[1].steps[1].kernel = 3; }},
    {"entries[1].steps[1]",
     [](TestBundle &b) { b.entries[1].steps[1].grid.pop_back(); }},
    {"entries[1].steps[1]",
     [](TestBundle &b) { b.entries[1].steps[1].pointers.pop_back(); }},
    {"entries[1].steps[1]",
     [](TestBundle &b) { b.entries[1].steps[1].scalars.pop_back(); }},
    {"entries[1].steps[1].grid[2]",
     [](TestBundle &b) { b.entries[1].steps[1].grid[2] = dim(9); }},
    {"entries[1].steps[1].scalars[0]",
     [](TestBundle &b) { b.entries[1].steps[1].scalars[0] = {}; }},
    {"entries[1].steps[1].cost",
     [](TestBundle &b) {
       b.entries[1].steps[1].cost = {constant(1), constant(2), dim(9)};
     }},
    {"entries[1].steps[1].pointers[1]",
     [](TestBundle &b) { b.entries[1].steps[1].pointers[1].buffer = 6; }},
    {"entries[1].steps[1].pointers[1].offset",
     [](TestBundle &b) { b.entries[1].steps[1].pointers[1].offset = dim(3); }},
    {"entries[1].steps[0].target",
     [](TestBundle &b) { b.entries[1].steps[0].pointers[1].buffer = 6; }},
    {"entries[1].steps[0].bytes",
     [](TestBundle &b) { b.entries[1].steps[0].scalars[0] = {}; }},
    {"entries[1].steps[0]",
     [](TestBundle &b) { b.entries[1].steps[0].pointers[1].buffer = 2; }},
    {"entries[1].steps[0]",
     [](TestBundle &b) { b.entries[1].steps[0].pointers[1].buffer = 0; }},
    {"model.vocab_size", [](TestBundle &b) { b.model->vocabSize = 0; }},
    {"model.vocab_size",
     [](TestBundle &b) { b.model->vocabSize = 1ull << 31; }},
    {"model.vocab_size", [](TestBundle &b) { b.model->byteLevel = true; }},
    {"model.eos_token_id", [](TestBundle &b) { b.model->eos = 8; }},
    {"model.eos_token_id", [](TestBundle &b) { b.model->eos = -2; }},
};

/// The same for a bundle of variants.
const Spoiled kSpoiledVariants[] = {
    {"variant_groups[0]", [](TestBundle &b) { b.groups[0].name = ""; }},
    {"variant_groups[1]",
     [](TestBundle &b) { b.groups.resize(2, b.groups[0]); }},
    {"variant_groups[1]",
     [](TestBundle &b) {
       b.groups.resize(2, b.groups[0]);
       b.groups[1].name = "other";
     }},
    {"variant_groups[0]", [](TestBundle &b) { b.groups[0].labels.resize(1); }},
    {"variant_groups[0].labels[2]",
     [](TestBundle &b) { b.groups[0].labels[2] = "direct"; }},
    {"entries[0].steps[0]",
     [](TestBundle &b) { b.entries[0].steps[0].group = 1; }},
    {"entries[0].steps[0]", [](TestBundle &b) { b.groups.clear(); }},
    {"entries[0].steps[0]",
     [](TestBundle &b) { b.entries[0].steps[0].alternatives.pop_back(); }},
    {"entries[0].steps[0].alternatives[1]",
     [](TestBundle &b) {
       b.entries[0].steps[0].alternatives[1].steps.clear();
     }},
    {"entries[0].steps[0].alternatives[1].steps[0]",
     [](TestBundle &b) {
       b.entries[0].steps[0].alternatives[1].steps[0] = b.entries[0].steps[0];
     }},
    {"entries[0].steps[0].alternatives[1].steps[1]",
     [](TestBundle &b) {
       b.entries[0].steps[0].alternatives[1].steps[1].kernel = 1;
     }},
    {"entries[0].steps[0].alternatives[1].steps[0].target",
     [](TestBundle &b) {
       b.entries[0].steps[0].alternatives[1].steps[0].pointers[1].buffer = 9;
     }},
    {"entries[0].steps[0].alternatives[1]",
     [](TestBundle &b) {
       b.entries[0].steps[0].alternatives[0].cost = dim(0);
     }},
    {"entries[0].steps[0].alternatives[2].cost",
     [](TestBundle &b) {
       auto &alternatives = b.entries[0].steps[0].alternatives;
       alternatives[0].cost = alternatives[1].cost = dim(0);
       alternatives[2].cost = dim(2);
     }},
    {"entries[0].buffers[3]",
     [](TestBundle &b) { b.entries[0].buffers[3].lastStep = 1; }},
};

template <size_t N>
void expectPlaces(TestBundle (*make)(), const Spoiled (&cases)[N]) {
  EXPECT_TRUE(make().read().ok());
  for (size_t i = 0; i < N; ++i) {
    TestBundle spoiled = make();
    cases[i].change(spoiled);
    std::string failure = failureOf(spoiled.bytes());
    std::string place =
        std::string("section 0 (body) at byte 128: ") + cases[i].path + ":";
    EXPECT_TRUE(contains(failure, place))
        << "case " << i << ", expected " << place << ", found " << failure;
  }
}

TEST(BundleViewTest, NamesTheFieldThatMakesNoSense) {
  expectPlaces(toyModel, kSpoiled);
  expectPlaces(toyVariants, kSpoiledVariants);
}

TEST(BundleViewTest, EscapesNames) {
  TestBundle model = toyModel();
  model.kernels[1].name = model.kernels[0].name = "evil\x1b[2J";
  std::string failure = failureOf(model.bytes());
  EXPECT_EQ(failure.find('\x1b'), std::string::npos) << failure;
  EXPECT_TRUE(contains(failure, "occurs twice"));
}

/// Random bytes changed, with the checksums right: whatever is accepted must be
/// safe to use.
void damage(const std::vector<uint8_t> &good, int rounds) {
  std::mt19937_64 random(1);
  int accepted = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<uint8_t> bytes = good;
    for (uint64_t change = random() % 3 + 1; change != 0; --change) {
      // Beyond the header: its fields have their own test above.
      size_t at = 128 + random() % (bytes.size() - 128);
      const uint8_t values[] = {0,    1,    0x7f,
                                0x80, 0xff, static_cast<uint8_t>(random())};
      bytes[at] = values[random() % std::size(values)];
    }
    repairChecksums(bytes);
    Result<std::unique_ptr<BundleView>> view =
        BundleView::fromBytes(std::move(bytes), "fuzzed");
    if (!view.ok())
      continue;
    ++accepted;
    for (const bundle::Entry *entry : *(*view)->body().entries())
      for (uint32_t alternative = 0; alternative < 2; ++alternative) {
        ChoiceTable choices;
        for (uint32_t g = 0; g < (*view)->variantGroupCount(); ++g)
          choices.force(g, alternative);
        (void)planEntry(**view, *entry,
                        std::vector<uint64_t>(entry->dims()->size(), 3),
                        choices);
      }
  }
  // Both outcomes must have been seen, or the test shows nothing.
  EXPECT_GT(accepted, rounds / 300);
  EXPECT_LT(accepted, rounds - rounds / 300);
}

TEST(BundleViewTest, SurvivesDamageThatChecksumsDoNotShow) {
  damage(toyModel().bytes(), 30000);
  damage(toyVariants().bytes(), 20000);
}

TEST(ContainerTest, RefusesNoSectionsAndTooMany) {
  EXPECT_FALSE(bundle::assembleContainer({}).ok());
  std::vector<std::string_view> many(bundle::kMaxSections, "x");
  EXPECT_TRUE(bundle::assembleContainer(many).ok());
  many.push_back("x");
  EXPECT_FALSE(bundle::assembleContainer(many).ok());
}

} // namespace
