// SPDX-License-Identifier: MIT
// Tables 8-16 and 8-17 of ITU-T H.264 from indexA 15 on (all zero before).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "daedalus/h264/job.h"

namespace daedalus::vulkan {

inline constexpr std::size_t deblocking_table_size = 37;  // indexA 15 to 51

// alpha'
inline constexpr std::array<uint8_t, deblocking_table_size> alpha_table = {
    0,  4,  4,  5,  6,  7,  8,  9,  10,  12,  13,  15,  17,  20,  22,  25,  28,  32, 36,
    40, 45, 50, 56, 63, 71, 80, 90, 101, 113, 127, 144, 162, 182, 203, 226, 255, 255};

// t'C0 for bS 1, 2 and 3
inline constexpr std::array<std::array<uint8_t, 3>, deblocking_table_size> tc0_table = {{
    {0, 0, 0},    {0, 0, 0},    {0, 0, 1},  {0, 0, 1},   {0, 0, 1},   {0, 0, 1},   {0, 1, 1},
    {0, 1, 1},    {1, 1, 1},    {1, 1, 1},  {1, 1, 1},   {1, 1, 1},   {1, 1, 2},   {1, 1, 2},
    {1, 1, 2},    {1, 1, 2},    {1, 2, 3},  {1, 2, 3},   {2, 2, 3},   {2, 2, 4},   {2, 3, 4},
    {2, 3, 4},    {3, 3, 5},    {3, 4, 6},  {3, 4, 6},   {4, 5, 7},   {4, 5, 8},   {4, 6, 9},
    {5, 7, 10},   {6, 8, 11},   {6, 8, 13}, {7, 10, 14}, {8, 11, 16}, {9, 12, 18}, {10, 13, 20},
    {11, 15, 23}, {13, 17, 25},
}};

// In the form of JobHeader::deblocking.
constexpr auto pack_deblocking_table() {
  decltype(h264::JobHeader::deblocking) packed = {};
  for (std::size_t i = 0; i < deblocking_table_size; ++i)
    packed[i] = alpha_table[i] | static_cast<uint32_t>(tc0_table[i][0]) << 8 |
                static_cast<uint32_t>(tc0_table[i][1]) << 13 |
                static_cast<uint32_t>(tc0_table[i][2]) << 18;
  return packed;
}
inline constexpr auto deblocking_table = pack_deblocking_table();

}  // namespace daedalus::vulkan
