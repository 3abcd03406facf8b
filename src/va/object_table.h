// SPDX-License-Identifier: MIT
// Ids for the objects that a VA client holds.
#pragma once

#include <va/va.h>

#include <memory>
#include <mutex>
#include <vector>

#include "daedalus/log.h"

namespace daedalus::va {

enum class ObjectType : uint32_t { config = 1, surface, context, buffer, image, subpicture };
inline constexpr const char* object_names[] = {"",       "config", "surface",   "context",
                                               "buffer", "image",  "subpicture"};

// Hands out shared_ptrs, so that an object stays alive while a call uses it, even if another thread
// destroys it. An id consists of the type (4 bits), a serial number and the slot's index
// (index_bits): ids of other types are never found, and each object in a slot gets a new id. Serial
// numbers are short. So that an id still returns late, slots are reused oldest first, and only if
// min_free are free or the table has its full size. 24 bits of index allow more objects than most
// machines have memory for.
template <typename Object, ObjectType type, uint32_t index_bits = 24>
class ObjectTable {
 public:
  static constexpr std::size_t max_objects = std::size_t{1} << index_bits;

  // VA_INVALID_ID if the table is full, which is logged.
  VAGenericID insert(std::shared_ptr<Object> object) {
    const auto id = try_insert(std::move(object));
    if (id == VA_INVALID_ID)
      log(LogLevel::error, "a display can have at most %zu %ss", max_objects,
          object_names[static_cast<std::size_t>(type)]);
    return id;
  }

  std::shared_ptr<Object> find(VAGenericID id) const {
    std::lock_guard lock(mutex_);
    const std::size_t index = id & max_index;
    if (index >= slots_.size() || id != make_id(slots_[index], index)) return nullptr;
    return slots_[index].object;
  }

  // The caller releases the object outside the table's lock. Does not allocate: objects can always
  // be destroyed.
  std::shared_ptr<Object> remove(VAGenericID id) {
    std::lock_guard lock(mutex_);
    const std::size_t index = id & max_index;
    if (index >= slots_.size() || id != make_id(slots_[index], index)) return nullptr;
    Slot& slot = slots_[index];
    if (!slot.object) return nullptr;
    append_free(index);
    slot.serial = (slot.serial + 1) & max_serial;
    return std::move(slot.object);
  }

 private:
  static constexpr uint32_t max_index = max_objects - 1;
  static constexpr uint32_t max_serial = (1u << (28 - index_bits)) - 1;
  static constexpr std::size_t none = max_objects;
  static constexpr std::size_t min_free = 1024;

  struct Slot {
    std::shared_ptr<Object> object;
    uint32_t serial = 0;
    std::size_t next_free = none;
  };

  VAGenericID try_insert(std::shared_ptr<Object> object) {
    std::lock_guard lock(mutex_);
    if (free_ < min_free && slots_.size() < max_objects) {
      slots_.emplace_back();
      slots_.back().object = std::move(object);
      return make_id(slots_.back(), slots_.size() - 1);
    }
    if (free_ == 0) return VA_INVALID_ID;
    const std::size_t index = first_free_;
    Slot& slot = slots_[index];
    first_free_ = slot.next_free;
    --free_;
    slot.object = std::move(object);
    return make_id(slot, index);
  }

  void append_free(std::size_t index) {
    slots_[index].next_free = none;
    ++free_;
    (first_free_ == none ? first_free_ : slots_[last_free_].next_free) = index;
    last_free_ = index;
  }

  static VAGenericID make_id(const Slot& slot, std::size_t index) {
    return static_cast<uint32_t>(type) << 28 | slot.serial << index_bits |
           static_cast<uint32_t>(index);
  }

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::size_t first_free_ = none, last_free_ = none, free_ = 0;
};

}  // namespace daedalus::va
