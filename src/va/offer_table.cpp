// SPDX-License-Identifier: MIT
// The driver's offers. A codec adds its rows here, and a folder with its session.
#include <array>

#include "daedalus/h264/job.h"
#include "va/av1/session.h"
#include "va/formats.h"
#include "va/h264/session.h"
#include "va/offers.h"
#include "va/video/session.h"
#include "va/vp9/session.h"

namespace daedalus::va {

namespace {

constexpr std::array decoding = {
    VAConfigAttrib{VAConfigAttribDecSliceMode, VA_DEC_SLICE_MODE_NORMAL},
    VAConfigAttrib{VAConfigAttribDecProcessing, VA_DEC_PROCESSING_NONE},
};

constexpr std::array av1_decoding = {
    decoding[0], decoding[1],
    VAConfigAttrib{VAConfigAttribDecAV1Features, 0},  // no large-scale tiles
};

constexpr Offer h264_row(VAProfile profile, uint32_t rt_formats = VA_RT_FORMAT_YUV420) {
  return {
      .profile = profile,
      .entrypoint = VAEntrypointVLD,
      .codec = Codec::h264,
      .rt_formats = rt_formats,
      .min_size = 16,
      .max_size = {h264::max_width_in_mbs * 16, h264::max_height_in_mbs * 16},
      .context_has_size = true,
      .attributes = decoding,
      .runs_on = nullptr,
      .create_session = H264Session::create,
  };
}

constexpr Offer vp9_row(VAProfile profile, uint32_t rt_formats) {
  return {
      .profile = profile,
      .entrypoint = VAEntrypointVLD,
      .codec = Codec::vp9,
      .rt_formats = rt_formats,
      .min_size = 1,
      .max_size = {vp9::max_width, vp9::max_height},
      .context_has_size = true,
      .attributes = decoding,
      .runs_on = nullptr,
      .create_session = Vp9Session::create,
  };
}

constexpr Offer av1_row() {
  return {
      .profile = VAProfileAV1Profile0,
      .entrypoint = VAEntrypointVLD,
      .codec = Codec::av1,
      .rt_formats = VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV420_10,
      .min_size = 1,
      .max_size = {av1::max_width, av1::max_height},
      .context_has_size = true,
      .attributes = av1_decoding,
      .runs_on = nullptr,
      .create_session = Av1Session::create,
  };
}

constexpr std::array table = {
    Offer{
        .profile = VAProfileNone,
        .entrypoint = VAEntrypointVideoProc,
        .codec = {},
        .rt_formats =
            VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV420_10 | VA_RT_FORMAT_YUV422 | VA_RT_FORMAT_RGB32,
        .min_size = 1,
        .max_size = {max_picture_side, max_picture_side},
        .context_has_size = false,
        .attributes = {},
        .runs_on = nullptr,
        .create_session = VideoSession::create,
    },
    h264_row(VAProfileH264ConstrainedBaseline),
    h264_row(VAProfileH264Main),
    // GStreamer's vaapih264dec asks for YUV400 if a stream is monochrome, others for YUV420.
    h264_row(VAProfileH264High, VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV400),
    vp9_row(VAProfileVP9Profile0, VA_RT_FORMAT_YUV420),
    vp9_row(VAProfileVP9Profile2, VA_RT_FORMAT_YUV420_10),
    av1_row(),
};

}  // namespace

Offers offer_table() {
  return table;
}

}  // namespace daedalus::va
