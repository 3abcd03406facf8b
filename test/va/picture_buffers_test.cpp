// SPDX-License-Identifier: MIT
// A picture's slices, however a client distributes them over buffers.
#include "va/picture_buffers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace daedalus::va {

namespace {

// A codec's slice parameters.
struct Parameters {
  VASliceParameterBufferBase base;
  uint32_t number;
};

Parameters parameters(uint32_t number, uint32_t offset, uint32_t size) {
  return {{size, offset, VA_SLICE_DATA_FLAG_ALL}, number};
}

BufferContents parameter_buffer(const std::vector<Parameters>& all) {
  std::shared_ptr<std::byte> memory(new std::byte[sizeof(Parameters) * all.size()],
                                    std::default_delete<std::byte[]>());
  memcpy(memory.get(), all.data(), sizeof(Parameters) * all.size());
  return {VASliceParameterBufferType, sizeof(Parameters), static_cast<uint32_t>(all.size()),
          std::move(memory)};
}

BufferContents data_buffer(std::string_view text) {
  std::shared_ptr<std::byte> memory(new std::byte[text.size()], std::default_delete<std::byte[]>());
  memcpy(memory.get(), text.data(), text.size());
  return {VASliceDataBufferType, static_cast<uint32_t>(text.size()), 1, std::move(memory)};
}

class PictureBuffers : public testing::Test {
 protected:
  void add(const std::vector<Parameters>& all) {
    EXPECT_EQ(buffers.add_parameters(parameter_buffer(all)), VA_STATUS_SUCCESS);
  }
  void add(std::string_view data) {
    EXPECT_EQ(buffers.add_data(data_buffer(data)), VA_STATUS_SUCCESS);
  }
  // "number:data " of each slice, or the status.
  std::string collect() {
    if (auto status = buffers.collect(memory); status != VA_STATUS_SUCCESS)
      return std::to_string(status);
    std::string text;
    for (const auto& slice : buffers.slices()) {
      text += std::to_string(slice.read<Parameters>().number) + ":";
      text.append(reinterpret_cast<const char*>(slice.data.data()), slice.data.size()) += ' ';
    }
    return text;
  }

  SliceBuffers buffers{sizeof(Parameters), 4};
  std::vector<std::byte> memory;
};

TEST_F(PictureBuffers, OneDataBufferForEachParameterBuffer) {
  add("abcd");
  add({parameters(1, 0, 2), parameters(2, 2, 2)});
  add({parameters(3, 1, 1)});
  add("xyz");
  EXPECT_EQ(collect(), "1:ab 2:cd 3:y ");
}

TEST_F(PictureBuffers, OneDataBufferForEachSlice) {
  add({parameters(1, 0, 1), parameters(2, 1, 2)});
  add({parameters(3, 0, 1)});
  for (const auto* data : {"a", "bcd", "e"}) add(data);
  EXPECT_EQ(collect(), "1:a 2:cd 3:e ");
}

TEST_F(PictureBuffers, OneDataBufferForAll) {
  add({parameters(1, 0, 1)});
  add({parameters(2, 1, 1)});
  add("ab");
  EXPECT_EQ(collect(), "1:a 2:b ");
}

TEST_F(PictureBuffers, RefuseWhatDoesNotFit) {
  const auto invalid_buffer = std::to_string(VA_STATUS_ERROR_INVALID_BUFFER);
  const auto invalid_parameter = std::to_string(VA_STATUS_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(collect(), invalid_buffer);
  const auto with_data = [&](const std::vector<Parameters>& slices, std::size_t data_buffers) {
    buffers.clear();
    add(slices);
    for (std::size_t i = 0; i < data_buffers; ++i) add("ab");
    return collect();
  };
  EXPECT_EQ(with_data({parameters(1, 0, 2)}, 0), invalid_buffer);
  EXPECT_EQ(with_data({parameters(1, 0, 2), parameters(2, 0, 2), parameters(3, 0, 1)}, 2),
            invalid_buffer);
  EXPECT_EQ(with_data({parameters(1, 0, 0)}, 1), invalid_parameter);
  EXPECT_EQ(with_data({parameters(1, 3, 1)}, 1), invalid_parameter);
  EXPECT_EQ(with_data({parameters(1, 1, 0xffffffff)}, 1), invalid_parameter);
  EXPECT_EQ(with_data({parameters(1, 0, 2), parameters(2, 0, 2)}, 1), invalid_parameter);
  EXPECT_EQ(with_data({parameters(1, 0, 1), parameters(2, 0, 1)}, 1), "1:a 2:a ");
}

TEST_F(PictureBuffers, HoldNoMoreSlicesThanAPictureHas) {
  add({parameters(1, 0, 1), parameters(2, 1, 1), parameters(3, 2, 1)});
  const auto more = [&](std::size_t count) {
    return buffers.add_parameters(
        parameter_buffer(std::vector<Parameters>(count, parameters(0, 0, 1))));
  };
  EXPECT_EQ(more(2), VA_STATUS_ERROR_MAX_NUM_EXCEEDED);
  EXPECT_EQ(more(1), VA_STATUS_SUCCESS);
  for (int i = 0; i < 4; ++i) add("a");
  EXPECT_EQ(buffers.add_data(data_buffer("a")), VA_STATUS_ERROR_MAX_NUM_EXCEEDED);
}

TEST_F(PictureBuffers, RefusePartsOfSlicesAndShortParameters) {
  auto part = parameters(1, 0, 1);
  part.base.slice_data_flag = VA_SLICE_DATA_FLAG_BEGIN;
  EXPECT_EQ(buffers.add_parameters(parameter_buffer({part})), VA_STATUS_ERROR_FLAG_NOT_SUPPORTED);
  auto contents = parameter_buffer({parameters(1, 0, 1)});
  contents.element_size = sizeof(Parameters) - 1;
  EXPECT_EQ(buffers.add_parameters(contents), VA_STATUS_ERROR_INVALID_BUFFER);
}

}  // namespace

}  // namespace daedalus::va
