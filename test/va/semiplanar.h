// SPDX-License-Identifier: MIT
// A surface's samples as the driver keeps them.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::test {

// Waits for the surface. Returns rows of NV12, or P010 with 10 bits, without padding; empty if the
// driver refused.
std::vector<std::byte> read_semiplanar(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                       uint32_t width, uint32_t height);

// The same as I420, as software decoders output it: with 10 bits in words that use the low bits.
std::vector<uint8_t> read_planar(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                 uint32_t width, uint32_t height);

}  // namespace daedalus::test
