// SPDX-License-Identifier: MIT
#include "reference/av1/filters.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "reference/av1/cdef.h"
#include "reference/av1/deblocking.h"
#include "reference/av1/restoration.h"
#include "reference/av1/superres.h"

namespace daedalus::av1::scalar {
namespace {

// A frame between two filters, which owns its memory.
class Frame {
 public:
  Frame(uint32_t bit_depth, uint32_t width, uint32_t height) {
    const uint32_t padded_width = in_units(width) * 4, padded_height = in_units(height) * 4;
    const uint32_t pitch = padded_width * (bit_depth == 8 ? 1 : 2);
    memory_.resize(std::size_t{pitch} * padded_height * 3 / 2);
    view_ = {memory_.data(), pitch, pitch * padded_height, bit_depth};
  }
  const PictureView& view() const { return view_; }

 private:
  std::vector<std::byte> memory_;
  PictureView view_;
};

void copy(const PictureJob& job, const PictureView& from, const PictureView& to) {
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const int sub = component == Component::y ? 0 : 1;
    if (sub && job.monochrome) break;
    for (int y = 0; y < static_cast<int>(job.height + sub) >> sub; ++y)
      for (int x = 0; x < static_cast<int>(job.upscaled_width + sub) >> sub; ++x)
        to.plane(component).set(x, y, from.plane(component)(x, y));
  }
}

void fill_chroma(const PictureJob& job, const PictureView& target) {
  for (const Component component : {Component::cb, Component::cr})
    for (int y = 0; y < static_cast<int>(job.height + 1) / 2; ++y)
      for (int x = 0; x < static_cast<int>(job.upscaled_width + 1) / 2; ++x)
        target.plane(component).set(x, y, 1 << (job.bit_depth - 1));
}

}  // namespace

void filter_picture(const PictureJob& job, const PictureView& recon, const PictureView& target) {
  deblock_picture(job, recon);
  const Frame cdef(job.bit_depth, job.width, job.height);
  if (job.cdef) cdef_picture(job, recon, cdef.view());
  PictureView deblocked = recon, filtered = job.cdef ? cdef.view() : recon;
  const Frame upscaled_recon(job.bit_depth, job.upscaled_width, job.height);
  const Frame upscaled_filtered(job.bit_depth, job.upscaled_width, job.height);
  if (job.superres_denominator != 8) {
    upscale_picture(job, deblocked, upscaled_recon.view());
    upscale_picture(job, filtered, upscaled_filtered.view());
    deblocked = upscaled_recon.view();
    filtered = upscaled_filtered.view();
  }
  if (std::any_of(job.restoration.begin(), job.restoration.end(),
                  [](Restoration type) { return type != Restoration::none; })) {
    restore_picture(job, deblocked, filtered, target);
  } else {
    copy(job, filtered, target);
  }
  if (job.monochrome) fill_chroma(job, target);
}

}  // namespace daedalus::av1::scalar
