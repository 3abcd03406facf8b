// SPDX-License-Identifier: MIT
// Translates V4L2's H.264 controls into the decode core's structures.
#pragma once

#include <linux/v4l2-controls.h>

#include <cstddef>
#include <span>
#include <vector>

#include "daedalus/h264/picture.h"
#include "daedalus/h264/slice_header.h"

namespace daedalus::v4l2 {

struct H264Controls {
  v4l2_ctrl_h264_sps sps;
  v4l2_ctrl_h264_pps pps;
  v4l2_ctrl_h264_scaling_matrix scaling_matrix;
  v4l2_ctrl_h264_decode_params decode_params;
};

// References keep the slots of the client's dpb.
h264::PictureParameters h264_picture(const H264Controls& controls);
h264::HeaderParameters h264_header(const H264Controls& controls);

// The slices of one picture's byte stream (Annex B), without other NAL units and slices that cannot
// be decoded. `slices` points into `bitstream`.
void parse_slices(std::span<const std::byte> bitstream, const h264::PictureParameters& picture,
                  const h264::HeaderParameters& header, h264::SliceHeaderParser& parser,
                  std::vector<h264::SliceParameters>& slices);

}  // namespace daedalus::v4l2
