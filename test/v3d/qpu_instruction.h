// SPDX-License-Identifier: MIT
// Decodes the 64-bit instructions of V3D 7.1's shader processor (QPU). The encoding is described by
// Mesa's src/broadcom/qpu (qpu_pack.c). Instructions that this driver's shaders never use are not
// supported, and decoding reports them.
#pragma once

#include <cstdint>
#include <optional>

namespace daedalus::v3d {

enum class AddOp : uint8_t {
  nop,
  add,
  sub,
  fadd,
  fsub,
  fmin,
  fmax,
  fcmp,
  min,
  max,
  umin,
  umax,
  shl,
  shr,
  asr,
  ror,
  band,
  bor,
  bxor,
  bnot,
  neg,
  clz,
  eidx,
  barrierid,
  tmuwt,
  recip,
  rsqrt,
  ballot,
  bcastf,
  alleq,
  ftoin,
  ftoiz,
  ftouz,
  ffloor,
  ftrunc,
  fceil,
  fround,
  itof,
  utof,
  mov,
  fmov,
  rotate,
  rotate_quad,
  shuffle,
  flafirst,
  flnafirst,
  msf,
};
enum class MulOp : uint8_t { nop, add, sub, umul24, smul24, multop, mov, fmov, fmul };
enum class Condition : uint8_t { always, if_a, if_b, if_not_a, if_not_b };
enum class Push : uint8_t { none, zero, negative, carry };
// How an instruction combines a flag of its result with flag A.
enum class Update : uint8_t {
  none,
  and_z,
  and_nz,
  nor_nz,
  nor_z,
  and_n,
  and_nn,
  nor_nn,
  nor_n,
  and_c,
  and_nc,
  nor_nc,
  nor_c
};
enum class BranchIf : uint8_t { always, a0, not_a0, all_a, any_not_a, any_a, all_not_a };
// `max_0`: 0 for negative floats.
enum class Unpack : uint8_t { none, abs, low_float, high_float, max_0, ul, uh, il, ih };

// Write addresses that are not registers.
namespace magic {
inline constexpr uint8_t nop = 6, unifa = 9, tmud = 11, tmua = 12, tmuau = 13, sync = 16,
                         syncb = 18, tmuc = 32;
}

struct Source {
  uint8_t reg = 0;
  bool immediate = false;
  Unpack unpack = Unpack::none;
  uint32_t value = 0;
};

struct Target {
  uint8_t address = 0;
  bool is_magic = false;
};

template <typename Op>
struct Half {
  Op op = Op::nop;
  Source a, b;
  Target target;
  Condition condition = Condition::always;
  Push push = Push::none;
  Update update = Update::none;
};

struct Instruction {
  uint64_t word = 0;
  bool branch = false;

  Half<AddOp> add;
  Half<MulOp> mul;
  bool thrsw = false, ldunif = false, ldunifrf = false, ldunifa = false, ldunifarf = false,
       ldtmu = false;
  Target load_target;  // of ldunifrf, ldunifarf, ldtmu

  BranchIf branch_if = BranchIf::always;
  bool branch_uniform = false;
  int32_t branch_offset = 0;  // bytes from four instructions after the branch
};

std::optional<Instruction> decode(uint64_t word);

}  // namespace daedalus::v3d
