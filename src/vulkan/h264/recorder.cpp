#include "vulkan/h264/recorder.h"

#include <algorithm>

#include "vulkan/command_slots.h"

namespace daedalus::vulkan {
namespace {

constexpr uint32_t divide_up(uint32_t value, uint32_t divisor) {
  return (value + divisor - 1) / divisor;
}

// Workgroups that each shader divides among its parts, as its head comment says.
struct WorkgroupCounts {
  WorkgroupCounts(const H264Commands& picture, uint32_t stacked_mbs)
      : inter(divide_up(picture.mb_count(), 32) + divide_up(picture.mb_count(), 64) +
              divide_up(picture.mb_count(), 256)),
        residual(divide_up(picture.mb_count(), 2) + divide_up(picture.mb_count(), 8)),
        deblock_strip(divide_up(picture.width_in_mbs, 4) * divide_up(picture.height_in_mbs, 4)),
        deblock_vertical(divide_up(picture.mb_count(), 16) + divide_up(picture.mb_count(), 32)),
        deblock_horizontal(
            2 *
            divide_up(picture.width_in_mbs * divide_up(picture.height_in_mbs, stacked_mbs), 64)) {}

  uint32_t inter, residual, deblock_strip, deblock_vertical, deblock_horizontal;
};
constexpr uint32_t intra_mbs_per_workgroup = 24;  // level strategy
// Of the eight of a P or B picture five are those of other stages.
constexpr uint32_t max_inter_picture_intra_dispatches = 3;

class Recorder {
 public:
  Recorder(VkCommandBuffer commands, const H264Pipelines& pipelines, VkDescriptorSet set,
           const TimedPicture& timed)
      : commands_(commands), pipelines_(pipelines), timed_(timed) {
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines.layout(), 0, 1,
                            &set, 0, nullptr);
  }

  void bind(H264Pipeline pipeline) {
    vkCmdBindPipeline(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines_[pipeline]);
  }

  template <typename Constants>
  void push(const Constants& constants) {
    vkCmdPushConstants(commands_, pipelines_.layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                       sizeof constants, &constants);
  }

  void dispatch(uint32_t x, uint32_t y = 1) {
    vkCmdDispatch(commands_, x, y, 1);
    ++counts_.dispatches;
  }

  void barrier(VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to,
               VkAccessFlags used) {
    memory_barrier(commands_, from, written, to, used);
    ++counts_.barriers;
  }

  // Between dispatches, each of which reads what those before it wrote.
  void barrier() {
    barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
            VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
            VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
  }

  // What the dispatches wrote.
  void copy(const VulkanPicture::PlaneCopies& copies) {
    barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
            VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT);
    vkCmdCopyBuffer(commands_, copies.from, copies.to, static_cast<uint32_t>(copies.planes.size()),
                    copies.planes.data());
  }

  void begin_timing() { timed_.begin(commands_); }
  void mark(TimedStage stage) { timed_.mark(commands_, stage); }

  RecordedCounts counts() const { return counts_; }

 private:
  VkCommandBuffer commands_;
  const H264Pipelines& pipelines_;
  const TimedPicture timed_;
  RecordedCounts counts_;
};

// Two workgroups for each intra macroblock; which they take their tickets say.
void record_intra_tickets(Recorder& recorder, const H264Commands& picture) {
  const uint32_t count = 2 * picture.intra_levels.back();
  const uint32_t x = std::min(count, picture.max_workgroups_per_axis);
  recorder.bind(H264Pipeline::intra);
  recorder.push(IntraLevels{0, static_cast<uint32_t>(picture.intra_levels.size() - 1)});
  recorder.dispatch(x, divide_up(count, x));
}

// The levels of a dispatch: [first, end).
struct LevelRun {
  uint32_t first, end;
};

// What a workgroup reconstructs one after the other.
uint32_t turns(uint32_t level_size) {
  return std::max(divide_up(level_size, intra_mbs_per_workgroup), 1u);
}

// The dispatch that begins with level `first`: levels of up to `small` macroblocks follow each
// other in it, a larger one is alone.
LevelRun level_run(std::span<const uint32_t> levels, uint32_t first, uint32_t small,
                   uint32_t most_turns) {
  const auto count = static_cast<uint32_t>(levels.size() - 1);
  const auto size = [&](uint32_t level) { return levels[level + 1] - levels[level]; };
  uint32_t end = first, all_turns = 0;
  while (end < count && size(end) <= small && (all_turns += turns(size(end))) <= most_turns) ++end;
  return {first, std::max(end, first + 1)};
}

uint32_t count_runs(std::span<const uint32_t> levels, uint32_t small, uint32_t most_turns) {
  uint32_t runs = 0;
  for (uint32_t first = 0; first + 1 < levels.size(); ++runs) {
    first = level_run(levels, first, small, most_turns).end;
  }
  return runs;
}

// Up to which size levels share a dispatch. Intra macroblocks of P and B pictures are few: their
// levels take no more dispatches than the picture's budget has left for them.
uint32_t small_level_size(const H264Commands& picture, uint32_t smallest, uint32_t most_turns) {
  uint32_t small = smallest;
  while (picture.has_inter && small < picture.mb_count() &&
         count_runs(picture.intra_levels, small, most_turns) > max_inter_picture_intra_dispatches) {
    small *= 2;
  }
  return small;
}

// A dispatch for each large level, and one for each run of small ones. Two workgroups, for luma and
// for chroma, share macroblocks.
void record_intra_levels(Recorder& recorder, const H264Commands& picture,
                         const IntraLevelLimits& limits) {
  const auto& levels = picture.intra_levels;
  const uint32_t small = small_level_size(picture, limits.small_level, limits.turns);
  recorder.bind(H264Pipeline::intra);
  for (uint32_t first = 0; first + 1 < levels.size();) {
    const uint32_t end = level_run(levels, first, small, limits.turns).end;
    const bool alone = end == first + 1 && levels[end] - levels[first] > small;
    if (first != 0) recorder.barrier();
    recorder.push(IntraLevels{first, end - first});
    recorder.dispatch(2 * (alone ? turns(levels[end] - levels[first]) : 1));
    first = end;
  }
}

void record_deblocking(Recorder& recorder, const WorkgroupCounts& workgroups) {
  recorder.bind(H264Pipeline::deblock_strip);
  recorder.dispatch(workgroups.deblock_strip);
  recorder.mark(TimedStage::deblock_strip);
  recorder.barrier();
  recorder.bind(H264Pipeline::deblock_vertical);
  recorder.dispatch(workgroups.deblock_vertical);
  recorder.mark(TimedStage::deblock_vertical);
  recorder.barrier();
  recorder.bind(H264Pipeline::deblock_horizontal);
  recorder.dispatch(workgroups.deblock_horizontal);
  recorder.mark(TimedStage::deblock_horizontal);
}

}  // namespace

RecordedCounts record_h264_picture(VkCommandBuffer commands, const H264Pipelines& pipelines,
                                   VkDescriptorSet set, const H264Commands& picture) {
  const WorkgroupCounts workgroups(picture, pipelines.stacked_mbs());
  Recorder recorder(commands, pipelines, set, picture.timed);

  // Earlier pictures are references, and used the same scratch memory; others may be copied.
  recorder.barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                   VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
                   VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                   VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
  recorder.begin_timing();
  // Also where no macroblock is inter: it leaves the boundary strengths and resets the tickets.
  recorder.bind(H264Pipeline::inter);
  recorder.dispatch(workgroups.inter);
  recorder.mark(TimedStage::inter);
  recorder.barrier();
  recorder.bind(H264Pipeline::residual);
  recorder.dispatch(workgroups.residual);
  recorder.mark(TimedStage::residual);

  if (!picture.intra_levels.empty() && picture.intra_levels.back() != 0) {
    recorder.barrier();
    if (pipelines.strategy() == DispatchStrategy::tickets) {
      record_intra_tickets(recorder, picture);
    } else {
      record_intra_levels(recorder, picture, pipelines.intra_level_limits());
    }
    recorder.mark(TimedStage::intra);
  }
  if (picture.deblocks) {
    recorder.barrier();
    record_deblocking(recorder, workgroups);
  }
  if (picture.copies) {
    recorder.copy(*picture.copies);
    recorder.mark(TimedStage::copy);
  }
  if (picture.target_is_mapped) {
    recorder.barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                     VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
                     VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  }
  return recorder.counts();
}

}  // namespace daedalus::vulkan
