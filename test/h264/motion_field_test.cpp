// SPDX-License-Identifier: MIT
#include "h264/motion_field.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace daedalus::h264 {
namespace {

TEST(MotionField, ReadersOfARowWaitForItsMacroblocks) {
  MotionField field;
  field.begin(4, 3);
  field.add_parsed(0, 4);
  field.wait_for_row(0);  // although later rows are still empty
  std::atomic<bool> there = false;
  std::thread reader([&] {
    field.wait_for_row(1);
    EXPECT_TRUE(there);
    EXPECT_EQ(field.mbs[7].ref_idx[0], 5);
  });
  field.add_parsed(1, 1);  // by one slice
  std::this_thread::sleep_for(
      std::chrono::milliseconds(20));  // lets a reader that does not wait go ahead
  field.mbs[7].ref_idx[0] = 5;
  there = true;
  field.add_parsed(1, 3);  // by another slice
  field.add_parsed(2, 4);
  reader.join();
}

TEST(MotionField, FinishedMotionNeedsNoWait) {
  MotionField field;
  field.begin(4, 3);
  std::thread reader([&] {
    for (uint32_t row = 0; row < 3; ++row) field.wait_for_row(row);
  });
  field.add_parsed(1, 2);
  field.finish();  // a slice is broken
  reader.join();
  field.begin(4, 3);
  field.finish();
  field.wait_for_row(2);
}

}  // namespace
}  // namespace daedalus::h264
