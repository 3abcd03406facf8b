// SPDX-License-Identifier: MIT
#include "v4l2/codec.h"

namespace daedalus::v4l2 {

Result<std::unique_ptr<Codec>> create_codec(Device& device, const CodecWish& wish) {
  switch (wish.codec) {
    case DAEDALUS_V4L2_H264:
      return create_h264(device, wish);
    case DAEDALUS_V4L2_VP9:
      return create_vp9(device, wish);
    case DAEDALUS_V4L2_AV1:
      return create_av1(device, wish);
    default:
      return tl::unexpected(Error::unsupported);
  }
}

}  // namespace daedalus::v4l2
