// SPDX-License-Identifier: MIT
// libva's entry points: the init function and the function table.
//
// The driver's locks. Lock order: while holding a lock, take only locks from later lines, never two
// from the same line, except for the pair that line 7 names.
//   1  Context::mutex_       a context's session and its picture: serialises its calls
//   2  CurrentDevice::mutex_ the device, while it is opened
//   3  Presenter::mutex_     the objects that draw in windows, while one of them draws
//   4  Surface::associations_mutex (its subpictures), Surface::error_mutex (last reported errors)
//   5  WorkerPool::mutex_    threads and all pipelines' queues, while a thread looks for work
//   6  SurfaceUses::mutex_   the users of a surface, its damage and failure
//   7  all others; each guards the members that it is declared with: object tables, buffers,
//      subpictures, idle parsers, job rings, compute pipelines, transfers, queues, the profile.
//      VideoPipelines' is taken while holding PipelineStore's.
//   8  the log's
// No lock is held while waiting for the GPU, except a context's in some calls of vaEndPicture, and
// a surface's while its only field's rows are copied (SurfaceUses::complete_frame). vaEndPicture
// waits with its context's lock for the sources and a free slot of video processing, for the
// missing field of an H.264 frame's reference, and while the decoder's queue is full. The context's
// other calls then wait, except vaDestroyContext. A queue's lock is held while the Vulkan driver
// submits or allocates. The V4L2 daemon has one more lock, which guards the jobs of a stream that
// have not been answered (src/v4l2/stream.h); no other lock is taken while it is held.
// Pipelines wait for other pipelines' pictures without locks, and only for those queued earlier
// (see SurfaceUses::follow).
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <thread>

#include "daedalus/log.h"
#include "settings/codec_limits.h"
#include "settings/load_settings.h"
#include "threads/thread.h"
#include "va/buffer.h"
#include "va/config.h"
#include "va/context.h"
#include "va/current_device.h"
#include "va/display_attribute.h"
#include "va/entry.h"
#include "va/export.h"
#include "va/formats.h"
#include "va/image.h"
#include "va/offers.h"
#include "va/open_device.h"
#include "va/put_surface.h"
#include "va/status.h"
#include "va/subpicture.h"
#include "va/surface.h"
#include "va/video/process_buffer.h"

namespace daedalus::va {

Display::Display(const Settings& settings_in) : settings(settings_in) {}
Display::~Display() = default;

namespace {

// Destroys everything that the client left; contexts wait for their pictures. A forked child leaks
// its copy on purpose: the parent still uses what it refers to.
VAStatus terminate(VADriverContextP driver) noexcept {
  Display* const display = display_of(driver);
  if (!display) return VA_STATUS_ERROR_INVALID_DISPLAY;
  delete display;
  driver->pDriverData = nullptr;
  driver->str_vendor = nullptr;
  return VA_STATUS_SUCCESS;
}

// The driver context does not have libva's own version. The function table has the same size in
// every 1.x release, and new entry points replace reserved words. So an older libva never calls an
// entry point that it does not know.
constexpr VADriverVTable entry_points = {
    .vaTerminate = terminate,
    .vaQueryConfigProfiles = entry<"vaQueryConfigProfiles", query_config_profiles>,
    .vaQueryConfigEntrypoints = entry<"vaQueryConfigEntrypoints", query_config_entrypoints>,
    .vaGetConfigAttributes = entry<"vaGetConfigAttributes", get_config_attributes>,
    .vaCreateConfig = entry<"vaCreateConfig", create_config>,
    .vaDestroyConfig = entry<"vaDestroyConfig", destroy_config>,
    .vaQueryConfigAttributes = entry<"vaQueryConfigAttributes", query_config_attributes>,
    .vaCreateSurfaces = entry<"vaCreateSurfaces", create_surfaces>,
    .vaDestroySurfaces = entry<"vaDestroySurfaces", destroy_surfaces>,
    .vaCreateContext = entry<"vaCreateContext", create_context>,
    .vaDestroyContext = entry<"vaDestroyContext", destroy_context>,
    .vaCreateBuffer = entry<"vaCreateBuffer", create_buffer>,
    .vaBufferSetNumElements = entry<"vaBufferSetNumElements", buffer_set_num_elements>,
    .vaMapBuffer = entry<"vaMapBuffer", map_buffer>,
    .vaUnmapBuffer = entry<"vaUnmapBuffer", unmap_buffer>,
    .vaDestroyBuffer = entry<"vaDestroyBuffer", destroy_buffer>,
    .vaBeginPicture = entry<"vaBeginPicture", begin_picture>,
    .vaRenderPicture = entry<"vaRenderPicture", render_picture>,
    .vaEndPicture = entry<"vaEndPicture", end_picture>,
    .vaSyncSurface = entry<"vaSyncSurface", sync_surface>,
    .vaQuerySurfaceStatus = entry<"vaQuerySurfaceStatus", query_surface_status>,
    .vaQuerySurfaceError = entry<"vaQuerySurfaceError", query_surface_error>,
    .vaPutSurface = entry<"vaPutSurface", put_surface>,
    .vaQueryImageFormats = entry<"vaQueryImageFormats", query_image_formats>,
    .vaCreateImage = entry<"vaCreateImage", create_image>,
    .vaDeriveImage = entry<"vaDeriveImage", derive_image>,
    .vaDestroyImage = entry<"vaDestroyImage", destroy_image>,
    .vaSetImagePalette = entry<"vaSetImagePalette", set_image_palette>,
    .vaGetImage = entry<"vaGetImage", get_image>,
    .vaPutImage = entry<"vaPutImage", put_image>,
    .vaQuerySubpictureFormats = entry<"vaQuerySubpictureFormats", query_subpicture_formats>,
    .vaCreateSubpicture = entry<"vaCreateSubpicture", create_subpicture>,
    .vaDestroySubpicture = entry<"vaDestroySubpicture", destroy_subpicture>,
    .vaSetSubpictureImage = entry<"vaSetSubpictureImage", set_subpicture_image>,
    .vaSetSubpictureChromakey = entry<"vaSetSubpictureChromakey", set_subpicture_chromakey>,
    .vaSetSubpictureGlobalAlpha = entry<"vaSetSubpictureGlobalAlpha", set_subpicture_global_alpha>,
    .vaAssociateSubpicture = entry<"vaAssociateSubpicture", associate_subpicture>,
    .vaDeassociateSubpicture = entry<"vaDeassociateSubpicture", deassociate_subpicture>,
    .vaQueryDisplayAttributes = entry<"vaQueryDisplayAttributes", query_display_attributes>,
    .vaGetDisplayAttributes = entry<"vaGetDisplayAttributes", get_display_attributes>,
    .vaSetDisplayAttributes = entry<"vaSetDisplayAttributes", set_display_attributes>,
    .vaBufferInfo = entry<"vaBufferInfo", buffer_info>,
    .vaLockSurface = unimplemented<&VADriverVTable::vaLockSurface>,
    .vaUnlockSurface = unimplemented<&VADriverVTable::vaUnlockSurface>,
    .vaGetSurfaceAttributes = unimplemented<&VADriverVTable::vaGetSurfaceAttributes>,
    .vaCreateSurfaces2 = entry<"vaCreateSurfaces2", create_surfaces2>,
    .vaQuerySurfaceAttributes = entry<"vaQuerySurfaceAttributes", query_surface_attributes>,
    .vaAcquireBufferHandle = unimplemented<&VADriverVTable::vaAcquireBufferHandle>,
    .vaReleaseBufferHandle = unimplemented<&VADriverVTable::vaReleaseBufferHandle>,
    .vaCreateMFContext = unimplemented<&VADriverVTable::vaCreateMFContext>,
    .vaMFAddContext = unimplemented<&VADriverVTable::vaMFAddContext>,
    .vaMFReleaseContext = unimplemented<&VADriverVTable::vaMFReleaseContext>,
    .vaMFSubmit = unimplemented<&VADriverVTable::vaMFSubmit>,
    .vaCreateBuffer2 = unimplemented<&VADriverVTable::vaCreateBuffer2>,
    .vaQueryProcessingRate = unimplemented<&VADriverVTable::vaQueryProcessingRate>,
    .vaExportSurfaceHandle = entry<"vaExportSurfaceHandle", export_surface_handle>,
    .vaSyncSurface2 = entry<"vaSyncSurface2", sync_surface2>,
    .vaSyncBuffer = unimplemented<&VADriverVTable::vaSyncBuffer>,
    .vaCopy = unimplemented<&VADriverVTable::vaCopy>,
#if VA_CHECK_VERSION(1, 21, 0)
    .vaMapBuffer2 = entry<"vaMapBuffer2", map_buffer2>,
#endif
};

constexpr VADriverVTableVPP processing_entry_points = {
    .version = VA_DRIVER_VTABLE_VPP_VERSION,
    .vaQueryVideoProcFilters = entry<"vaQueryVideoProcFilters", query_video_proc_filters>,
    .vaQueryVideoProcFilterCaps = entry<"vaQueryVideoProcFilterCaps", query_video_proc_filter_caps>,
    .vaQueryVideoProcPipelineCaps =
        entry<"vaQueryVideoProcPipelineCaps", query_video_proc_pipeline_caps>,
};

// Asked once: a sandbox may later deny the files that have the number of cores.
uint32_t entropy_threads(const Settings& settings) {
  constexpr uint32_t most = 16;
  if (settings.entropy_threads > 0) return settings.entropy_threads;
  return std::clamp(std::thread::hardware_concurrency(), 1u, most);
}

// Reports through libva, which passes the message to the user or to the client's callback.
void tell(VADriverContext& driver, const std::string& line) {
  if (driver.error_callback) driver.error_callback(&driver, ("daedalus: " + line + "\n").c_str());
}

Result<std::unique_ptr<Display>> open_display(VADriverContext& driver) {
  const auto loaded = load_settings(default_settings_path, secure_getenv);
  auto display = std::make_unique<Display>(loaded.settings);
  display->entropy_threads = entropy_threads(display->settings);
  for (const auto& warning : loaded.warnings) {
    log(LogLevel::warning, "%s", warning.c_str());
    tell(driver, warning);  // logging may be the setting that the user got wrong
  }
  // The client's display is queried once: it may be gone when a device is opened again.
  auto device = CurrentDevice::open([settings = display->settings, node = drm_node(driver)] {
    const BlockedSignals blocked;  // also in the Vulkan driver's threads
    return open_device(settings, node);
  });
  if (!device) {
    log(LogLevel::error, device.error() == Error::out_of_memory ? "no memory to open a device"
                                                                : "no device to decode on");
    return tl::unexpected(device.error());
  }
  display->device = std::move(*device);
  const auto opened = display->device->get();
  if (!opened) return tl::unexpected(opened.error());
  display->offers = offers_of(**opened, display->settings.profiles);
  const bool on_x11 = (driver.display_type & VA_DISPLAY_MAJOR_MASK) == VA_DISPLAY_X11;
  if (x11::built_in && on_x11 && driver.native_dpy)
    display->presenter = std::make_unique<Presenter>(driver.native_dpy);
  display->vendor = "daedalus " DAEDALUS_VERSION " on " + (*opened)->name();
  log(LogLevel::info, "%s", display->vendor.c_str());
  const auto left_out = describe_left_out(display->settings.profiles);
  if (!left_out.empty())
    log(LogLevel::info, "not offered, as the setting profiles says: %s", left_out.c_str());
  return display;
}

void describe(const Display& display, VADriverContext& driver) {
  const auto [profiles, entrypoints, config_attributes] = array_sizes(display.offers);
  driver.version_major = VA_MAJOR_VERSION;
  driver.version_minor = VA_MINOR_VERSION;
  driver.max_profiles = profiles;
  driver.max_entrypoints = entrypoints;
  driver.max_attributes = config_attributes;
  driver.max_image_formats = static_cast<int>(image_formats().size());
  driver.max_subpic_formats = static_cast<int>(image_formats().size());
  driver.max_display_attributes = 0;
  driver.str_vendor = display.vendor.c_str();
}

}  // namespace

}  // namespace daedalus::va

// libva looks for the function of its own minor version and of all lower ones.
extern "C" [[gnu::visibility("default")]] VAStatus __vaDriverInit_1_0(VADriverContextP driver);

VAStatus __vaDriverInit_1_0(VADriverContextP driver) {
  using namespace daedalus;
  try {
    const ErrorLines errors;
    auto display = va::open_display(*driver);
    if (!display)
      for (const auto& line : errors.lines) va::tell(*driver, line);
    if (!display && display.error() == Error::out_of_memory)
      return VA_STATUS_ERROR_ALLOCATION_FAILED;
    if (!display) return VA_STATUS_ERROR_OPERATION_FAILED;
    va::describe(**display, *driver);
    *driver->vtable = va::entry_points;
    if (driver->vtable_vpp) *driver->vtable_vpp = va::processing_entry_points;
    driver->pDriverData = display->release();
    return VA_STATUS_SUCCESS;
  } catch (const std::bad_alloc&) {
    return VA_STATUS_ERROR_ALLOCATION_FAILED;
  } catch (...) {
    return VA_STATUS_ERROR_UNKNOWN;
  }
}
