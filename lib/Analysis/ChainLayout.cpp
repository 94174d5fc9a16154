//===- ChainLayout.cpp - A warp of a chained scan -------------------------===//

#include "ssmc/Analysis/ChainLayout.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <array>
#include <limits>
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

/// Words of a lane's store of its own step values, and of a load of them.
static int64_t wordsOfAccess(int64_t words) {
  return std::gcd(kWordsPerAccess, words);
}

int64_t ChainLayout::countPasses(int64_t ofOwnSteps, int64_t ofChannels) const {
  int64_t words = wordsOfAccess(ownWords());
  int64_t stores =
      ownWords() / words * ::countPasses(kBanks / words, [&](int64_t lane) {
        return channelLaneOf(lane) * ofChannels +
               stateLaneOf(lane) % shape.steps * ofOwnSteps;
      });
  int64_t all = shape.steps * shape.sharedValues;
  words = wordsOfAccess(all);
  int64_t loads =
      all / words *
      ::countPasses(std::min(kWarpSize, 2 * kBanks / words), [&](int64_t lane) {
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
  int64_t own = ownWords(), all = shape.steps * shape.sharedValues;
  // A load takes values of several lanes' own steps where one lane has not
  // enough of them, and those have to be neighbours.
  int64_t mostMore = own % kWordsPerAccess == 0 ? kBanks / 2 : 0;
  auto leastPitch = [&](int64_t more) {
    return int64_t(llvm::alignTo(sharing * (own + more), kWordsPerAccess));
  };
  // As many words a pass as there are banks, and loads for two lanes at a time.
  int64_t ideal =
      shape.width *
      (own * kWarpSize / kBanks +
       all / wordsOfAccess(all) *
           std::max<int64_t>(1, wordsOfAccess(all) * kWarpSize / kBanks / 2));
  int64_t fewest = std::numeric_limits<int64_t>::max();
  for (int64_t pitch = leastPitch(0); pitch < leastPitch(mostMore) + kBanks;
       pitch += kWordsPerAccess)
    for (int64_t more = 0; more <= mostMore && leastPitch(more) <= pitch;
         more += kWordsPerAccess) {
      int64_t passes = countPasses(own + more, pitch);
      if (passes >= fewest)
        continue;
      fewest = passes;
      stepsPitch = own + more;
      channelPitch = pitch;
      if (fewest == ideal)
        return;
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
