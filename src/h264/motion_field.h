// What a reference picture leaves behind for the direct prediction of later B pictures
// (H.264 8.4.1.2): its motion, and which pictures it referred to, as they were when it was decoded.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace daedalus::h264 {

struct alignas(16) ColocatedMb {
  // mvCol of each 4x4 block in raster order: list 0's where it predicts from list 0, else list 1's.
  std::array<std::array<int16_t, 2>, 16> mv;
  // For each 8x8 quarter: refIdxCol, -1 where intra; and the serial of the picture it refers to.
  std::array<int8_t, 4> ref_idx;
  std::array<uint32_t, 4> ref_serial;
};

struct MotionField {
  uint32_t serial = 0;  // names the decoded picture; never reused within a decoder
  int32_t pic_order_cnt = 0;
  std::vector<ColocatedMb> mbs;
};

}  // namespace daedalus::h264
