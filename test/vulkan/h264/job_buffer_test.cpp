// SPDX-License-Identifier: MIT
// The memory of a job.
#include "vulkan/h264/job_buffer.h"

#include <gtest/gtest.h>

namespace daedalus::vulkan {
namespace {

TEST(H264JobLayout, IsBoundedByThePicture) {
  for (const auto& [width, height] :
       {std::pair{1u, 1u}, {4u, 4u}, {1u, 256u}, {120u, 68u}, {256u, 256u}}) {
    const H264JobLayout layout(width, height);
    EXPECT_LE(
        layout.bytes(layout.max_coefficients()),
        uint64_t{width} * height * h264::max_job_bytes_per_mb + h264::max_job_bytes_per_picture)
        << width << " x " << height;
  }
}

}  // namespace
}  // namespace daedalus::vulkan
