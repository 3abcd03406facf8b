// SPDX-License-Identifier: MIT
#include "qpu_instruction.h"

#include <array>

namespace daedalus::v3d {
namespace {

constexpr uint32_t field(uint64_t word, int high, int low) {
  return static_cast<uint32_t>(word >> low & ((uint64_t{1} << (high - low + 1)) - 1));
}

// 0 to 15, -16 to -1, 2^-8 to 2^7
uint32_t small_immediate(uint32_t packed) {
  if (packed < 32) return packed < 16 ? packed : packed - 32;
  return (packed - 32 + 127 - 8) << 23;
}

Source source(uint32_t raddr, bool immediate) {
  return {static_cast<uint8_t>(raddr), immediate, Unpack::none,
          immediate ? small_immediate(raddr) : 0};
}

std::optional<AddOp> add_op_one_source(uint32_t raddr_b) {  // opcode 186
  constexpr std::array<AddOp, 8> ops = {AddOp::bnot, AddOp::neg, AddOp::nop,
                                        AddOp::nop,  AddOp::nop, AddOp::clz};
  if (raddr_b >= ops.size() || ops[raddr_b] == AddOp::nop) return {};
  return ops[raddr_b];
}

std::optional<AddOp> add_op_no_source(uint32_t raddr_b) {  // opcode 187
  switch (raddr_b) {
    case 0:
      return AddOp::nop;
    case 2:
      return AddOp::eidx;
    case 10:
      return AddOp::msf;
    case 14:
      return AddOp::barrierid;
    case 15:
      return AddOp::tmuwt;
    case 17:
      return AddOp::flafirst;
    case 18:
      return AddOp::flnafirst;
    default:
      return {};
  }
}

std::optional<AddOp> add_op_special(uint32_t raddr_b) {  // opcode 188
  switch (raddr_b) {
    case 32:
      return AddOp::recip;
    case 33:
      return AddOp::rsqrt;
    case 38:
      return AddOp::ballot;
    case 39:
      return AddOp::bcastf;
    case 40:
      return AddOp::alleq;
    default:
      return {};
  }
}

// Valid only without packing and unpacking.
std::optional<AddOp> add_op_to_integer(uint32_t raddr_b) {  // opcode 245
  switch (raddr_b) {
    case 4:
      return AddOp::fround;
    case 7:
      return AddOp::ftoin;
    case 20:
      return AddOp::ftrunc;
    case 23:
      return AddOp::ftoiz;
    case 36:
      return AddOp::ffloor;
    case 39:
      return AddOp::ftouz;
    case 52:
      return AddOp::fceil;
    default:
      return {};
  }
}

std::optional<AddOp> add_op(uint32_t op, uint32_t raddr_b) {
  if (op < 16) return AddOp::fadd;  // without packing; its low bits are unpackings
  switch (op) {
    case 69:
      return AddOp::fsub;
    case 133:
      return AddOp::fmin;  // or fmax, see below
    case 56:
      return AddOp::add;
    case 60:
      return AddOp::sub;
    case 120:
      return AddOp::min;
    case 121:
      return AddOp::max;
    case 122:
      return AddOp::umin;
    case 123:
      return AddOp::umax;
    case 124:
      return AddOp::shl;
    case 125:
      return AddOp::shr;
    case 126:
      return AddOp::asr;
    case 127:
      return AddOp::ror;
    case 181:
      return AddOp::band;
    case 182:
      return AddOp::bor;
    case 183:
      return AddOp::bxor;
    case 186:
      return add_op_one_source(raddr_b);
    case 187:
      return add_op_no_source(raddr_b);
    case 188:
      return add_op_special(raddr_b);
    case 197:
      return AddOp::fcmp;
    case 245:
      return add_op_to_integer(raddr_b);
    case 246:
      return raddr_b >= 36 ? AddOp::utof : AddOp::itof;
    case 249:
      return raddr_b == 4 ? AddOp::fmov : AddOp::mov;
    case 252:
      return AddOp::rotate_quad;
    case 253:
      return AddOp::rotate;
    case 254:
      return AddOp::shuffle;
    default:
      return {};
  }
}

constexpr uint32_t fmov_max_0 = 24;  // Mesa's disassembler prints ".l"

std::optional<MulOp> mul_op(uint32_t op, uint32_t raddr_d) {
  if (op >= 16 && op < 32) return MulOp::fmul;  // likewise
  switch (op) {
    case 1:
      return MulOp::add;
    case 2:
      return MulOp::sub;
    case 3:
      return MulOp::umul24;
    case 9:
      return MulOp::smul24;
    case 10:
      return MulOp::multop;
    case 14:
      if (raddr_d == 63) return MulOp::nop;
      if (raddr_d == 4 || raddr_d == fmov_max_0) return MulOp::fmov;
      if ((raddr_d & 3) == 3 && raddr_d < 20) return MulOp::mov;
      return {};
    default:
      return {};
  }
}

Unpack integer_unpack(uint32_t packed) {
  constexpr std::array<Unpack, 8> unpacks = {Unpack::none, Unpack::ul, Unpack::uh, Unpack::il,
                                             Unpack::ih};
  return unpacks[packed & 7];
}

Unpack float_unpack(uint32_t packed) {
  constexpr std::array<Unpack, 4> unpacks = {Unpack::abs, Unpack::none, Unpack::low_float,
                                             Unpack::high_float};
  return unpacks[packed & 3];
}

// Of fadd and fmul.
template <typename Op>
void decode_float_sources(uint32_t op, Half<Op>& half) {
  half.a.unpack = float_unpack(op >> 2);
  half.b.unpack = float_unpack(op);
}

void decode_flags(uint32_t packed, Instruction& i) {
  constexpr std::array<Condition, 4> conditions = {Condition::if_a, Condition::if_b,
                                                   Condition::if_not_a, Condition::if_not_b};
  constexpr std::array<Condition, 4> both_conditions = {Condition::if_a, Condition::if_b,
                                                        Condition::if_not_a, Condition::if_not_b};
  const auto push = static_cast<Push>(packed & 3);
  const auto update = static_cast<Update>((packed & 0xf) - 4 + 1);
  if (packed >> 2 == 0) {
    i.add.push = push;
  } else if (packed >> 4 == 0) {
    i.add.update = update;
  } else if (packed >> 2 == 4) {
    i.mul.push = push;
  } else if (packed >> 4 == 1) {
    i.mul.update = update;
  } else if (packed >> 4 == 2) {
    i.add.condition = conditions[packed >> 2 & 3];
    i.mul.push = push;
  } else if (packed >> 4 == 3) {
    i.mul.condition = conditions[packed >> 2 & 3];
    i.add.push = push;
  } else {
    i.mul.condition = both_conditions[packed >> 4 & 3];
    if ((packed >> 2 & 3) == 0)
      i.add.condition = both_conditions[packed & 3];
    else
      i.add.update = update;
  }
}

std::optional<Instruction> decode_branch(uint64_t word) {
  Instruction i;
  i.word = word;
  i.branch = true;
  const uint32_t condition = field(word, 34, 32);
  if (condition == 1) return {};
  i.branch_if = condition == 0 ? BranchIf::always : static_cast<BranchIf>(condition - 1);
  const bool relative = field(word, 13, 12) == 1;
  i.branch_uniform = field(word, 14, 14) != 0;
  if (!relative || (i.branch_uniform && field(word, 17, 15) != 1)) return {};
  i.branch_offset = static_cast<int32_t>(field(word, 55, 35) << 3 | field(word, 31, 24) << 24);
  return i;
}

}  // namespace

std::optional<Instruction> decode(uint64_t word) {
  const uint32_t op_mul = field(word, 63, 58), op_add = field(word, 31, 24),
                 sig = field(word, 57, 53);
  if (op_mul == 0) return (sig & 24) == 16 ? decode_branch(word) : std::nullopt;

  Instruction i;
  i.word = word;
  if (sig == 18 || sig > 31 || (sig >= 8 && sig <= 11) || (sig >= 16 && sig <= 23) ||
      (sig >= 26 && sig <= 29))
    return {};
  const bool loads = sig < 8;
  i.thrsw = (loads && (sig & 1)) || sig == 13;
  i.ldunif = loads && (sig & 2);
  i.ldtmu = loads && (sig & 4);
  i.ldunifrf = sig == 12 || sig == 13;
  i.ldunifa = sig == 24;
  i.ldunifarf = sig == 25;

  const uint32_t raddr_a = field(word, 11, 6), raddr_b = field(word, 5, 0),
                 raddr_c = field(word, 23, 18), raddr_d = field(word, 17, 12);
  const auto add = add_op(op_add, raddr_b);
  const auto mul = mul_op(op_mul, raddr_d);
  if (!add || !mul) return {};
  i.add.op = *add;
  i.mul.op = *mul;
  i.add.a = source(raddr_a, sig == 14);
  i.add.b = source(raddr_b, sig == 15);
  i.mul.a = source(raddr_c, sig == 30);
  i.mul.b = source(raddr_d, sig == 31);
  if (i.add.op == AddOp::mov) i.add.a.unpack = integer_unpack(raddr_b >> 2);
  if (i.mul.op == MulOp::mov) i.mul.a.unpack = integer_unpack(raddr_d >> 2);
  if (i.mul.op == MulOp::fmov && raddr_d == fmov_max_0) i.mul.a.unpack = Unpack::max_0;
  if (i.add.op == AddOp::fadd) decode_float_sources(op_add, i.add);
  if (i.mul.op == MulOp::fmul) decode_float_sources(op_mul, i.mul);
  // The order of the operands distinguishes commutative floating point operations.
  if ((sig == 14 ? 256 : 0) + raddr_a > (sig == 15 ? 256 : 0) + raddr_b && i.add.op == AddOp::fmin)
    i.add.op = AddOp::fmax;
  i.add.target = {static_cast<uint8_t>(field(word, 37, 32)), field(word, 44, 44) != 0};
  i.mul.target = {static_cast<uint8_t>(field(word, 43, 38)), field(word, 45, 45) != 0};

  const uint32_t flags = field(word, 52, 46);
  if (i.ldtmu || i.ldunifrf || i.ldunifarf)
    i.load_target = {static_cast<uint8_t>(flags & 63), (flags & 64) != 0};
  else
    decode_flags(flags, i);
  return i;
}

}  // namespace daedalus::v3d
