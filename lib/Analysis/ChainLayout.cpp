//===- ChainLayout.cpp - A warp of a chained scan -------------------------===//

#include "ssmc/Analysis/ChainLayout.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <array>
#include <numeric>

using namespace ssmc;

/// Words of the widest access, and banks.
static constexpr int64_t kWordsPerAccess = 4, kBanks = 32;

int64_t ChainLayout::channelLaneOf(int64_t lane) const {
  int64_t low = lane & ((1 << channelBits()) - 1);
  return low | (lane / shape.lanes & ~((1 << channelBits()) - 1));
}

int64_t ChainLayout::stateLaneOf(int64_t lane) const {
  return (lane >> channelBits()) % shape.lanes;
}

int64_t ChainLayout::statesPerLane() const {
  return llvm::divideCeil(shape.dstate, shape.lanes);
}

int64_t ChainLayout::ownSteps() const {
  return std::max<int64_t>(1, shape.steps / shape.lanes);
}

int64_t ChainLayout::rowsWords() const {
  return int64_t(llvm::alignTo(shape.steps * shape.dstate, kWordsPerAccess));
}

int64_t ChainLayout::valueAt(int64_t channel, int64_t step,
                             int64_t value) const {
  return values + channel * channelPitch + step / ownSteps() * stepsPitch +
         step % ownSteps() * shape.sharedValues + value;
}

/// Passes of an access by each of 32 lanes, so many at a time: a bank gives one
/// of their addresses a pass.
static int64_t
countPasses(int64_t lanesAtATime,
            llvm::function_ref<int64_t(int64_t lane)> addressOf) {
  int64_t passes = 0;
  for (int64_t first = 0; first < ChainLayout::kWarpSize;
       first += lanesAtATime) {
    llvm::SmallVector<int64_t, ChainLayout::kWarpSize> addresses;
    std::array<int64_t, kBanks> ofBank = {};
    for (int64_t lane = first; lane < first + lanesAtATime; ++lane) {
      int64_t address = addressOf(lane);
      if (llvm::is_contained(addresses, address))
        continue;
      addresses.push_back(address);
      ++ofBank[size_t(address % kBanks)];
    }
    passes += *std::max_element(ofBank.begin(), ofBank.end());
  }
  return passes;
}

int64_t ChainLayout::countPasses(int64_t ofOwnSteps, int64_t ofChannels) const {
  int64_t words = std::gcd(kWordsPerAccess, ownWords());
  int64_t lanes = kBanks / words;
  int64_t stores = ownWords() / words * ::countPasses(lanes, [&](int64_t lane) {
                     return channelLaneOf(lane) * ofChannels +
                            stateLaneOf(lane) % shape.steps * ofOwnSteps;
                   });
  words = std::gcd(kWordsPerAccess, shape.steps * shape.sharedValues);
  lanes = std::min(kWarpSize, 2 * kBanks / words);
  int64_t loads = shape.steps * shape.sharedValues / words *
                  ::countPasses(lanes, [&](int64_t lane) {
                    return channelLaneOf(lane) * ofChannels;
                  });
  return shape.width * (stores + loads);
}

int64_t ChainLayout::valuePasses() const {
  return shape.lanes == 1 || ownWords() == 0
             ? 0
             : countPasses(stepsPitch, channelPitch);
}

/// Of all pitches that accesses of 16 bytes allow, those with the fewest
/// passes, then the least memory.
void ChainLayout::choosePitches() {
  int64_t sharing = std::min(shape.lanes, shape.steps);
  stepsPitch = ownWords();
  channelPitch = int64_t(llvm::alignTo(sharing * stepsPitch, kWordsPerAccess));
  int64_t fewest = countPasses(stepsPitch, channelPitch);
  // A load takes values of several lanes' own steps where one lane has not
  // enough of them, and those have to be neighbours.
  bool canSpread = ownWords() % kWordsPerAccess == 0;
  for (int64_t more = 0; more <= (canSpread ? kBanks / 2 : 0);
       more += kWordsPerAccess) {
    int64_t ofOwn = ownWords() + more;
    int64_t least = int64_t(llvm::alignTo(sharing * ofOwn, kWordsPerAccess));
    for (int64_t pad = 0; pad < kBanks; pad += kWordsPerAccess) {
      int64_t passes = countPasses(ofOwn, least + pad);
      if (passes > fewest || (passes == fewest && least + pad >= channelPitch))
        continue;
      fewest = passes;
      stepsPitch = ofOwn;
      channelPitch = least + pad;
    }
  }
}

ChainLayout::ChainLayout(const ChainShape &shape) : shape(shape) {
  values = total = shape.sharedRows * rowsWords();
  if (shape.lanes > 1 && shape.sharedValues > 0) {
    choosePitches();
    total += channels() * channelPitch;
  }
  slots = total;
  if (shape.warps > 1)
    total += int64_t(llvm::alignTo(shape.width * statesPerLane() * kWarpSize,
                                   kWordsPerAccess));
}
