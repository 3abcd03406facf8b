// SPDX-License-Identifier: MIT
// The edge between libva and the driver.
#pragma once

#include <va/va_backend.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <string_view>

#include "daedalus/log.h"
#include "profile/session.h"
#include "va/display_objects.h"

namespace daedalus::va {

// A string as a template argument.
template <std::size_t size>
struct Name {
  char text[size];
  consteval Name(const char (&literal)[size]) { std::copy_n(literal, size, text); }
  constexpr bool begins_with(std::string_view other) const {
    return std::string_view(text).starts_with(other);
  }
  constexpr ProfiledCall::Kind kind() const {
    using enum ProfiledCall::Kind;
    if (begins_with("vaSync")) return sync;
    for (const auto begin : {"vaQuery", "vaGetConfig", "vaCreateCon", "vaCreateSurfaces"})
      if (begins_with(begin)) return setup;
    return other;
  }
};

// Null if there is none, and in a forked child, which must open its own.
inline Display* display_of(VADriverContextP driver) {
  if (!driver || !driver->pDriverData) return nullptr;
  auto* display = static_cast<Display*>(driver->pDriverData);
  return display->is_this_processes() ? display : nullptr;
}

// The function that libva calls: finds the display, catches exceptions, logs failures.
template <Name name, auto function>
struct Entry;

template <Name name, typename... Arguments, VAStatus (*function)(Display&, Arguments...)>
struct Entry<name, function> {
  static VAStatus call(VADriverContextP driver, Arguments... arguments) noexcept {
    Display* const display = display_of(driver);
    if (!display) return VA_STATUS_ERROR_INVALID_DISPLAY;
    const ProfiledCall profiled(name.kind());
    const auto status = guarded(*display, arguments...);
    if (status != VA_STATUS_SUCCESS) log(LogLevel::debug, "%s: status %#x", name.text, status);
    return status;
  }

 private:
  static VAStatus guarded(Display& display, Arguments... arguments) noexcept {
    try {
      return function(display, arguments...);
    } catch (const std::bad_alloc&) {
      log(LogLevel::error, "%s: out of memory", name.text);
      return VA_STATUS_ERROR_ALLOCATION_FAILED;
    } catch (...) {
      return VA_STATUS_ERROR_UNKNOWN;
    }
  }
};

template <Name name, auto function>
inline constexpr auto entry = &Entry<name, function>::call;

// The function that libva calls for what the driver does not implement.
template <auto slot>
struct Unimplemented;

template <typename... Arguments, VAStatus (*VADriverVTable::*slot)(Arguments...)>
struct Unimplemented<slot> {
  static VAStatus call(Arguments...) noexcept { return VA_STATUS_ERROR_UNIMPLEMENTED; }
};

template <auto slot>
inline constexpr auto unimplemented = &Unimplemented<slot>::call;

}  // namespace daedalus::va
