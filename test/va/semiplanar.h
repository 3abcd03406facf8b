// SPDX-License-Identifier: MIT
// A surface's samples as the driver keeps them.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::test {

// Waits for the surface. Rows of NV12, or with 10 bits P010, without padding; empty where the
// driver refused.
std::vector<std::byte> read_semiplanar(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                       uint32_t width, uint32_t height);

// The same as I420, words with their low bits in use for 10 bits, as software decoders have it.
std::vector<uint8_t> read_planar(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                 uint32_t width, uint32_t height);

}  // namespace daedalus::test
