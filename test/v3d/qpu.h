// SPDX-License-Identifier: MIT
// Executes compute shaders compiled for V3D 7.1, bit-exactly, and counts their cost. A dispatch's
// workgroups run one after another, and a workgroup's subgroups (batches of 16 invocations) from
// barrier to barrier.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "l2_cache.h"
#include "qpu_instruction.h"

namespace daedalus::v3d {

// The GPU's address space, in 4 KiB pages.
class Memory {
 public:
  Memory() : pages_(1u << 20) {}
  void map(uint32_t address, std::byte* memory, std::size_t size);
  void unmap(uint32_t address, std::size_t size);
  // Null if nothing is mapped there.
  std::byte* at(uint32_t address) const {
    std::byte* page = pages_[address >> 12];
    return page ? page + (address & 0xfff) : nullptr;
  }
  uint32_t word(uint32_t address) const;

 private:
  std::vector<std::byte*> pages_;
};

struct Costs {
  uint64_t batches = 0;
  uint64_t instructions = 0;  // of 16 lanes
  uint64_t lookups = 0;       // TMU requests of 16 lanes
  uint64_t tmu_cycles = 0;
  uint64_t waits = 0;                          // thread switches with lookups in flight
  uint64_t read_bytes = 0, written_bytes = 0;  // memory behind the L2 cache
  // The critical path: a lower bound on the dispatch's time, in units of an instruction's time.
  uint64_t path = 0;
};

struct Dispatch {
  std::array<uint32_t, 3> groups;
  uint32_t group_size;
  uint32_t code, uniforms;
  uint32_t threads;  // per QPU
  bool single_segment;
};

// How often each instruction of a shader was executed, indexed by its address.
struct Program {
  std::vector<std::optional<Instruction>> instructions;  // only those that were executed
  std::vector<uint64_t> executions;
};

class Gpu {
 public:
  Memory& memory() { return memory_; }
  Costs run(const Dispatch& dispatch);
  const std::unordered_map<uint32_t, Program>& programs() const { return programs_; }

 private:
  Memory memory_;
  L2Cache l2_;
  std::unordered_map<uint32_t, Program> programs_;
};

inline constexpr uint32_t qpu_count = 12;

// The assumed cost of a wait for the TMU that is not hidden, in units of an instruction's time (4
// cycles).
inline constexpr uint64_t wait_instructions = 60;

}  // namespace daedalus::v3d
