// SPDX-License-Identifier: MIT
// Calls the driver's entry points in sequence, on the null device: a byte of the input selects the
// call, and the bytes after it are its arguments.
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>
#include <va/va_drmcommon.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "fuzz/linked_display.h"
#include "va/av1/stream.h"
#include "va/h264/stream.h"
#include "va/vp9/stream.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_calls = 64;

// Reads zeros after the end.
class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool at_end() const { return bytes_.empty(); }
  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  template <typename T>
  T number() {
    T value{};
    fill({reinterpret_cast<uint8_t*>(&value), sizeof(value)});
    return value;
  }
  void fill(std::span<uint8_t> memory) {
    const std::size_t count = std::min(memory.size(), bytes_.size());
    std::fill(std::copy_n(bytes_.begin(), count, memory.begin()), memory.end(), uint8_t{0});
    bytes_ = bytes_.subspan(count);
  }

 private:
  std::span<const uint8_t> bytes_;
};

enum Kind { configs, surfaces, contexts, buffers, images, subpictures, kinds };

class Client {
 public:
  explicit Client(Input input);
  ~Client() { vaTerminate(display_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void run();

 private:
  // The id of any created object, including destroyed ones; sometimes of another kind, or any
  // number.
  VAGenericID id(Kind kind);
  void keep(Kind kind, VAStatus status, VAGenericID id) {
    if (status == VA_STATUS_SUCCESS) ids_[kind].push_back(id);
  }
  // Null if this call is made with null pointers.
  template <typename T>
  T* pointer(T* value) {
    return null_ ? nullptr : value;
  }
  int dimension();
  VASurfaceAttrib surface_attribute();
  VABufferID create(VAContextID context, VABufferType type, const void* data, std::size_t size);

  void query_config();
  void create_config();
  void create_surfaces();
  void create_surfaces_2();
  void query_surface_attributes();
  void create_context();
  void create_buffer();
  void use_buffer();
  void begin();
  void render();
  void end();
  void sync();
  void query_surface();
  void decode();
  void decode_vp9();
  void decode_av1();
  void change(std::span<const std::span<uint8_t>> parts);
  void hand_over(VASurfaceID target, std::span<const VABufferType> types,
                 std::span<const std::span<uint8_t>> parts);
  VABufferID make_filter(VAContextID context);
  void process();
  void create_image();
  void derive_image();
  void copy_image();
  void create_subpicture();
  void use_subpicture();
  void associate();
  void put_surface();
  void export_surface();
  void display_attributes();
  void query_processing();
  void destroy();

  Input input_;
  VADisplay display_;
  VADriverContextP driver_;
  const VADriverVTable* call_;
  std::array<std::vector<VAGenericID>, kinds> ids_;
  std::map<VABufferID, std::size_t> sizes_;  // sizes of buffers that hold no pointers
  bool null_ = false;
};

Client::Client(Input input) : input_(input), display_(open_linked_display()) {
  driver_ = static_cast<VADisplayContextP>(display_)->pDriverContext;
  call_ = driver_->vtable;
  VAGenericID made = VA_INVALID_ID;
  call_->vaCreateConfig(driver_, VAProfileH264High, VAEntrypointVLD, nullptr, 0, &made);
  ids_[configs].push_back(made);
  std::array<VASurfaceID, 3> pictures{};
  call_->vaCreateSurfaces2(driver_, VA_RT_FORMAT_YUV420, 64, 64, pictures.data(), 3, nullptr, 0);
  ids_[surfaces].assign(pictures.begin(), pictures.end());
  call_->vaCreateContext(driver_, ids_[configs][0], 64, 64, 0, nullptr, 0, &made);
  ids_[contexts].push_back(made);
  call_->vaCreateConfig(driver_, VAProfileVP9Profile0, VAEntrypointVLD, nullptr, 0, &made);
  ids_[configs].push_back(made);
  call_->vaCreateContext(driver_, made, 64, 64, 0, nullptr, 0, &made);
  ids_[contexts].push_back(made);
  call_->vaCreateConfig(driver_, VAProfileAV1Profile0, VAEntrypointVLD, nullptr, 0, &made);
  ids_[configs].push_back(made);
  call_->vaCreateContext(driver_, made, 64, 64, 0, nullptr, 0, &made);
  ids_[contexts].push_back(made);
  call_->vaCreateConfig(driver_, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &made);
  ids_[configs].push_back(made);
  call_->vaCreateContext(driver_, made, 64, 64, 0, nullptr, 0, &made);
  ids_[contexts].push_back(made);
}

VAGenericID Client::id(Kind kind) {
  const uint8_t choice = input_.byte();
  if (choice >= 0xfc) return input_.number<VAGenericID>();
  if (choice >= 0xf0) kind = static_cast<Kind>(choice % kinds);
  const auto& known = ids_[kind];
  return known.empty() ? VA_INVALID_ID : known[choice % known.size()];
}

// Small sizes, for many inputs a second, and sizes that every driver rejects.
int Client::dimension() {
  const uint8_t choice = input_.byte();
  if (choice < 0xfc) return choice;
  constexpr std::array<int, 4> impossible = {-1, 4097, INT32_MAX, INT32_MIN};
  return impossible[choice % 4];
}

void Client::query_config() {
  const auto profile = static_cast<VAProfile>(input_.byte() - 2);
  const auto entrypoint = static_cast<VAEntrypoint>(input_.byte() % 16);
  std::array<VAProfile, 32> profiles{};
  std::array<VAEntrypoint, 32> entrypoints{};
  std::array<VAConfigAttrib, 64> attributes{};
  for (auto& attribute : attributes)
    attribute.type = static_cast<VAConfigAttribType>(&attribute - attributes.data());
  int count = 0;
  call_->vaQueryConfigProfiles(driver_, pointer(profiles.data()), &count);
  call_->vaQueryConfigEntrypoints(driver_, profile, pointer(entrypoints.data()), &count);
  call_->vaGetConfigAttributes(driver_, profile, entrypoint, pointer(attributes.data()),
                               input_.byte() % 65);
  VAProfile own_profile{};
  VAEntrypoint own_entrypoint{};
  call_->vaQueryConfigAttributes(driver_, id(configs), pointer(&own_profile), &own_entrypoint,
                                 attributes.data(), &count);
}

void Client::create_config() {
  VAConfigAttrib attribute{static_cast<VAConfigAttribType>(input_.byte() % 64),
                           input_.number<uint32_t>()};
  const auto profile = static_cast<VAProfile>(input_.byte() % 32 - 1);
  const auto entrypoint = input_.byte() % 2 ? VAEntrypointVLD : VAEntrypointVideoProc;
  VAConfigID made = VA_INVALID_ID;
  const auto status = call_->vaCreateConfig(driver_, profile, entrypoint, &attribute,
                                            input_.byte() % 2, pointer(&made));
  keep(configs, status, made);
}

void Client::create_surfaces() {
  std::array<VASurfaceID, 4> made{};
  const int count = input_.byte() % 5;
  const int width = dimension(), height = dimension();
  const auto status = call_->vaCreateSurfaces(driver_, width, height, VA_RT_FORMAT_YUV420, count,
                                              pointer(made.data()));
  for (int i = 0; i < count; ++i) keep(surfaces, status, made[static_cast<std::size_t>(i)]);
}

constexpr std::array<uint32_t, 9> fourccs = {VA_FOURCC_NV12, VA_FOURCC_I420, VA_FOURCC_YV12,
                                             VA_FOURCC_BGRA, VA_FOURCC_RGBX, 0,
                                             VA_FOURCC_P010, VA_FOURCC_YUY2, VA_FOURCC_UYVY};

// Its pointers are valid: clients must ensure that.
VASurfaceAttrib Client::surface_attribute() {
  static std::array<uint64_t, 2> modifiers = {0, 1};
  static VADRMFormatModifierList list = {2, modifiers.data()};
  static VADRMPRIMESurfaceDescriptor descriptor;
  VASurfaceAttrib attribute{};
  attribute.type = static_cast<VASurfaceAttribType>(input_.byte() % 12);
  attribute.flags = input_.byte();
  attribute.value.type = static_cast<VAGenericValueType>(input_.byte() % 5);
  if (attribute.type == VASurfaceAttribPixelFormat)
    attribute.value.value.i = static_cast<int>(fourccs[input_.byte() % fourccs.size()]);
  else if (attribute.value.type != VAGenericValueTypePointer)
    attribute.value.value.i = input_.number<int32_t>();
  else if (attribute.type == VASurfaceAttribDRMFormatModifiers)
    attribute.value.value.p = pointer(&list);
  else
    attribute.value.value.p = pointer(&descriptor);
  return attribute;
}

void Client::create_surfaces_2() {
  constexpr std::array<unsigned, 6> formats = {VA_RT_FORMAT_YUV420,    VA_RT_FORMAT_RGB32,
                                               VA_RT_FORMAT_YUV444,    0,
                                               VA_RT_FORMAT_YUV420_10, VA_RT_FORMAT_YUV422};
  std::array<VASurfaceID, 4> made{};
  std::array<VASurfaceAttrib, 2> attributes = {surface_attribute(), surface_attribute()};
  const unsigned count = input_.byte() % 5;
  const auto width = static_cast<unsigned>(dimension()),
             height = static_cast<unsigned>(dimension());
  const auto status =
      call_->vaCreateSurfaces2(driver_, formats[input_.byte() % formats.size()], width, height,
                               pointer(made.data()), count, attributes.data(), input_.byte() % 3);
  for (unsigned i = 0; i < count; ++i) keep(surfaces, status, made[i]);
}

void Client::query_surface_attributes() {
  std::array<VASurfaceAttrib, 64> attributes;
  unsigned count = input_.byte() % 65;
  call_->vaQuerySurfaceAttributes(driver_, id(configs), pointer(attributes.data()), &count);
}

void Client::create_context() {
  std::array<VASurfaceID, 2> targets = {id(surfaces), id(surfaces)};
  VAContextID made = VA_INVALID_ID;
  const int width = dimension(), height = dimension();
  const VAConfigID config = id(configs);
  const auto status = call_->vaCreateContext(driver_, config, width, height, 0, targets.data(),
                                             input_.byte() % 3, pointer(&made));
  keep(contexts, status, made);
}

VABufferID Client::create(VAContextID context, VABufferType type, const void* data,
                          std::size_t size) {
  VABufferID made = VA_INVALID_ID;
  const auto status = call_->vaCreateBuffer(driver_, context, type, static_cast<unsigned>(size), 1,
                                            const_cast<void*>(data), &made);
  keep(buffers, status, made);
  return made;
}

void Client::create_buffer() {
  auto type = static_cast<VABufferType>(input_.byte() % 60);
  if (type == VAProcPipelineParameterBufferType) type = VAImageBufferType;  // see process()
  const unsigned size = input_.number<uint16_t>() % 4096, count = input_.byte() % 4;
  std::vector<uint8_t> data(std::size_t{size} * count);
  input_.fill(std::span(data).first(std::min<std::size_t>(data.size(), input_.byte())));
  VABufferID made = VA_INVALID_ID;
  const auto status = call_->vaCreateBuffer(driver_, id(contexts), type, size, count,
                                            pointer(data.data()), pointer(&made));
  keep(buffers, status, made);
  if (status == VA_STATUS_SUCCESS) sizes_[made] = data.size();
}

void Client::use_buffer() {
  const VABufferID buffer = id(buffers);
  VABufferType type{};
  unsigned size = 0, count = 0;
  void* memory = nullptr;
  switch (input_.byte() % 4) {
    case 0:
      call_->vaBufferSetNumElements(driver_, buffer, input_.byte() % 8);
      return;
    case 1:
      call_->vaBufferInfo(driver_, buffer, pointer(&type), &size, &count);
      return;
    case 2:
      call_->vaUnmapBuffer(driver_, buffer);
      return;
    default:
      if (call_->vaMapBuffer(driver_, buffer, pointer(&memory)) != VA_STATUS_SUCCESS) return;
      if (const std::size_t room = sizes_[buffer]; room > 0)
        static_cast<uint8_t*>(memory)[input_.number<uint16_t>() % room] = input_.byte();
  }
}

void Client::begin() {
  const VAContextID context = id(contexts);
  call_->vaBeginPicture(driver_, context, id(surfaces));
}

void Client::render() {
  std::array<VABufferID, 4> given = {};
  const int count = input_.byte() % 5;
  for (int i = 0; i < count; ++i) given[static_cast<std::size_t>(i)] = id(buffers);
  call_->vaRenderPicture(driver_, id(contexts), pointer(given.data()), count);
}

void Client::end() {
  call_->vaEndPicture(driver_, id(contexts));
}

void Client::sync() {
  call_->vaSyncSurface(driver_, id(surfaces));
  call_->vaSyncSurface2(driver_, id(surfaces), input_.byte());
}

void Client::query_surface() {
  VASurfaceStatus status{};
  void* errors = nullptr;
  call_->vaQuerySurfaceStatus(driver_, id(surfaces), pointer(&status));
  call_->vaQuerySurfaceError(driver_, id(surfaces), VA_STATUS_ERROR_DECODING_ERROR,
                             pointer(&errors));
}

// A valid picture, except for a few bytes.
void Client::decode() {
  const VASurfaceID target = id(surfaces);
  const std::array<VASurfaceID, 2> references = {id(surfaces), id(surfaces)};
  const uint8_t shape = input_.byte();
  const uint32_t width = shape % 4 + 1, height = shape / 4 % 4 + 1;
  auto picture = shape & 0x40
                     ? test::make_pcm_picture(width, height, target, input_.byte())
                     : test::make_skipped_picture(width, height, target,
                                                  std::span(references).first(1 + (shape >> 7)));
  const std::array<std::span<uint8_t>, 4> parts = {
      std::span(reinterpret_cast<uint8_t*>(&picture.picture), sizeof(picture.picture)),
      std::span(reinterpret_cast<uint8_t*>(&picture.matrices), sizeof(picture.matrices)),
      std::span(reinterpret_cast<uint8_t*>(&picture.slice), sizeof(picture.slice)),
      std::span(picture.data)};
  change(parts);
  constexpr std::array types = {VAPictureParameterBufferType, VAIQMatrixBufferType,
                                VASliceParameterBufferType, VASliceDataBufferType};
  hand_over(target, types, parts);
}

// The same for a VP9 frame.
void Client::decode_vp9() {
  const VASurfaceID target = id(surfaces);
  const uint8_t shape = input_.byte();
  test::Vp9Wish wish;
  wish.width = shape & 0x40 ? 0 : (shape % 8 + 1) * 16u;
  wish.height = wish.width == 0 ? 0 : (shape / 8 % 8 + 1) * 16u;
  wish.seed = input_.byte();
  wish.tile_bytes = input_.byte() * 16u + 1;
  const bool key_frame = (shape & 0x80) != 0 && wish.width != 0;
  auto data = key_frame ? test::make_vp9_key_frame(wish) : test::make_vp9_inter_frame(wish);
  VADecPictureParameterBufferVP9 picture{};
  picture.frame_width = static_cast<uint16_t>(std::max(wish.width, 1u));
  picture.frame_height = static_cast<uint16_t>(std::max(wish.height, 1u));
  picture.bit_depth = 8;
  for (auto& reference : picture.reference_frames) reference = id(surfaces);
  VASliceParameterBufferVP9 slice{};
  slice.slice_data_size = static_cast<uint32_t>(data.size());
  const std::array<std::span<uint8_t>, 3> parts = {
      std::span(reinterpret_cast<uint8_t*>(&picture), sizeof(picture)),
      std::span(reinterpret_cast<uint8_t*>(&slice), sizeof(slice)),
      std::span(reinterpret_cast<uint8_t*>(data.data()), data.size())};
  change(parts);
  constexpr std::array types = {VAPictureParameterBufferType, VASliceParameterBufferType,
                                VASliceDataBufferType};
  hand_over(target, types, parts);
}

// The same for an AV1 frame, with one buffer for each tile's parameters.
void Client::decode_av1() {
  const VASurfaceID target = id(surfaces);
  const uint8_t shape = input_.byte(), tiles = input_.byte();
  test::Av1Wish wish;
  wish.width = (shape % 8 + 1) * 16u;
  wish.height = (shape / 8 % 8 + 1) * 16u;
  wish.film_grain = (shape & 0x40) != 0;
  wish.tile_columns = tiles % 4 == 1 ? 2 : 1;
  wish.tile_rows = tiles / 4 % 4 == 1 ? 2 : 1;
  wish.seed = input_.byte();
  wish.tile_bytes = input_.byte() * 16u + 1;
  auto frame = shape & 0x80 ? test::make_av1_key_frame(wish) : test::make_av1_inter_frame(wish);
  auto& picture = frame.picture;
  picture.current_frame = target;
  picture.current_display_picture = wish.film_grain ? id(surfaces) : target;
  for (auto& reference : picture.ref_frame_map) reference = id(surfaces);
  std::vector<VABufferType> types = {VAPictureParameterBufferType};
  std::vector<std::span<uint8_t>> parts = {{reinterpret_cast<uint8_t*>(&picture), sizeof(picture)}};
  const auto add_data = [&] {
    types.push_back(VASliceDataBufferType);
    parts.push_back({reinterpret_cast<uint8_t*>(frame.data.data()), frame.data.size()});
  };
  const bool data_first = (tiles & 0x40) != 0, data_for_each = (tiles & 0x80) != 0;
  if (data_first) add_data();
  for (auto& tile : frame.tiles) {
    types.push_back(VASliceParameterBufferType);
    parts.push_back({reinterpret_cast<uint8_t*>(&tile), sizeof(tile)});
    if (data_for_each) add_data();
  }
  if (!data_first && !data_for_each) add_data();
  change(parts);
  hand_over(target, types, parts);
}

void Client::change(std::span<const std::span<uint8_t>> parts) {
  for (int changes = input_.byte() % 8; changes > 0; --changes) {
    const auto part = parts[input_.byte() % parts.size()];
    part[input_.number<uint16_t>() % part.size()] = input_.byte();
  }
}

void Client::hand_over(VASurfaceID target, std::span<const VABufferType> types,
                       std::span<const std::span<uint8_t>> parts) {
  const VAContextID context = id(contexts);
  call_->vaBeginPicture(driver_, context, target);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    VABufferID buffer = create(context, types[i], parts[i].data(), parts[i].size());
    call_->vaRenderPicture(driver_, context, &buffer, 1);
  }
  call_->vaEndPicture(driver_, context);
}

// A deinterlacing filter, or whatever the input turns it into.
VABufferID Client::make_filter(VAContextID context) {
  VAProcFilterParameterBufferDeinterlacing filter{};
  const uint8_t style = input_.byte();
  if (style % 8 == 0) {
    input_.fill({reinterpret_cast<uint8_t*>(&filter), sizeof filter});
  } else {
    filter.type = VAProcFilterDeinterlacing;
    filter.algorithm = static_cast<VAProcDeinterlacingType>(style % 8 - 1);
    filter.flags = input_.byte() % 32;
  }
  const auto size = static_cast<unsigned>(style < 240 ? sizeof filter : input_.byte() % 64u);
  VABufferID buffer = VA_INVALID_ID;
  call_->vaCreateBuffer(driver_, context, VAProcFilterParameterBufferType, size, 1,
                        size <= sizeof filter ? &filter : nullptr, &buffer);
  return buffer;
}

// Pointers are valid, because the driver cannot check them. The numbers of references are wrong:
// the driver reads only the first.
void Client::process() {
  VARectangle regions[2];
  for (auto& region : regions) region = input_.number<VARectangle>();
  VABlendState blend{};
  blend.flags = input_.byte();
  VAProcPipelineParameterBuffer parameters{};
  input_.fill({reinterpret_cast<uint8_t*>(&parameters),
               offsetof(VAProcPipelineParameterBuffer, input_surface_flag)});
  parameters.surface = id(surfaces);
  const uint8_t has = input_.byte();
  parameters.surface_region = has & 1 ? &regions[0] : nullptr;
  parameters.output_region = has & 2 ? &regions[1] : nullptr;
  parameters.blend_state = has & 4 ? &blend : nullptr;
  const VAContextID context = id(contexts);
  std::array<VABufferID, VAProcFilterCount> filters;
  filters.fill(has & 16 ? id(buffers) : VA_INVALID_ID);
  if (has & 32) filters[0] = make_filter(context);
  parameters.filters = has & 8 ? nullptr : filters.data();
  if (has & 32) parameters.num_filters = 1;
  if (has & 8) parameters.num_filters = 0;
  VASurfaceID previous = id(surfaces), next = id(surfaces);
  parameters.forward_references = has & 64 ? &previous : nullptr;
  parameters.backward_references = has & 128 ? &next : nullptr;
  call_->vaBeginPicture(driver_, context, id(surfaces));
  VABufferID buffer = VA_INVALID_ID;
  if (call_->vaCreateBuffer(driver_, context, VAProcPipelineParameterBufferType, sizeof(parameters),
                            1, &parameters, &buffer) == VA_STATUS_SUCCESS)
    call_->vaRenderPicture(driver_, context, &buffer, 1);
  call_->vaDestroyBuffer(driver_, buffer);  // before the memory it points to
  if (has & 32) call_->vaDestroyBuffer(driver_, filters[0]);
  call_->vaEndPicture(driver_, context);
}

void Client::create_image() {
  VAImageFormat format{};
  format.fourcc = fourccs[input_.byte() % fourccs.size()];
  VAImage image{};
  const int width = dimension(), height = dimension();
  const auto status = call_->vaCreateImage(driver_, &format, width, height, pointer(&image));
  keep(images, status, image.image_id);
  keep(buffers, status, image.buf);
  if (status == VA_STATUS_SUCCESS) sizes_[image.buf] = image.data_size;
}

void Client::derive_image() {
  VAImage image{};
  const auto status = call_->vaDeriveImage(driver_, id(surfaces), pointer(&image));
  keep(images, status, image.image_id);
  keep(buffers, status, image.buf);
  if (status == VA_STATUS_SUCCESS) sizes_[image.buf] = image.data_size;
}

void Client::copy_image() {
  const VASurfaceID surface = id(surfaces);
  const VAImageID image = id(images);
  const int x = dimension(), y = dimension();
  const auto width = static_cast<unsigned>(dimension()),
             height = static_cast<unsigned>(dimension());
  if (input_.byte() % 2)
    call_->vaGetImage(driver_, surface, x, y, width, height, image);
  else
    call_->vaPutImage(driver_, surface, image, x, y, width, height, dimension(), dimension(), width,
                      height);
}

void Client::create_subpicture() {
  VASubpictureID made = VA_INVALID_ID;
  const auto status = call_->vaCreateSubpicture(driver_, id(images), pointer(&made));
  keep(subpictures, status, made);
}

void Client::use_subpicture() {
  const VASubpictureID subpicture = id(subpictures);
  call_->vaSetSubpictureImage(driver_, subpicture, id(images));
  call_->vaSetSubpictureChromakey(driver_, subpicture, input_.byte(), input_.byte(), input_.byte());
  call_->vaSetSubpictureGlobalAlpha(driver_, subpicture, input_.number<float>());
  unsigned char palette[4] = {};
  call_->vaSetImagePalette(driver_, id(images), pointer(palette));
  std::array<VAImageFormat, 32> formats{};
  std::array<unsigned, 32> flags{};
  unsigned count = 0;
  int image_formats = 0;
  call_->vaQuerySubpictureFormats(driver_, pointer(formats.data()), flags.data(), &count);
  call_->vaQueryImageFormats(driver_, pointer(formats.data()), &image_formats);
}

void Client::associate() {
  std::array<VASurfaceID, 2> targets = {id(surfaces), id(surfaces)};
  const VASubpictureID subpicture = id(subpictures);
  const auto region = input_.number<std::array<VARectangle, 2>>();
  const auto& [from, to] = region;
  const int count = input_.byte() % 3;
  if (input_.byte() % 2)
    call_->vaAssociateSubpicture(driver_, subpicture, pointer(targets.data()), count, from.x,
                                 from.y, from.width, from.height, to.x, to.y, to.width, to.height,
                                 input_.byte());
  else
    call_->vaDeassociateSubpicture(driver_, subpicture, pointer(targets.data()), count);
}

void Client::put_surface() {
  const auto [from, to] = input_.number<std::array<VARectangle, 2>>();
  call_->vaPutSurface(driver_, id(surfaces), nullptr, from.x, from.y, from.width, from.height, to.x,
                      to.y, to.width, to.height, nullptr, input_.byte(), input_.byte());
}

void Client::export_surface() {
  VADRMPRIMESurfaceDescriptor descriptor;
  const VASurfaceID surface = id(surfaces);
  call_->vaExportSurfaceHandle(driver_, surface, input_.number<uint32_t>(),
                               input_.number<uint32_t>(), pointer(&descriptor));
}

void Client::display_attributes() {
  std::array<VADisplayAttribute, 4> attributes{};
  int count = 0;
  call_->vaQueryDisplayAttributes(driver_, attributes.data(), pointer(&count));
  call_->vaGetDisplayAttributes(driver_, pointer(attributes.data()), input_.byte() % 5);
  call_->vaSetDisplayAttributes(driver_, pointer(attributes.data()), input_.byte() % 5);
}

void Client::query_processing() {
  const auto* vpp = driver_->vtable_vpp;
  const VAContextID context = id(contexts);
  std::array<VAProcFilterType, 16> filters{};
  unsigned count = static_cast<unsigned>(filters.size());
  vpp->vaQueryVideoProcFilters(driver_, context, pointer(filters.data()), &count);
  std::array<VAProcFilterCapDeinterlacing, VAProcDeinterlacingCount> algorithms{};
  count = input_.byte() % 8u;
  if (count > algorithms.size()) count = static_cast<unsigned>(algorithms.size());
  vpp->vaQueryVideoProcFilterCaps(driver_, context, static_cast<VAProcFilterType>(input_.byte()),
                                  pointer(algorithms.data()), &count);
  VAProcPipelineCaps caps;
  VABufferID filter = id(buffers);
  const uint8_t style = input_.byte();
  if (style & 2) filter = make_filter(context);
  vpp->vaQueryVideoProcPipelineCaps(driver_, context, &filter, style % 2, pointer(&caps));
  if (style & 2) call_->vaDestroyBuffer(driver_, filter);
}

void Client::destroy() {
  const auto kind = static_cast<Kind>(input_.byte() % kinds);
  VAGenericID gone = id(kind);
  if (kind == configs) call_->vaDestroyConfig(driver_, gone);
  if (kind == surfaces) call_->vaDestroySurfaces(driver_, pointer(&gone), 1);
  if (kind == contexts) call_->vaDestroyContext(driver_, gone);
  if (kind == buffers) call_->vaDestroyBuffer(driver_, gone);
  if (kind == images) call_->vaDestroyImage(driver_, gone);
  if (kind == subpictures) call_->vaDestroySubpicture(driver_, gone);
}

void Client::run() {
  static constexpr std::array calls = {
      &Client::query_config,
      &Client::create_config,
      &Client::create_surfaces,
      &Client::create_context,
      &Client::create_surfaces_2,
      &Client::query_surface_attributes,
      &Client::create_buffer,
      &Client::use_buffer,
      &Client::begin,
      &Client::render,
      &Client::end,
      &Client::sync,
      &Client::query_surface,
      &Client::decode,
      &Client::process,
      &Client::create_image,
      &Client::derive_image,
      &Client::copy_image,
      &Client::associate,
      &Client::create_subpicture,
      &Client::use_subpicture,
      &Client::put_surface,
      &Client::display_attributes,
      &Client::query_processing,
      &Client::destroy,
      &Client::export_surface,
      &Client::decode_vp9,
      &Client::decode_av1,
  };
  for (std::size_t i = 0; i < max_calls && !input_.at_end(); ++i) {
    const uint8_t call = input_.byte();
    null_ = call >= 8 * calls.size();  // for a few of the largest numbers
    (this->*calls[call % calls.size()])();
  }
}

}  // namespace
}  // namespace daedalus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daedalus::fuzz;
  Client(Input({data, size})).run();
  return 0;
}
