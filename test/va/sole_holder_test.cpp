// SPDX-License-Identifier: MIT
// is_sole_holder(). ThreadSanitizer checks that other holders' accesses happen before.
#include "daedalus/sole_holder.h"

#include <gtest/gtest.h>

#include <thread>

namespace daedalus {

namespace {

TEST(SoleHolder, IsWhoeverIsLeft) {
  auto first = std::make_shared<int>(1);
  EXPECT_TRUE(is_sole_holder(first));
  auto second = first;
  EXPECT_FALSE(is_sole_holder(first));
  EXPECT_FALSE(is_sole_holder(second));
  first.reset();
  EXPECT_TRUE(is_sole_holder(second));
  EXPECT_EQ(second.use_count(), 1);
}

TEST(SoleHolder, MayWriteWhatAnotherThreadHasJustRead) {
  const auto value = std::make_shared<int>(0);
  for (int round = 0; round < 100; ++round) {
    std::thread reader([held = value, round] { EXPECT_EQ(*held, round); });
    while (!is_sole_holder(value)) std::this_thread::yield();
    ++*value;
    reader.join();
  }
}

}  // namespace

}  // namespace daedalus
