// SPDX-License-Identifier: MIT
// The null device, but accepting any dma-buf, like a GPU: for measurements.
#pragma once

#include <memory>
#include <utility>

#include "null/forwarding_device.h"

namespace daedalus::test {

class SharingDevice final : public ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;

  bool shares_dma_bufs() const override { return true; }
  Result<std::shared_ptr<Picture>> import_picture(int, const PictureLayout& layout) override {
    return create_picture(layout.format, layout.width, layout.height);
  }
};

}  // namespace daedalus::test
