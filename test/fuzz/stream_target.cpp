// SPDX-License-Identifier: MIT
// Plays whole streams through the driver: submits the input's pictures as a VA client does.
#include <va/va.h>

#include <array>
#include <cstdlib>

#include "fuzz/linked_display.h"
#include "fuzz/recorded_picture.h"

namespace daedalus::fuzz {
namespace {

constexpr uint32_t max_mb_count = 22 * 18;
constexpr std::size_t max_data = std::size_t{1} << 16;

// Shared by all inputs, because opening a device is slow.
VADisplay display() {
  static VADisplay opened = open_linked_display();
  if (!opened) abort();
  return opened;
}

class Client {
 public:
  explicit Client(const RecordedPicture& first) {
    const uint32_t width = (first.parameters.picture_width_in_mbs_minus1 + 1u) * 16;
    const uint32_t height = (first.parameters.picture_height_in_mbs_minus1 + 1u) * 16;
    vaCreateConfig(display(), VAProfileH264High, VAEntrypointVLD, nullptr, 0, &config_);
    vaCreateContext(display(), config_, static_cast<int>(width), static_cast<int>(height),
                    VA_PROGRESSIVE, nullptr, 0, &context_);
    vaCreateSurfaces(display(), VA_RT_FORMAT_YUV420, width, height, surfaces_.data(),
                     static_cast<unsigned>(surfaces_.size()), nullptr, 0);
  }
  ~Client() {
    for (VASurfaceID surface : surfaces_) sync(surface);
    vaDestroyContext(display(), context_);
    vaDestroySurfaces(display(), surfaces_.data(), static_cast<int>(surfaces_.size()));
    vaDestroyConfig(display(), config_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void decode(RecordedPicture picture);

 private:
  void name_surface(VAPictureH264& picture) const {
    if (picture.picture_id < surfaces_.size()) picture.picture_id = surfaces_[picture.picture_id];
  }
  void name_surfaces(RecordedPicture& picture) const;
  bool render(VABufferType type, const void* data, std::size_t size);
  void sync(VASurfaceID surface) const;

  VAConfigID config_ = VA_INVALID_ID;
  VAContextID context_ = VA_INVALID_ID;
  std::array<VASurfaceID, 20> surfaces_{};
};

void Client::name_surfaces(RecordedPicture& picture) const {
  name_surface(picture.parameters.CurrPic);
  for (auto& reference : picture.parameters.ReferenceFrames) name_surface(reference);
  for (auto& slice : picture.slices) {
    for (auto& reference : slice.parameters.RefPicList0) name_surface(reference);
    for (auto& reference : slice.parameters.RefPicList1) name_surface(reference);
  }
}

bool Client::render(VABufferType type, const void* data, std::size_t size) {
  VABufferID buffer = VA_INVALID_ID;
  if (vaCreateBuffer(display(), context_, type, static_cast<unsigned>(size), 1,
                     const_cast<void*>(data), &buffer) != VA_STATUS_SUCCESS)
    return false;
  const bool taken = vaRenderPicture(display(), context_, &buffer, 1) == VA_STATUS_SUCCESS;
  vaDestroyBuffer(display(), buffer);
  return taken;
}

// After a refusal the client continues as if it had not noticed.
void Client::decode(RecordedPicture picture) {
  name_surfaces(picture);
  const auto& parameters = picture.parameters;
  if (vaBeginPicture(display(), context_, parameters.CurrPic.picture_id) != VA_STATUS_SUCCESS)
    return;
  render(VAPictureParameterBufferType, &parameters, sizeof(parameters));
  if (picture.matrices) render(VAIQMatrixBufferType, &*picture.matrices, sizeof(*picture.matrices));
  for (const auto& slice : picture.slices) {
    render(VASliceParameterBufferType, &slice.parameters, sizeof(slice.parameters));
    render(VASliceDataBufferType, slice.data.data(), slice.data.size());
  }
  vaEndPicture(display(), context_);
}

void Client::sync(VASurfaceID surface) const {
  vaSyncSurface(display(), surface);
  VASurfaceDecodeMBErrors* errors = nullptr;
  vaQuerySurfaceError(display(), surface, VA_STATUS_ERROR_DECODING_ERROR,
                      reinterpret_cast<void**>(&errors));
  for (int i = 0; errors && errors[i].status != -1; ++i)
    if (errors[i].start_mb > errors[i].end_mb) abort();
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus::fuzz;
  if (size > max_data) return 0;
  const auto pictures = read_pictures({data, size});
  for (const auto& picture : pictures)
    if (picture.mb_count() > max_mb_count) return 0;
  if (pictures.empty()) return 0;
  Client client(pictures.front());
  for (const auto& picture : pictures) client.decode(picture);
  return 0;
}
