// SPDX-License-Identifier: MIT
#include "vulkan/picture.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "daedalus/file_descriptor.h"
#include "vulkan/implicit_fences.h"

namespace daedalus::vulkan {

namespace {

bool decoders_write(PictureFormat format) {
  return traits_of(format).planes == 2;
}

}  // namespace

// Shaders access a picture as one storage buffer.
PictureSize max_picture_size(const VkPhysicalDeviceLimits& limits, PictureFormat format) {
  constexpr uint32_t rows = 16;
  const uint32_t bytes = picture_layout(format, max_picture_side, rows).size;
  return {max_picture_side,
          std::min(max_picture_side, limits.maxStorageBufferRange / bytes * rows)};
}

Result<std::shared_ptr<VulkanPicture>> VulkanPicture::create(std::shared_ptr<DeviceState> device,
                                                             PictureFormat format, uint32_t width,
                                                             uint32_t height) {
  const auto most = max_picture_size(device->gpu->physical().limits, format);
  if (width == 0 || height == 0 || width > most.width || height > most.height) {
    return tl::unexpected(Error::invalid_parameter);
  }
  const auto layout = picture_layout(format, width, height);
  std::shared_ptr<VulkanPicture> picture(new VulkanPicture(std::move(device), layout));
  const auto use = decoders_write(format) ? MemoryUse::reference : MemoryUse::picture;
  auto buffer = Buffer::create(*picture->device_->gpu, use, layout.size);
  if (!buffer) return tl::unexpected(buffer.error());
  picture->buffer_ = std::move(*buffer);
  if (auto filled = picture->fill_black(); !filled) return tl::unexpected(filled.error());
  return picture;
}

void VulkanPicture::LastSubmits::add(const Submits& submits) {
  for (uint32_t queue = 0; queue < max_queues; ++queue) {
    uint64_t known = numbers_[queue];
    while (known < submits[queue] &&
           !numbers_[queue].compare_exchange_weak(known, submits[queue])) {
    }
  }
}

Submits VulkanPicture::LastSubmits::get() const {
  Submits submits;
  std::copy(numbers_.begin(), numbers_.end(), submits.begin());
  return submits;
}

// Stages keep a picture while their submits use it, but a lost device may still execute a submit
// that nobody waits for any more.
VulkanPicture::~VulkanPicture() {
  if (is_shared()) close(dma_buf());
  Queues& queues = device_->gpu->queues();
  if (!queues.lost() || queues.release_all()) return;
  buffer_.leak();
  coded_.leak();
}

namespace {

// The size of each chroma plane in bytes.
uint64_t chroma_size(const PictureLayout& layout) {
  const uint32_t planes = traits_of(layout.format).planes;
  if (planes == 1) return 0;
  const uint32_t pitch = planes == 2 ? layout.pitch : layout.pitch / 2;
  return uint64_t{pitch} * ((layout.height + 1) / 2);
}

// How much memory the planes take. They may be in any order.
uint64_t end_of_planes(const PictureLayout& layout) {
  const uint64_t first_plane = uint64_t{layout.pitch} * layout.height;
  const uint64_t last_chroma = std::max(layout.chroma_offset, layout.cr_offset);
  return std::max(first_plane, last_chroma + chroma_size(layout));
}

bool has_sound_rows(const PictureLayout& layout) {
  constexpr uint32_t max_side = max_picture_side;
  const FormatTraits traits = traits_of(layout.format);
  const uint32_t row_samples = traits.rgb ? layout.width : (layout.width + 1) / 2 * 2;
  // Planes that decoders write have room for whole macroblocks.
  const uint32_t pitch_unit = traits.planes == 2 ? 16 * traits.sample_bytes : 16;
  return layout.width > 0 && layout.height > 0 && layout.width <= max_side &&
         layout.height <= max_side && layout.pitch % pitch_unit == 0 &&
         layout.pitch <= 16 * max_side && layout.pitch >= row_samples * traits.sample_bytes;
}

// Whether rows and planes lie inside the memory and do not overlap.
bool is_sound(const PictureLayout& layout) {
  if (!has_sound_rows(layout) || end_of_planes(layout) > layout.size) return false;
  const uint32_t planes = traits_of(layout.format).planes;
  const uint64_t first_plane = uint64_t{layout.pitch} * layout.height;
  if (planes == 1) return true;
  if (planes == 2) return layout.chroma_offset % 16 == 0 && first_plane <= layout.chroma_offset;
  const auto [first, second] = std::minmax(layout.chroma_offset, layout.cr_offset);
  return first % 4 == 0 && second % 4 == 0 && first_plane <= first &&
         first + chroma_size(layout) <= second;
}

}  // namespace

Result<std::shared_ptr<VulkanPicture>> VulkanPicture::import(std::shared_ptr<DeviceState> device,
                                                             int dma_buf,
                                                             const PictureLayout& described) {
  if (!device->gpu->shares_dma_bufs()) return tl::unexpected(Error::unsupported);
  if (!is_sound(described)) return tl::unexpected(Error::invalid_parameter);
  PictureLayout layout = described;
  const uint64_t coded_plane = uint64_t{layout.pitch} * layout.coded_height();
  const bool decoded = decoders_write(layout.format);
  const bool has_room = !decoded || (coded_plane <= layout.chroma_offset &&
                                     layout.chroma_offset + coded_plane / 2 <= layout.size);
  if (has_room && decoded) {
    layout.width = layout.coded_width();
    layout.height = layout.coded_height();
  }
  layout.size = static_cast<uint32_t>(end_of_planes(layout));

  std::shared_ptr<VulkanPicture> picture(new VulkanPicture(std::move(device), layout));
  const auto use = decoded && has_room ? MemoryUse::reference : MemoryUse::picture;
  auto buffer = Buffer::import(*picture->device_->gpu, use, dma_buf, layout.size);
  if (!buffer) return tl::unexpected(buffer.error());
  picture->buffer_ = std::move(*buffer);
  if (auto kept = picture->keep(dma_buf); !kept) return tl::unexpected(kept.error());
  if (!has_room) {
    if (auto made = picture->make_room(); !made) return tl::unexpected(made.error());
  }
  return picture;
}

// With the client's pitch, so that whole planes can be copied.
Result<void> VulkanPicture::make_room() {
  coded_layout_ = layout_;
  coded_layout_.width = layout_.coded_width();
  coded_layout_.height = layout_.coded_height();
  coded_layout_.chroma_offset = layout_.pitch * coded_layout_.height;
  coded_layout_.size = coded_layout_.chroma_offset / 2 * 3;
  auto buffer = Buffer::create(*device_->gpu, MemoryUse::reference, coded_layout_.size);
  if (!buffer) return tl::unexpected(buffer.error());
  coded_ = std::move(*buffer);
  return device_->transfer.fill_black(coded_, coded_layout_);
}

std::optional<VulkanPicture::PlaneCopies> VulkanPicture::copies_after_decoding() const {
  if (has_room()) return {};
  const VkDeviceSize luma = VkDeviceSize{layout_.pitch} * layout_.height;
  const VkDeviceSize chroma = VkDeviceSize{layout_.pitch} * ((layout_.height + 1) / 2);
  return PlaneCopies{
      coded_.get(),
      buffer_.get(),
      {{{0, 0, luma}, {coded_layout_.chroma_offset, layout_.chroma_offset, chroma}}}};
}

Result<int> VulkanPicture::export_dma_buf() {
  if (!device_->gpu->shares_dma_bufs()) return tl::unexpected(Error::unsupported);
  const auto exported = buffer_.export_dma_buf(*device_->gpu);
  if (!exported) return exported;
  FileDescriptor fd(*exported);
  if (auto shared = share(fd.get()); !shared) return tl::unexpected(shared.error());
  return fd.release();
}

// Releases everything written so far to others; from here on submits transfer the ownership.
Result<void> VulkanPicture::share(int dma_buf) {
  if (is_shared()) return {};
  return device_->transfer.release_to_others(buffer_, uses()).and_then([&] {
    return keep(dma_buf);
  });
}

// The picture's own descriptor, kept for its lifetime. Several callers may race to create it.
Result<void> VulkanPicture::keep(int dma_buf) {
  const int own = fcntl(dma_buf, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return tl::unexpected(Error::out_of_memory);
  int none = -1;
  if (!dma_buf_.compare_exchange_strong(none, own)) close(own);
  return {};
}

// Writes before the memory was shared have no fence; they may be done.
bool VulkanPicture::has_fence() const {
  Submits unfenced = writes();
  const Submits fenced = last_fenced_.get();
  for (uint32_t queue = 0; queue < max_queues; ++queue)
    if (unfenced[queue] <= fenced[queue]) unfenced[queue] = 0;
  return device_->gpu->queues().are_done(unfenced);
}

Result<void> VulkanPicture::fill_black() {
  const auto samples = map();
  if (samples.empty()) return device_->transfer.fill_black(buffer_, layout_);
  const std::span words(reinterpret_cast<uint32_t*>(samples.data()),
                        layout_.size / sizeof(uint32_t));
  daedalus::fill_black(layout_, words);
  return {};
}

Result<void> VulkanPicture::wait(std::chrono::nanoseconds timeout) {
  return device_->gpu->queues().wait(writes(), timeout);
}

Result<void> VulkanPicture::wait_for_readers(std::chrono::nanoseconds timeout) {
  const auto start = std::chrono::steady_clock::now();
  const auto own = device_->gpu->queues().wait(uses(), timeout);
  if (!own || !is_shared()) return own;
  if (!wait_for_dma_buf(dma_buf(), timeout - (std::chrono::steady_clock::now() - start)))
    return tl::unexpected(Error::timeout);
  return {};
}

Result<void> VulkanPicture::download(std::span<std::byte> destination) {
  if (destination.size() != layout_.size) return tl::unexpected(Error::invalid_parameter);
  if (!buffer_.readable())
    return device_->transfer.download(buffer_, is_shared(), destination, writes());
  return wait(Queues::forever).map([&] {
    memcpy(destination.data(), map().data(), destination.size());
  });
}

Result<void> VulkanPicture::upload(std::span<const std::byte> source) {
  if (source.size() != layout_.size) return tl::unexpected(Error::invalid_parameter);
  if (map().empty()) {
    if (is_shared()) (void)wait_for_dma_buf(dma_buf(), Queues::usual_patience);
    return device_->transfer.upload(buffer_, is_shared(), source, uses());
  }
  return wait_for_readers(Queues::forever).map([&] {
    memcpy(map().data(), source.data(), source.size());
  });
}

namespace {

// A client's picture may end between two rows of a pair: then its last row stays as it is.
void add_copies_of_rows(uint64_t first_byte, uint32_t rows, const PictureLayout& layout,
                        Field field, std::vector<VkBufferCopy>& copies) {
  for (uint32_t row = 0; row + 1 < rows; row += 2) {
    const uint64_t top = first_byte + uint64_t{row} * layout.pitch, bottom = top + layout.pitch;
    copies.push_back(field == Field::top ? VkBufferCopy{top, bottom, layout.width}
                                         : VkBufferCopy{bottom, top, layout.width});
  }
}

std::vector<VkBufferCopy> copies_of_field(const PictureLayout& layout, Field field) {
  std::vector<VkBufferCopy> copies;
  copies.reserve(layout.height);
  add_copies_of_rows(0, layout.height, layout, field, copies);
  add_copies_of_rows(layout.chroma_offset, (layout.height + 1) / 2, layout, field, copies);
  return copies;
}

}  // namespace

Result<void> VulkanPicture::repeat_field(Field field) {
  if (is_shared()) (void)wait_for_dma_buf(dma_buf(), Queues::usual_patience);
  auto repeated =
      device_->transfer.copy_within(buffer_, is_shared(), copies_of_field(layout_, field), uses());
  if (!repeated || has_room()) return repeated;
  return device_->transfer.copy_within(coded_, false, copies_of_field(coded_layout_, field),
                                       uses());
}

}  // namespace daedalus::vulkan
