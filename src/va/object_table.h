// Ids for the objects that a VA client holds.
#pragma once

#include <va/va.h>

#include <memory>
#include <mutex>
#include <vector>

namespace daedalus::va {

enum class ObjectType : uint32_t { config = 1, surface, context, buffer, image, subpicture };

// Hands out shared_ptrs, so that an object lives on while a call uses it, whatever another thread
// destroys meanwhile. An id is the type (4 bits), a serial (12 bits) and the index of a slot (16
// bits): ids of another type are never found here, and a slot's next object has another id. Slots
// are reused oldest first.
template <typename Object, ObjectType type>
class ObjectTable {
 public:
  // VA_INVALID_ID where the table is full.
  VAGenericID insert(std::shared_ptr<Object> object) {
    std::lock_guard lock(mutex_);
    if (first_free_ == none) {
      if (slots_.size() > max_index) return VA_INVALID_ID;
      slots_.emplace_back();
      append_free(slots_.size() - 1);
    }
    const std::size_t index = first_free_;
    Slot& slot = slots_[index];
    first_free_ = slot.next_free;
    slot.object = std::move(object);
    return make_id(slot, index);
  }

  std::shared_ptr<Object> find(VAGenericID id) const {
    std::lock_guard lock(mutex_);
    const std::size_t index = id & max_index;
    if (index >= slots_.size() || id != make_id(slots_[index], index)) return nullptr;
    return slots_[index].object;
  }

  // The caller lets go of the object outside of the table's lock. Takes no memory: what there is
  // can always be destroyed.
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
  static constexpr uint32_t max_index = 0xffff;
  static constexpr uint32_t max_serial = 0xfff;
  static constexpr std::size_t none = max_index + 1;

  struct Slot {
    std::shared_ptr<Object> object;
    uint32_t serial = 0;
    std::size_t next_free = none;
  };

  void append_free(std::size_t index) {
    slots_[index].next_free = none;
    (first_free_ == none ? first_free_ : slots_[last_free_].next_free) = index;
    last_free_ = index;
  }

  static VAGenericID make_id(const Slot& slot, std::size_t index) {
    return static_cast<uint32_t>(type) << 28 | slot.serial << 16 | static_cast<uint32_t>(index);
  }

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::size_t first_free_ = none, last_free_ = none;
};

}  // namespace daedalus::va
