// SPDX-License-Identifier: MIT
// The pipelines of a device, for all codecs.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "daedalus/error.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

// Pipelines of each kind are compiled on first use and stay as long as the device, with one cache
// for all. Any thread may call.
class PipelineStore {
 public:
  explicit PipelineStore(VkDevice device) : device_(device) {}

  // `make`: VkPipelineCache -> Result<std::unique_ptr<Pipelines>>. If it fails, the next caller
  // tries again.
  template <typename Pipelines, typename Make>
  Result<const Pipelines*> get(Make&& make) {
    std::lock_guard lock(mutex_);
    for (const auto& [kind, pipelines] : made_)
      if (kind == &kind_of<Pipelines>) return static_cast<const Pipelines*>(pipelines.get());
    if (auto ready = create_cache(); !ready) return tl::unexpected(ready.error());
    auto made = make(cache_.get());
    if (!made) return tl::unexpected(made.error());
    return static_cast<const Pipelines*>(
        made_.emplace_back(&kind_of<Pipelines>, std::shared_ptr<Pipelines>(std::move(*made)))
            .second.get());
  }

 private:
  template <typename Pipelines>
  static inline char kind_of = 0;  // its address identifies the kind

  Result<void> create_cache();

  const VkDevice device_;
  std::mutex mutex_;
  UniquePipelineCache cache_;                                        // guarded by the mutex
  std::vector<std::pair<const char*, std::shared_ptr<void>>> made_;  // likewise
};

}  // namespace daedalus::vulkan
