// SPDX-License-Identifier: MIT
// A picture's buffers, which vaRenderPicture keeps for vaEndPicture.
#pragma once

#include <va/va.h>

#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "va/buffer.h"

namespace daedalus::va {

// The buffer's element `index`. The caller must have checked that it exists and is at least as
// large as Parameters.
template <typename Parameters>
Parameters element(const BufferContents& contents, std::size_t index) {
  Parameters parameters;
  memcpy(&parameters, contents.memory.get() + index * contents.element_size, sizeof(parameters));
  return parameters;
}

// Empty unless the buffer holds exactly one of them.
template <typename Parameters>
std::optional<Parameters> only_element(const BufferContents& contents) {
  if (contents.element_size < sizeof(Parameters) || contents.num_elements != 1) return {};
  return element<Parameters>(contents, 0);
}

// Slice parameters and slice data. A parameter buffer may hold several slices; both kinds may
// arrive in several vaRenderPicture calls, in either order.
class SliceBuffers {
 public:
  // `parameters_size`: of the codec's VASliceParameterBuffer*, which must begin like
  // VASliceParameterBufferBase.
  SliceBuffers(std::size_t parameters_size, std::size_t max_slices)
      : parameters_size_(parameters_size), max_slices_(max_slices) {}

  void clear();

  // These refuse what cannot be a slice of this codec, and more than max_slices slices.
  VAStatus add_parameters(const BufferContents& contents);
  VAStatus add_data(const BufferContents& contents);

  struct Slice {
    const std::byte* parameters;
    std::span<const std::byte> data;

    template <typename Parameters>
    Parameters read() const {
      Parameters copy;
      memcpy(&copy, parameters, sizeof(copy));
      return copy;
    }
  };

  // Copies the data of all slices to `memory`, which keeps its capacity.
  VAStatus collect(std::vector<std::byte>& memory);
  // The collected slices, in the order of their parameters. Valid until `memory` or this changes.
  std::span<const Slice> slices() const { return slices_; }

 private:
  const BufferContents* data_of(std::size_t buffer, std::size_t slice) const;
  VAStatus copy(const BufferContents& parameters, std::size_t buffer, std::size_t& room,
                std::vector<std::byte>& memory);

  const std::size_t parameters_size_, max_slices_;
  std::vector<BufferContents> parameters_, data_;
  std::size_t num_slices_ = 0;
  std::vector<Slice> slices_;  // a member so that it keeps its memory
};

}  // namespace daedalus::va
