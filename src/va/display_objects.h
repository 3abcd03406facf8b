// All that one initialised VADisplay owns.
#pragma once

#include <memory>
#include <string>

#include "daedalus/settings.h"
#include "profile/session.h"
#include "settings/log_sink.h"
#include "va/buffer.h"
#include "va/config.h"
#include "va/context.h"
#include "va/current_device.h"
#include "va/image.h"
#include "va/object_table.h"
#include "va/put_surface.h"
#include "va/subpicture.h"
#include "va/surface.h"

namespace daedalus::va {

class LogSession {
 public:
  explicit LogSession(const Settings& settings) { open_log(settings); }
  ~LogSession() { close_log(); }
  LogSession(const LogSession&) = delete;
  LogSession& operator=(const LogSession&) = delete;
};

// Members die from the last to the first: contexts wait for their pictures while surfaces and
// device are still there.
struct Display {
  Settings settings;
  LogSession log_session{settings};
  ProfileSession profile_session{settings.profile};
  uint32_t entropy_threads = 1;  // of a context
  std::unique_ptr<CurrentDevice> device;
  std::string vendor;
  ObjectTable<Config, ObjectType::config> configs;
  ObjectTable<Surface, ObjectType::surface> surfaces;
  ObjectTable<Buffer, ObjectType::buffer> buffers;
  ObjectTable<Image, ObjectType::image> images;
  ObjectTable<Subpicture, ObjectType::subpicture> subpictures;
  ObjectTable<Context, ObjectType::context> contexts;
  std::unique_ptr<Presenter> presenter;  // null where the client has no X11 display

  explicit Display(const Settings& settings_in) : settings(settings_in) {}
};

}  // namespace daedalus::va
