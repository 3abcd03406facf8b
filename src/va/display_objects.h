// SPDX-License-Identifier: MIT
// Everything that an initialised VADisplay owns. Types are only declared here: code that uses an
// object includes its header.
#pragma once

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "daedalus/settings.h"
#include "profile/session.h"
#include "settings/log_sink.h"
#include "va/object_table.h"

namespace daedalus::va {

class Buffer;
class Context;
class CurrentDevice;
struct Config;
struct Image;
struct Offer;
class Presenter;
class Subpicture;
struct Surface;

class LogSession {
 public:
  explicit LogSession(const Settings& settings) { open_log(settings); }
  ~LogSession() { close_log(); }
  LogSession(const LogSession&) = delete;
  LogSession& operator=(const LogSession&) = delete;
};

// Members are destroyed from the last to the first: contexts wait for their pictures while surfaces
// and device still exist.
struct Display {
  // A forked child has neither the driver's threads nor the device's open files, and its copies of
  // the driver's locks may be held forever.
  const pid_t process = getpid();
  bool is_this_processes() const { return getpid() == process; }

  Settings settings;
  LogSession log_session{settings};
  ProfileSession profile_session{settings.profile};
  uint32_t entropy_threads = 1;  // the number that the process should have
  std::unique_ptr<CurrentDevice> device;
  std::vector<Offer> offers;  // offered on this device; contexts and configs refer to them
  std::string vendor;
  ObjectTable<Config, ObjectType::config> configs;
  ObjectTable<Surface, ObjectType::surface> surfaces;
  ObjectTable<Buffer, ObjectType::buffer> buffers;
  ObjectTable<Image, ObjectType::image> images;
  ObjectTable<Subpicture, ObjectType::subpicture> subpictures;
  ObjectTable<Context, ObjectType::context> contexts;
  std::unique_ptr<Presenter> presenter;  // null if the client has no X11 display

  explicit Display(const Settings& settings_in);
  ~Display();
};

}  // namespace daedalus::va
