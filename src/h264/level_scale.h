// SPDX-License-Identifier: MIT
// Tables of a job that depend on the picture parameters (H.264 8.5.8, 8.5.9).
#pragma once

#include "daedalus/h264/job.h"
#include "daedalus/h264/picture.h"

namespace daedalus::h264 {

// QP_C of a QP_Y without QpBdOffset.
uint32_t chroma_qp(int qp_y, int chroma_qp_index_offset);

// LevelScale4x4(m, i, j) and LevelScale8x8(m, i, j) in raster order, of weightScale in zig-zag
// order.
void level_scale_4x4(const std::array<uint8_t, 16>& scaling_list, uint32_t m,
                     uint32_t (&scale)[16]);
void level_scale_8x8(const std::array<uint8_t, 64>& scaling_list, uint32_t m,
                     uint32_t (&scale)[64]);

void write_tables(const PictureParameters& picture, PictureTables& tables);

}  // namespace daedalus::h264
