// SPDX-License-Identifier: MIT
// Clients' mistakes: arguments, the order of calls, objects in use. The driver must return an error
// status and continue.
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "programs/resources.h"
#include "va/fixture.h"

namespace daedalus::test {

namespace {

// Arguments. Each row of a table is an entry point with valid arguments. Objects and memory are
// then replaced by invalid ones, one at a time.

enum Kind : std::size_t { a_config, a_context, a_surface, a_buffer, an_image, a_subpicture, kinds };

constexpr std::array invalid_ids = {
    VA_STATUS_ERROR_INVALID_CONFIG,  VA_STATUS_ERROR_INVALID_CONTEXT,
    VA_STATUS_ERROR_INVALID_SURFACE, VA_STATUS_ERROR_INVALID_BUFFER,
    VA_STATUS_ERROR_INVALID_IMAGE,   VA_STATUS_ERROR_INVALID_SUBPICTURE,
};

// An array of ids, the last of which may be invalid. Followed by its length.
struct Two {
  Kind kind;
};
constexpr Two two_surfaces{a_surface}, two_buffers{a_buffer};

// A pointer that must not be null.
constexpr struct Memory {
} memory;

struct Wrong {
  std::size_t argument;
  std::optional<VAGenericID> id;  // a null pointer otherwise
};

// The possible arguments of calls.
struct Objects {
  std::array<VAGenericID, kinds> ids;
  std::array<VAGenericID, 2> list{};
  alignas(std::max_align_t) std::array<std::byte, 4096> memory{};
};

VAGenericID pass(Objects& objects, const Wrong* wrong, Kind kind) {
  return wrong ? *wrong->id : objects.ids[kind];
}
VAGenericID* pass(Objects& objects, const Wrong* wrong, Two two) {
  if (wrong && !wrong->id) return nullptr;
  objects.list = {objects.ids[two.kind], pass(objects, wrong, two.kind)};
  return objects.list.data();
}
void* pass(Objects& objects, const Wrong* wrong, Memory) {
  return wrong ? nullptr : objects.memory.data();
}
template <typename Value>
Value pass(Objects&, const Wrong*, Value value) {
  return value;
}

template <typename Table>
Table& table_of(VADriverContextP driver) {
  if constexpr (std::is_same_v<Table, VADriverVTableVPP>)
    return *driver->vtable_vpp;
  else
    return *driver->vtable;
}

class EntryPoint {
 public:
  template <typename Table, typename... Parameters, typename... Arguments>
  EntryPoint(const char* name_in, VAStatus (*Table::*slot)(VADriverContextP, Parameters...),
             Arguments... arguments)
      : name(name_in) {
    (note(arguments), ...);
    slot_of = [=](VADriverContextP driver) { return &(table_of<Table>(driver).*slot); };
    call = [=](VADriverContextP driver, VADriverContextP passed, Objects& objects,
               const Wrong* wrong) {
      std::size_t index = 0;
      const auto next = [&](auto argument) {
        const bool here = wrong && wrong->argument == index;
        ++index;
        return pass(objects, here ? wrong : nullptr, argument);
      };
      const std::tuple<Parameters...> values{static_cast<Parameters>(next(arguments))...};
      const auto function = table_of<Table>(driver).*slot;
      return std::apply([&](auto... all) { return function(passed, all...); }, values);
    };
  }

  // An argument that may be invalid: an id, or a pointer.
  struct Fallible {
    std::size_t argument;
    std::optional<Kind> kind;
    VAStatus status() const {
      return kind ? invalid_ids[*kind] : VA_STATUS_ERROR_INVALID_PARAMETER;
    }
  };

  const char* name;
  std::vector<Fallible> fallible;
  std::function<const void*(VADriverContextP)> slot_of;
  // Called with the first driver context's table, and the second context as an argument.
  std::function<VAStatus(VADriverContextP, VADriverContextP, Objects&, const Wrong*)> call;

  friend void PrintTo(const EntryPoint& entry, std::ostream* out) { *out << entry.name; }

 private:
  void note(Kind kind) { fallible.push_back({count_++, kind}); }
  void note(Memory) { fallible.push_back({count_++, {}}); }
  void note(Two two) {
    fallible.push_back({count_, two.kind});
    fallible.push_back({count_++, {}});
  }
  template <typename Value>
  void note(Value) {
    ++count_;
  }

  std::size_t count_ = 0;
};

// Accepts anything.
template <typename... Parameters>
EntryPoint not_offered(const char* name,
                       VAStatus (*VADriverVTable::*slot)(VADriverContextP, Parameters...)) {
  return {name, slot, Parameters()...};
}

using Va = VADriverVTable;
using Vpp = VADriverVTableVPP;
constexpr auto high = VAProfileH264High;
constexpr auto vld = VAEntrypointVLD;
constexpr auto yuv = VA_RT_FORMAT_YUV420;

const EntryPoint entry_points[] = {
    {"vaQueryConfigProfiles", &Va::vaQueryConfigProfiles, memory, memory},
    {"vaQueryConfigEntrypoints", &Va::vaQueryConfigEntrypoints, high, memory, memory},
    {"vaGetConfigAttributes", &Va::vaGetConfigAttributes, high, vld, memory, 1},
    {"vaCreateConfig", &Va::vaCreateConfig, high, vld, memory, 1, memory},
    {"vaDestroyConfig", &Va::vaDestroyConfig, a_config},
    {"vaQueryConfigAttributes", &Va::vaQueryConfigAttributes, a_config, memory, memory, memory,
     memory},
    {"vaCreateSurfaces", &Va::vaCreateSurfaces, 64, 64, yuv, 1, memory},
    {"vaDestroySurfaces", &Va::vaDestroySurfaces, two_surfaces, 2},
    {"vaCreateContext", &Va::vaCreateContext, a_config, 64, 64, 0, two_surfaces, 2, memory},
    {"vaDestroyContext", &Va::vaDestroyContext, a_context},
    {"vaCreateBuffer", &Va::vaCreateBuffer, a_context, VASliceDataBufferType, 8, 1, nullptr,
     memory},
    {"vaBufferSetNumElements", &Va::vaBufferSetNumElements, a_buffer, 1},
    {"vaMapBuffer", &Va::vaMapBuffer, a_buffer, memory},
    {"vaUnmapBuffer", &Va::vaUnmapBuffer, a_buffer},
    {"vaDestroyBuffer", &Va::vaDestroyBuffer, a_buffer},
    {"vaBeginPicture", &Va::vaBeginPicture, a_context, a_surface},
    {"vaRenderPicture", &Va::vaRenderPicture, a_context, two_buffers, 2},
    {"vaEndPicture", &Va::vaEndPicture, a_context},
    {"vaSyncSurface", &Va::vaSyncSurface, a_surface},
    {"vaQuerySurfaceStatus", &Va::vaQuerySurfaceStatus, a_surface, memory},
    {"vaQuerySurfaceError", &Va::vaQuerySurfaceError, a_surface, VA_STATUS_ERROR_DECODING_ERROR,
     memory},
    {"vaPutSurface", &Va::vaPutSurface, a_surface, nullptr, 0, 0, 64, 64, 0, 0, 64, 64, nullptr, 0,
     0},
    {"vaQueryImageFormats", &Va::vaQueryImageFormats, memory, memory},
    {"vaCreateImage", &Va::vaCreateImage, memory, 16, 16, memory},
    {"vaDeriveImage", &Va::vaDeriveImage, a_surface, memory},
    {"vaDestroyImage", &Va::vaDestroyImage, an_image},
    {"vaSetImagePalette", &Va::vaSetImagePalette, an_image, memory},
    {"vaGetImage", &Va::vaGetImage, a_surface, 0, 0, 16, 16, an_image},
    {"vaPutImage", &Va::vaPutImage, a_surface, an_image, 0, 0, 16, 16, 0, 0, 16, 16},
    {"vaQuerySubpictureFormats", &Va::vaQuerySubpictureFormats, nullptr, nullptr, memory},
    {"vaCreateSubpicture", &Va::vaCreateSubpicture, an_image, memory},
    {"vaDestroySubpicture", &Va::vaDestroySubpicture, a_subpicture},
    {"vaSetSubpictureImage", &Va::vaSetSubpictureImage, a_subpicture, an_image},
    {"vaSetSubpictureChromakey", &Va::vaSetSubpictureChromakey, a_subpicture, 0, 0, 0},
    {"vaSetSubpictureGlobalAlpha", &Va::vaSetSubpictureGlobalAlpha, a_subpicture, 1},
    {"vaAssociateSubpicture", &Va::vaAssociateSubpicture, a_subpicture, two_surfaces, 2, 0, 0, 16,
     16, 0, 0, 16, 16, 0},
    {"vaDeassociateSubpicture", &Va::vaDeassociateSubpicture, a_subpicture, two_surfaces, 2},
    {"vaQueryDisplayAttributes", &Va::vaQueryDisplayAttributes, nullptr, memory},
    {"vaGetDisplayAttributes", &Va::vaGetDisplayAttributes, memory, 1},
    {"vaSetDisplayAttributes", &Va::vaSetDisplayAttributes, memory, 1},
    {"vaBufferInfo", &Va::vaBufferInfo, a_buffer, memory, memory, memory},
    {"vaCreateSurfaces2", &Va::vaCreateSurfaces2, yuv, 64, 64, memory, 1, memory, 1},
    {"vaQuerySurfaceAttributes", &Va::vaQuerySurfaceAttributes, a_config, nullptr, memory},
    {"vaExportSurfaceHandle", &Va::vaExportSurfaceHandle, a_surface, 0, 0, memory},
    {"vaSyncSurface2", &Va::vaSyncSurface2, a_surface, 0},
#if VA_CHECK_VERSION(1, 21, 0)
    {"vaMapBuffer2", &Va::vaMapBuffer2, a_buffer, memory, 0},
#endif
    {"vaQueryVideoProcFilters", &Vpp::vaQueryVideoProcFilters, a_context, memory, memory},
    {"vaQueryVideoProcFilterCaps", &Vpp::vaQueryVideoProcFilterCaps, a_context,
     VAProcFilterDeinterlacing, memory, memory},
    {"vaQueryVideoProcPipelineCaps", &Vpp::vaQueryVideoProcPipelineCaps, a_context, two_buffers, 2,
     memory},
};

const EntryPoint entry_points_not_offered[] = {
    not_offered("vaLockSurface", &Va::vaLockSurface),
    not_offered("vaUnlockSurface", &Va::vaUnlockSurface),
    not_offered("vaGetSurfaceAttributes", &Va::vaGetSurfaceAttributes),
    not_offered("vaAcquireBufferHandle", &Va::vaAcquireBufferHandle),
    not_offered("vaReleaseBufferHandle", &Va::vaReleaseBufferHandle),
    not_offered("vaCreateMFContext", &Va::vaCreateMFContext),
    not_offered("vaMFAddContext", &Va::vaMFAddContext),
    not_offered("vaMFReleaseContext", &Va::vaMFReleaseContext),
    not_offered("vaMFSubmit", &Va::vaMFSubmit),
    not_offered("vaCreateBuffer2", &Va::vaCreateBuffer2),
    not_offered("vaQueryProcessingRate", &Va::vaQueryProcessingRate),
    not_offered("vaSyncBuffer", &Va::vaSyncBuffer),
    not_offered("vaCopy", &Va::vaCopy),
};

// An object of each kind, the id of a destroyed one, and a picture that has begun.
class EntryPoints : public DriverTest, public testing::WithParamInterface<EntryPoint> {
 protected:
  void SetUp() override {
    for (auto kind = a_config; kind < kinds; kind = static_cast<Kind>(kind + 1)) {
      gone[kind] = make(kind);
      EXPECT_STATUS(SUCCESS, destroy(kind, gone[kind]));
      objects.ids[kind] = make(kind);
    }
    ASSERT_OK(vaBeginPicture(display, objects.ids[a_context], objects.ids[a_surface]));
  }
  void TearDown() override {
    for (std::size_t kind = kinds; kind-- > 0;) {
      const auto status = destroy(static_cast<Kind>(kind), objects.ids[kind]);
      EXPECT_TRUE(status == VA_STATUS_SUCCESS || status == invalid_ids[kind]) << kind;
    }
  }

  VAGenericID make(Kind kind) {
    VAGenericID id = no_id;
    switch (kind) {
      case a_config:
        return make_config();
      case a_context:
        return make_context(objects.ids[a_config]);
      case a_surface:
        return make_surface();
      case an_image:
        return make_image(VA_FOURCC_BGRA, 16, 16).image_id;
      case a_subpicture:
        EXPECT_STATUS(SUCCESS, vaCreateSubpicture(display, objects.ids[an_image], &id));
        return id;
      default:
        EXPECT_STATUS(SUCCESS, vaCreateBuffer(display, objects.ids[a_context],
                                              VASliceDataBufferType, 8, 1, nullptr, &id));
        return id;
    }
  }
  static VAStatus destroy(Kind kind, VAGenericID id) {
    switch (kind) {
      case a_config:
        return vaDestroyConfig(display, id);
      case a_context:
        return vaDestroyContext(display, id);
      case a_surface:
        return vaDestroySurfaces(display, &id, 1);
      case an_image:
        return vaDestroyImage(display, id);
      case a_subpicture:
        return vaDestroySubpicture(display, id);
      default:
        return vaDestroyBuffer(display, id);
    }
  }

  std::vector<std::optional<VAGenericID>> wrong_ids(Kind kind) const {
    const auto never_given = objects.ids[kind] + 1000;
    std::vector<std::optional<VAGenericID>> ids = {0, no_id, never_given, gone[kind]};
    for (std::size_t other = 0; other < kinds; ++other)
      if (other != kind) ids.push_back(objects.ids[other]);
    return ids;
  }

  VAStatus call(const Wrong* wrong = nullptr) {
    objects.memory = {};
    return GetParam().call(driver(), driver(), objects, wrong);
  }

  Objects objects;
  std::array<VAGenericID, kinds> gone;
};

TEST_P(EntryPoints, SayWhatIsWrong) {
  std::set<VAStatus> answers;
  for (const auto& fallible : GetParam().fallible) {
    answers.insert(fallible.status());
    const auto nothing = std::vector<std::optional<VAGenericID>>(1);
    for (const auto& id : fallible.kind ? wrong_ids(*fallible.kind) : nothing) {
      const Wrong wrong{fallible.argument, id};
      EXPECT_EQ(call(&wrong), fallible.status())
          << "argument " << wrong.argument << ", " << (id ? std::to_string(*id) : "null");
    }
  }
  EXPECT_FALSE(answers.contains(call())) << "although all arguments are valid";
}

TEST_P(EntryPoints, WantADisplay) {
  VADriverContext empty{};
  for (VADriverContextP none : {&empty, VADriverContextP{}})
    EXPECT_STATUS(ERROR_INVALID_DISPLAY, GetParam().call(driver(), none, objects, nullptr));
}

INSTANTIATE_TEST_SUITE_P(ClientErrors, EntryPoints, testing::ValuesIn(entry_points),
                         [](const auto& row) { return std::string(row.param.name); });

class ClientErrors : public DriverTest {
 protected:
  // The contents of a decoded picture; black if no device decodes.
  static Samples shown(uint32_t width, uint32_t height, uint8_t seed) {
    const bool decodes =
        std::string(vaQueryVendorString(display)).find("no GPU") == std::string::npos;
    return decodes ? pcm_samples(width, height, seed) : black_samples(width, height);
  }
};

TEST_F(ClientErrors, EntryPointsThatAreNotOfferedSaySo) {
  Objects objects{};
  for (const auto& entry : entry_points_not_offered)
    EXPECT_STATUS(ERROR_UNIMPLEMENTED, entry.call(driver(), driver(), objects, nullptr))
        << entry.name;
}

// A new entry point needs a row above.
TEST_F(ClientErrors, EveryEntryPointIsInATable) {
  const auto& table = *driver()->vtable;
  const auto& processing = *driver()->vtable_vpp;
  std::set<const void*> named = {&table.vaTerminate};  // takes the display alone
  for (const auto& entry : entry_points)
    EXPECT_TRUE(named.insert(entry.slot_of(driver())).second) << entry.name;
  for (const auto& entry : entry_points_not_offered)
    EXPECT_TRUE(named.insert(entry.slot_of(driver())).second) << entry.name;
  const auto look = [&](const auto* first, const unsigned long* end) {
    for (auto slot = first; static_cast<const void*>(slot) != end; ++slot)
      EXPECT_TRUE(named.contains(slot)) << "entry point " << slot - first;
  };
  look(&table.vaTerminate, table.reserved);
  look(&processing.vaQueryVideoProcFilters, processing.reserved);
}

// The order of calls.

constexpr uint32_t mbs = 4, length = 16 * mbs;  // of a picture

// A client with a picture to decode, and an image.
class Client : public ClientErrors {
 public:
  using ClientErrors::display, ClientErrors::shown;

  void SetUp() override {
    config = make_config();
    context = make_context(config);
    target = make_surface();
    other = make_surface();
    auto content = make_pcm_picture(mbs, mbs, target, seed);
    parameters = {
        make_buffer(VAPictureParameterBufferType, sizeof(content.picture), &content.picture)};
    slices = {make_buffer(VASliceParameterBufferType, sizeof(content.slice), &content.slice),
              make_buffer(VASliceDataBufferType, content.data.size(), content.data.data())};
    image = make_image(VA_FOURCC_NV12, length, length);
  }
  // Some objects are already destroyed.
  void TearDown() override {
    vaDestroyImage(display, image.image_id);
    for (auto id : {parameters[0], slices[0], slices[1]}) vaDestroyBuffer(display, id);
    vaDestroyContext(display, context);
    for (auto id : {target, other}) vaDestroySurfaces(display, &id, 1);
    vaDestroyConfig(display, config);
  }

  VABufferID make_buffer(VABufferType type, std::size_t size, void* data) {
    VABufferID id = no_id;
    EXPECT_STATUS(
        SUCCESS, vaCreateBuffer(display, context, type, static_cast<unsigned>(size), 1, data, &id));
    return id;
  }
  VAStatus render(std::vector<VABufferID>& ids) {
    return vaRenderPicture(display, context, ids.data(), static_cast<int>(ids.size()));
  }

  static constexpr uint8_t seed = 5;
  VAConfigID config = no_id;
  VAContextID context = no_id;
  VASurfaceID target = no_id, other = no_id;
  std::vector<VABufferID> parameters, slices;
  VAImage image{};
  void* mapped = nullptr;
};

// A call, and its result.
struct Step {
  VAStatus (*call)(Client&);
  VAStatus status = VA_STATUS_SUCCESS;

  constexpr Step operator()(VAStatus other_status) const { return {call, other_status}; }
};

struct Sequence {
  const char* name;
  std::vector<Step> steps;

  friend void PrintTo(const Sequence& sequence, std::ostream* out) { *out << sequence.name; }
};

namespace steps {

constexpr auto out_of_order = VA_STATUS_ERROR_OPERATION_FAILED;
constexpr auto no_buffer = VA_STATUS_ERROR_INVALID_BUFFER;
constexpr auto no_config = VA_STATUS_ERROR_INVALID_CONFIG;
constexpr auto no_context = VA_STATUS_ERROR_INVALID_CONTEXT;
constexpr auto no_image = VA_STATUS_ERROR_INVALID_IMAGE;
constexpr auto no_surface = VA_STATUS_ERROR_INVALID_SURFACE;

constexpr Step begin{[](Client& c) { return vaBeginPicture(c.display, c.context, c.target); }};
constexpr Step begin_other{[](Client& c) { return vaBeginPicture(c.display, c.context, c.other); }};
constexpr Step parameters{[](Client& c) { return c.render(c.parameters); }};
constexpr Step slices{[](Client& c) { return c.render(c.slices); }};
constexpr Step end{[](Client& c) { return vaEndPicture(c.display, c.context); }};
constexpr Step sync{[](Client& c) { return vaSyncSurface(c.display, c.target); }};
constexpr Step destroy_config{[](Client& c) { return vaDestroyConfig(c.display, c.config); }};
constexpr Step destroy_context{[](Client& c) { return vaDestroyContext(c.display, c.context); }};
constexpr Step destroy_target{[](Client& c) { return vaDestroySurfaces(c.display, &c.target, 1); }};
constexpr Step map{[](Client& c) { return vaMapBuffer(c.display, c.slices[1], &c.mapped); }};
constexpr Step unmap{[](Client& c) { return vaUnmapBuffer(c.display, c.slices[1]); }};
constexpr Step destroy_buffer{[](Client& c) { return vaDestroyBuffer(c.display, c.slices[1]); }};
constexpr Step get_image{[](Client& c) {
  return vaGetImage(c.display, c.target, 0, 0, length, length, c.image.image_id);
}};
constexpr Step map_image{[](Client& c) { return vaMapBuffer(c.display, c.image.buf, &c.mapped); }};
constexpr Step unmap_image{[](Client& c) { return vaUnmapBuffer(c.display, c.image.buf); }};
constexpr Step destroy_image{[](Client& c) { return vaDestroyImage(c.display, c.image.image_id); }};
constexpr Step destroy_image_buffer{
    [](Client& c) { return vaDestroyBuffer(c.display, c.image.buf); }};
// Succeeds if the target contains the picture.
constexpr Step look{[](Client& c) {
  const auto samples = read_samples(c.display, c.target, length, length);
  return samples == c.shown(length, length, c.seed) ? VA_STATUS_SUCCESS
                                                    : VA_STATUS_ERROR_DECODING_ERROR;
}};

// Beginning a picture discards one that was not ended. An object that is destroyed while a picture
// needs it loses its id at once, and its memory when the picture is done.
const Sequence sequences[] = {
    {"RenderBeforeBegin", {parameters(out_of_order)}},
    {"EndBeforeBegin", {end(out_of_order)}},
    {"EndOfNothing", {begin, end(no_buffer), end(out_of_order)}},
    {"EndWithoutParameters", {begin, slices, end(no_buffer)}},
    {"EndWithoutSlices", {begin, parameters, end(no_buffer)}},
    {"EndTwice", {begin, parameters, slices, end, end(out_of_order), look}},
    {"RenderAfterEnd", {begin, parameters, slices, end, slices(out_of_order), look}},
    {"BeginTwice", {begin, parameters, begin, slices, end(no_buffer)}},
    {"BeginOnTwoSurfaces", {begin_other, parameters, slices, begin, parameters, slices, end, look}},
    {"ContextDestroyedInAPicture",
     {begin, parameters, destroy_context, slices(no_context), end(no_context), begin(no_context),
      destroy_context(no_context), sync}},
    {"ContextDestroyedBeforeItsPictureIsDone",
     {begin, parameters, slices, end, destroy_context, look}},
    {"ConfigDestroyedBeforeItsContext",
     {destroy_config, begin, parameters, slices, end, look, destroy_config(no_config)}},
    {"TargetDestroyedInAPicture",
     {begin, parameters, destroy_target, slices, end, sync(no_surface), begin(no_surface)}},
    {"TargetDestroyedBeforeItsPictureIsDone",
     {begin, parameters, slices, end, destroy_target, destroy_target(no_surface), destroy_context}},
    {"UnmapBeforeMap", {unmap(out_of_order)}},
    {"MapTwice", {map, map, unmap, unmap, unmap(out_of_order)}},
    {"BufferDestroyedWhileMapped",
     {map, destroy_buffer, unmap(no_buffer), map(no_buffer), begin, slices(no_buffer),
      end(no_buffer)}},
    {"BufferRenderedWhileMapped", {map, begin, parameters, slices, end, unmap, look}},
    {"ImageDestroyedWhileMapped",
     {map_image, destroy_image, unmap_image(no_buffer), get_image(no_image)}},
    {"ImageWhoseBufferIsDestroyed",
     {map_image, destroy_image_buffer, get_image, map_image(no_buffer), destroy_image,
      destroy_image(no_image)}},
};

}  // namespace steps

class CallOrder : public Client, public testing::WithParamInterface<Sequence> {};

TEST_P(CallOrder, IsChecked) {
  for (std::size_t i = 0; i < GetParam().steps.size(); ++i) {
    const auto& [call, status] = GetParam().steps[i];
    EXPECT_EQ(call(*this), status) << "step " << i;
  }
  Stream afterwards(display, length, length);
  const auto surface = afterwards.make_surface();
  EXPECT_STATUS(SUCCESS, afterwards.decode_intra(surface, 9));
  EXPECT_TRUE(afterwards.samples(surface) == shown(length, length, 9));
}

INSTANTIATE_TEST_SUITE_P(ClientErrors, CallOrder, testing::ValuesIn(steps::sequences),
                         [](const auto& row) { return std::string(row.param.name); });

// Objects in use.

// Each picture repeats the previous one. One more has begun when the context is destroyed; then all
// surfaces but the last are destroyed.
TEST_F(ClientErrors, ContextsAreDestroyedWithPicturesInFlight) {
  constexpr uint32_t size = 256;
  std::array<VASurfaceID, 8> surfaces;
  Resources before{};
  for (uint8_t round = 0; round < 3; ++round) {
    for (auto& surface : surfaces) surface = make_surface(size, size);
    auto stream = std::make_unique<Stream>(display, size, size);
    EXPECT_STATUS(SUCCESS, stream->decode_intra(surfaces[0], round));
    for (std::size_t i = 1; i < surfaces.size(); ++i)
      EXPECT_STATUS(SUCCESS, stream->repeat(surfaces[i], surfaces[i - 1]));
    auto open = make_pcm_picture(size / 16, size / 16, surfaces[0], 77);
    EXPECT_STATUS(SUCCESS, render(display, stream->context(), surfaces[0], open));
    stream.reset();
    auto& last = surfaces.back();
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, surfaces.data(), surfaces.size() - 1));
    EXPECT_TRUE(read_samples(display, last, size, size) == shown(size, size, round));
    EXPECT_STATUS(SUCCESS, vaDestroySurfaces(display, &last, 1));
    if (round == 0) before = Resources::now();
  }
  const auto after = Resources::now();
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.threads, before.threads);
}

TEST_F(ClientErrors, ASurfaceInTwoContextsShowsThePictureThatEndedLast) {
  Stream first(display, length, length), second(display, length, length);
  const auto surface = first.make_surface();
  auto one = make_pcm_picture(mbs, mbs, surface, 20), two = make_pcm_picture(mbs, mbs, surface, 60);
  EXPECT_STATUS(SUCCESS, render(display, first.context(), surface, one));
  EXPECT_STATUS(SUCCESS, render(display, second.context(), surface, two));
  EXPECT_STATUS(SUCCESS, vaEndPicture(display, second.context()));
  EXPECT_STATUS(SUCCESS, vaEndPicture(display, first.context()));
  EXPECT_TRUE(first.samples(surface) == shown(length, length, 20));
}

TEST_F(ClientErrors, ASurfaceInTwoContextsOfTwoThreadsShowsOneOfThePictures) {
  Stream first(display, length, length), second(display, length, length);
  const auto surface = first.make_surface();
  const auto decode_often = [&](Stream& stream, uint8_t seed) {
    for (int i = 0; i < 30; ++i) EXPECT_STATUS(SUCCESS, stream.decode_intra(surface, seed));
  };
  std::thread thread([&] { decode_often(second, 60); });
  decode_often(first, 20);
  thread.join();
  const auto samples = first.samples(surface);
  EXPECT_TRUE(samples == shown(length, length, 20) || samples == shown(length, length, 60));
}

}  // namespace

}  // namespace daedalus::test
