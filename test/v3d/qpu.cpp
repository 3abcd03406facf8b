// SPDX-License-Identifier: MIT
#include "qpu.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

namespace daedalus::v3d {
namespace {

constexpr int lanes = 16;
using Vector = uint32_t __attribute__((vector_size(lanes * 4)));
using Signed = int32_t __attribute__((vector_size(lanes * 4)));
using Float = float __attribute__((vector_size(lanes * 4)));

[[noreturn]] void stop(const char* what, uint32_t address, uint64_t word) {
  fprintf(stderr, "qpu: %s: %016llx at %08x\n", what, static_cast<unsigned long long>(word),
          address);
  abort();
}

template <typename To, typename From>
To as(From from) {
  return reinterpret_cast<To>(from);
}

template <typename T>
Vector mask(T comparison) {
  return as<Vector>(comparison);
}

Vector splat(uint32_t value) {
  return Vector{} + value;
}

// The lanes of a mask.
bool any_lane(Vector v) {
  const auto halves = as<uint64_t __attribute__((vector_size(lanes * 4)))>(v);
  uint64_t any = 0;
  for (int i = 0; i < lanes / 2; ++i) any |= halves[i];
  return any != 0;
}

template <typename Function>
Vector each_float(Vector v, Function function) {
  Vector result;
  for (int lane = 0; lane < lanes; ++lane)
    result[lane] = function(std::bit_cast<float>(uint32_t{v[lane]}));
  return result;
}

struct Result {
  Vector value{};
  Vector carry{};
  bool has_carry = false;

  void set(Vector v) { value = v; }
  void set(Vector v, Vector c) {
    value = v;
    carry = c;
    has_carry = true;
  }
};

struct Thread {
  std::array<Vector, 64> registers{};
  Vector a{}, b{}, rtop{};
  uint32_t uniforms = 0, unifa = 0, pc = 0;
  std::vector<Vector> tmu_data;
  std::deque<Vector> loaded;
  int switch_in = -1, branch_in = -1, end_in = -1;
  uint32_t branch_to = 0, branch_uniforms = 0;
  bool last_segment = false, switched_before = false, barrier = false, done = false;
  uint32_t lookups_in_flight = 0;
  uint64_t instructions = 0, waits = 0;  // since the last barrier
};

class Runner {
 public:
  Runner(Memory& memory, L2Cache& l2, Program& program, const Dispatch& dispatch, Costs& costs)
      : memory_(memory), l2_(l2), program_(program), dispatch_(dispatch), costs_(costs) {}

  // Returns the path of Costs.
  uint64_t run_group(uint32_t x, uint32_t y, uint32_t z);
  bool has_barriers() const { return has_barriers_; }

 private:
  uint64_t run_to_barrier(std::vector<Thread>& threads);
  void start(Thread& t, uint32_t batch, uint32_t x, uint32_t y, uint32_t z);
  void run_to_barrier(Thread& t);
  const Instruction& fetch(uint32_t pc);
  void execute(Thread& t, const Instruction& i);
  void execute_branch(Thread& t, const Instruction& i);
  bool taken(const Thread& t, const Instruction& i) const;
  Vector read(const Thread& t, const Source& s) const;
  void add_result(Thread& t, const Instruction& i, Vector enabled, Result& result) const;
  void mul_result(Thread& t, const Instruction& i, Result& result) const;
  Vector enabled(const Thread& t, Condition condition) const;
  template <typename Op>
  void set_flags(Thread& t, const Half<Op>& half, const Result& result, const Instruction& i);
  void write(Thread& t, Target target, Vector value, bool always, Vector enabled,
             const Instruction& i);
  void load(Thread& t, Target target, Vector value);
  void look_up(Thread& t, Vector address, Vector enabled, uint32_t config);
  void count_lookup(Vector address, Vector enabled, uint32_t words, uint32_t bytes, bool write);
  Vector atomic(uint32_t op, Vector address, Vector enabled, const std::vector<Vector>& data);
  std::byte* location(uint32_t address);

  Memory& memory_;
  L2Cache& l2_;
  Program& program_;
  const Dispatch& dispatch_;
  Costs& costs_;
  bool has_barriers_ = false;
};

const Instruction& Runner::fetch(uint32_t pc) {
  while (program_.instructions.size() <= pc) {
    const uint32_t address =
        dispatch_.code + static_cast<uint32_t>(program_.instructions.size()) * 8;
    const uint64_t word = memory_.word(address) | uint64_t{memory_.word(address + 4)} << 32;
    program_.instructions.push_back(decode(word));
    program_.executions.push_back(0);
  }
  const auto& i = program_.instructions[pc];
  if (!i) stop("unknown instruction", pc, memory_.word(dispatch_.code + pc * 8));
  return *i;
}

void Runner::start(Thread& t, uint32_t batch, uint32_t x, uint32_t y, uint32_t z) {
  // Bits of gl_LocalInvocationIndex at the top of the second word, workgroup in shared memory
  // (always 0 here) below, z.
  const uint32_t bits =
      static_cast<uint32_t>(std::bit_width(std::max(dispatch_.group_size, 64u) - 1));
  for (uint32_t lane = 0; lane < lanes; ++lane)
    t.registers[2][lane] = (batch * lanes + lane) << (32 - bits) | z;
  t.registers[3] = splat(y << 16 | x);
  t.uniforms = dispatch_.uniforms;
  t.last_segment = dispatch_.single_segment;
}

// Assigns batches to the QPUs in turn; batches on one QPU share its instruction slots.
uint64_t Runner::run_to_barrier(std::vector<Thread>& threads) {
  std::array<uint64_t, qpu_count> instructions{};
  uint64_t path = 0;
  for (std::size_t batch = 0; batch < threads.size(); ++batch) {
    Thread& t = threads[batch];
    run_to_barrier(t);
    uint64_t& of_qpu = instructions[batch % qpu_count];
    of_qpu += t.instructions;
    path = std::max({path, of_qpu, t.instructions + t.waits * wait_instructions});
    costs_.instructions += t.instructions;
    costs_.waits += t.waits;
    t.instructions = t.waits = 0;
  }
  return path;
}

uint64_t Runner::run_group(uint32_t x, uint32_t y, uint32_t z) {
  const uint32_t batches = (dispatch_.group_size + lanes - 1) / lanes;
  std::vector<Thread> threads(batches);
  for (uint32_t batch = 0; batch < batches; ++batch) start(threads[batch], batch, x, y, z);
  uint64_t path = 0;
  for (uint32_t parts = 0; !threads[0].done; ++parts) {
    if (parts == 1) has_barriers_ = true;
    path += run_to_barrier(threads);
  }
  for (const Thread& t : threads)
    if (!t.done) stop("a workgroup's batches diverge at a barrier", t.pc, 0);
  costs_.batches += batches;
  return path;
}

void Runner::run_to_barrier(Thread& t) {
  while (!t.done) {
    const Instruction& i = fetch(t.pc);
    ++program_.executions[t.pc];
    ++t.instructions;
    ++t.pc;
    if (i.branch)
      execute_branch(t, i);
    else
      execute(t, i);
    if (t.branch_in >= 0 && t.branch_in-- == 0) {
      t.pc = t.branch_to;
      t.uniforms = t.branch_uniforms;
    }
    if (t.end_in >= 0 && t.end_in-- == 0) t.done = true;
    if (t.switch_in >= 0 && t.switch_in-- == 0) {
      if (t.lookups_in_flight) ++t.waits;
      t.lookups_in_flight = 0;
      if (t.barrier) {
        t.barrier = false;
        return;
      }
    }
  }
}

bool Runner::taken(const Thread& t, const Instruction& i) const {
  const bool any = any_lane(t.a), all = !any_lane(~t.a);
  switch (i.branch_if) {
    case BranchIf::always:
      return true;
    case BranchIf::a0:
      return t.a[0] != 0;
    case BranchIf::not_a0:
      return t.a[0] == 0;
    case BranchIf::all_a:
      return all;
    case BranchIf::any_not_a:
      return !all;
    case BranchIf::any_a:
      return any;
    case BranchIf::all_not_a:
      return !any;
  }
  return false;
}

void Runner::execute_branch(Thread& t, const Instruction& i) {
  uint32_t uniform_offset = 0;
  if (i.branch_uniform) {
    uniform_offset = memory_.word(t.uniforms);
    t.uniforms += 4;
  }
  if (!taken(t, i)) return;
  t.branch_in = 3;
  t.branch_to = t.pc + 3 + static_cast<uint32_t>(i.branch_offset / 8);
  t.branch_uniforms = t.uniforms + uniform_offset;
}

// 16-bit floats as 32-bit ones.
Vector from_half_floats(Vector halves) {
  const Vector sign = (halves & 0x8000) << 16, exponent = halves >> 10 & 31, bits = halves & 0x7fff;
  const Vector denormal = as<Vector>(__builtin_convertvector(as<Signed>(bits), Float) * 0x1p-24f);
  const Vector normal = (bits << 13) + (exponent == 31 ? splat(224u << 23) : splat(112u << 23));
  return sign | (exponent == 0 ? denormal : normal);
}

Vector Runner::read(const Thread& t, const Source& s) const {
  if (s.immediate) return splat(s.value);
  const Vector v = t.registers[s.reg];
  switch (s.unpack) {
    case Unpack::ul:
      return v & 0xffff;
    case Unpack::uh:
      return v >> 16;
    case Unpack::il:
      return as<Vector>(as<Signed>(v << 16) >> 16);
    case Unpack::ih:
      return as<Vector>(as<Signed>(v) >> 16);
    case Unpack::abs:
      return v & 0x7fffffff;
    case Unpack::low_float:
      return from_half_floats(v & 0xffff);
    case Unpack::high_float:
      return from_half_floats(v >> 16);
    case Unpack::max_0:
      return as<Float>(v) > 0 ? v : Vector{};
    case Unpack::none:
      break;
  }
  return v;
}

Vector Runner::enabled(const Thread& t, Condition condition) const {
  switch (condition) {
    case Condition::always:
      return splat(~0u);
    case Condition::if_a:
      return t.a;
    case Condition::if_b:
      return t.b;
    case Condition::if_not_a:
      return ~t.a;
    case Condition::if_not_b:
      return ~t.b;
  }
  return Vector{};
}

Vector all_equal(Vector v, Vector enabled) {
  uint32_t first = 0;
  bool found = false, equal = true;
  for (int lane = 0; lane < lanes; ++lane) {
    if (!enabled[lane]) continue;
    if (!found) first = v[lane];
    equal &= v[lane] == first;
    found = true;
  }
  return splat(equal ? 1 : 0);
}

Vector ballot(Vector v, Vector enabled) {
  uint32_t bits = 0;
  for (int lane = 0; lane < lanes; ++lane) bits |= (enabled[lane] && v[lane] ? 1u : 0u) << lane;
  return splat(bits);
}

Vector broadcast_first(Vector v, Vector enabled) {
  for (int lane = 0; lane < lanes; ++lane)
    if (enabled[lane]) return splat(v[lane]);
  return v;
}

Vector first_with(Vector flag) {
  Vector result{};
  for (int lane = 0; lane < lanes; ++lane) {
    if (!flag[lane]) continue;
    result[lane] = 1;
    break;
  }
  return result;
}

void Runner::add_result(Thread& t, const Instruction& i, Vector enabled, Result& result) const {
  const Vector x = read(t, i.add.a), y = read(t, i.add.b), shift = y & 31;
  const Float fx = as<Float>(x), fy = as<Float>(y);
  const auto to_int = [](float f) {
    return f < -2147483648.f  ? 0x80000000u
           : f > 2147483520.f ? 0x7fffffffu
                              : static_cast<uint32_t>(static_cast<int32_t>(f));
  };
  const auto to_uint = [](float f) {
    return f < 0 ? 0u : f > 4294967040.f ? ~0u : static_cast<uint32_t>(f);
  };
  switch (i.add.op) {
    case AddOp::nop:
    case AddOp::barrierid:
    case AddOp::tmuwt:
      return;
    case AddOp::add:
      return result.set(x + y, mask(x + y < x));
    case AddOp::sub:
      return result.set(x - y, mask(x < y));
    case AddOp::fadd:
      return result.set(as<Vector>(fx + fy));
    case AddOp::fsub:
      return result.set(as<Vector>(fx - fy));
    case AddOp::fmin:
      return result.set(fx < fy ? x : y, mask(fx > fy));
    case AddOp::fmax:
      return result.set(fx > fy ? x : y, mask(fx > fy));
    case AddOp::fcmp:
      return result.set(as<Vector>(fx - fy), mask(fx > fy));
    case AddOp::min:
      return result.set(as<Signed>(x) < as<Signed>(y) ? x : y, mask(as<Signed>(x) > as<Signed>(y)));
    case AddOp::max:
      return result.set(as<Signed>(x) > as<Signed>(y) ? x : y, mask(as<Signed>(x) > as<Signed>(y)));
    case AddOp::umin:
      return result.set(x < y ? x : y, mask(x > y));
    case AddOp::umax:
      return result.set(x > y ? x : y, mask(x > y));
    case AddOp::shl:
      return result.set(x << shift);
    case AddOp::shr:
      return result.set(x >> shift);
    case AddOp::asr:
      return result.set(as<Vector>(as<Signed>(x) >> as<Signed>(shift)));
    case AddOp::ror:
      return result.set(x >> shift | x << (-y & 31));
    case AddOp::band:
      return result.set(x & y);
    case AddOp::bor:
      return result.set(x | y);
    case AddOp::bxor:
      return result.set(x ^ y);
    case AddOp::bnot:
      return result.set(~x);
    case AddOp::neg:
      return result.set(-x);
    case AddOp::mov:
    case AddOp::fmov:
      return result.set(x);
    case AddOp::clz: {
      Vector r;
      for (int lane = 0; lane < lanes; ++lane)
        r[lane] = static_cast<uint32_t>(std::countl_zero(uint32_t{x[lane]}));
      return result.set(r);
    }
    case AddOp::eidx: {
      Vector r;
      for (uint32_t lane = 0; lane < lanes; ++lane) r[lane] = lane;
      return result.set(r);
    }
    case AddOp::msf:
      return result.set(splat(1));
    case AddOp::recip:
      return result.set(each_float(x, [](float f) { return std::bit_cast<uint32_t>(1 / f); }));
    case AddOp::rsqrt:
      return result.set(
          each_float(x, [](float f) { return std::bit_cast<uint32_t>(1 / std::sqrt(f)); }));
    case AddOp::ftoin:
      return result.set(each_float(x, [&](float f) { return to_int(std::nearbyint(f)); }));
    case AddOp::ftoiz:
      return result.set(each_float(x, to_int));
    case AddOp::ftouz:
      return result.set(each_float(x, to_uint));
    case AddOp::ffloor:
      return result.set(
          each_float(x, [](float f) { return std::bit_cast<uint32_t>(std::floor(f)); }));
    case AddOp::ftrunc:
      return result.set(
          each_float(x, [](float f) { return std::bit_cast<uint32_t>(std::trunc(f)); }));
    case AddOp::fceil:
      return result.set(
          each_float(x, [](float f) { return std::bit_cast<uint32_t>(std::ceil(f)); }));
    case AddOp::fround:
      return result.set(
          each_float(x, [](float f) { return std::bit_cast<uint32_t>(std::nearbyint(f)); }));
    case AddOp::itof:
      return result.set(as<Vector>(__builtin_convertvector(as<Signed>(x), Float)));
    case AddOp::utof:
      return result.set(as<Vector>(__builtin_convertvector(x, Float)));
    case AddOp::ballot:
      return result.set(ballot(x, enabled));
    case AddOp::bcastf:
      return result.set(broadcast_first(x, enabled));
    case AddOp::alleq:
      return result.set(all_equal(x, enabled));
    case AddOp::rotate:
    case AddOp::rotate_quad:
    case AddOp::shuffle: {
      Vector r;
      for (uint32_t lane = 0; lane < lanes; ++lane) {
        const uint32_t n = y[lane];
        const uint32_t from = i.add.op == AddOp::shuffle  ? n & 15
                              : i.add.op == AddOp::rotate ? (lane + n) & 15
                                                          : (lane & ~3u) | ((lane + n) & 3);
        r[lane] = x[from];
      }
      return result.set(r);
    }
    case AddOp::flafirst:
      return result.set(first_with(t.a));
    case AddOp::flnafirst:
      return result.set(first_with(~t.a));
  }
  return;
}

void Runner::mul_result(Thread& t, const Instruction& i, Result& result) const {
  const Vector x = read(t, i.mul.a), y = read(t, i.mul.b), low_x = x & 0xffffff,
               low_y = y & 0xffffff;
  switch (i.mul.op) {
    case MulOp::nop:
      return;
    case MulOp::add:
      return result.set(x + y, mask(x + y < x));
    case MulOp::sub:
      return result.set(x - y, mask(x < y));
    case MulOp::mov:
    case MulOp::fmov:
      return result.set(x);
    case MulOp::fmul:
      return result.set(as<Vector>(as<Float>(x) * as<Float>(y)));
    case MulOp::multop:
      // Together with the product of the low 24 bits this gives the low 32 bits of the whole
      // product.
      t.rtop = (x >> 24) * low_y + low_x * (y >> 24);
      return result.set(t.rtop);
    case MulOp::umul24: {
      const Vector product = low_x * low_y + (t.rtop << 24);
      t.rtop = Vector{};
      return result.set(product);
    }
    case MulOp::smul24: {
      const Vector product =
          as<Vector>((as<Signed>(x << 8) >> 8) * (as<Signed>(y << 8) >> 8)) + (t.rtop << 24);
      t.rtop = Vector{};
      return result.set(product);
    }
  }
  return;
}

template <typename Op>
void Runner::set_flags(Thread& t, const Half<Op>& half, const Result& result,
                       const Instruction& i) {
  if (half.push == Push::none && half.update == Update::none) return;
  const bool wants_carry = half.push == Push::carry || half.update >= Update::and_c;
  if (wants_carry && !result.has_carry) stop("unknown carry", t.pc, i.word);
  const Vector zero = mask(result.value == 0), negative = mask(as<Signed>(result.value) < 0);
  const Vector old = t.a;
  switch (half.push) {
    case Push::none:
      break;
    case Push::zero:
      t.b = old;
      t.a = zero;
      return;
    case Push::negative:
      t.b = old;
      t.a = negative;
      return;
    case Push::carry:
      t.b = old;
      t.a = result.carry;
      return;
  }
  const auto kind = static_cast<uint32_t>(half.update) - 1;
  const Vector flag = kind < 4 ? zero : kind < 8 ? negative : result.carry;
  switch (kind & 3) {
    case 0:
      t.a = old & flag;
      break;
    case 1:
      t.a = old & ~flag;
      break;
    case 2:
      t.a = ~(old | ~flag);
      break;
    default:
      t.a = ~(old | flag);
      break;
  }
}

void Runner::execute(Thread& t, const Instruction& i) {
  const bool adds = i.add.op != AddOp::nop, multiplies = i.mul.op != MulOp::nop;
  const Vector add_enabled = enabled(t, i.add.condition), mul_enabled = enabled(t, i.mul.condition);
  Result add, mul;
  if (adds) add_result(t, i, add_enabled, add);
  if (multiplies) mul_result(t, i, mul);
  if (adds) set_flags(t, i.add, add, i);
  if (multiplies) set_flags(t, i.mul, mul, i);
  // Whole-subgroup operations combine the enabled lanes and return the result to all of them.
  const bool tells_all =
      i.add.op == AddOp::alleq || i.add.op == AddOp::ballot || i.add.op == AddOp::bcastf;
  if (multiplies)
    write(t, i.mul.target, mul.value, i.mul.condition == Condition::always, mul_enabled, i);
  if (adds)
    write(t, i.add.target, add.value, tells_all || i.add.condition == Condition::always,
          add_enabled, i);
  if (i.ldunif || i.ldunifrf) {
    load(t, i.ldunif ? Target{} : i.load_target, splat(memory_.word(t.uniforms)));
    t.uniforms += 4;
  }
  if (i.ldunifa || i.ldunifarf) {
    load(t, i.ldunifa ? Target{} : i.load_target, splat(memory_.word(t.unifa)));
    t.unifa += 4;
  }
  if (i.ldtmu) {
    if (t.loaded.empty()) stop("nothing was loaded", t.pc, i.word);
    load(t, i.load_target, t.loaded.front());
    t.loaded.pop_front();
  }
  if (i.thrsw) {
    if (t.switched_before)
      t.last_segment = true;
    else if (t.last_segment)
      t.end_in = 2;
    else
      t.switch_in = 2;
  }
  t.switched_before = i.thrsw && !t.switched_before;
}

void Runner::load(Thread& t, Target target, Vector value) {
  if (!target.is_magic) t.registers[target.address] = value;
}

void Runner::write(Thread& t, Target target, Vector value, bool always, Vector enabled,
                   const Instruction& i) {
  if (!target.is_magic) {
    Vector& reg = t.registers[target.address];
    reg = always ? value : (value & enabled) | (reg & ~enabled);
    return;
  }
  switch (target.address) {
    case magic::nop:
      break;
    case magic::unifa:
      t.unifa = value[0];
      break;
    case magic::tmud:
      t.tmu_data.push_back(value);
      break;
    case magic::tmua:
      look_up(t, value, enabled, ~0u);
      break;
    case magic::tmuau:
      look_up(t, value, enabled, memory_.word(t.uniforms));
      t.uniforms += 4;
      break;
    case magic::syncb:
      t.barrier = true;
      break;
    default:
      stop("unknown target", t.pc, i.word);
  }
}

std::byte* Runner::location(uint32_t address) {
  std::byte* memory = memory_.at(address);
  if (!memory) stop("nothing is mapped", address, 0);
  return memory;
}

Vector Runner::atomic(uint32_t op, Vector address, Vector enabled,
                      const std::vector<Vector>& data) {
  Vector before{};
  for (int lane = 0; lane < lanes; ++lane) {
    if (!enabled[lane]) continue;
    auto* memory = location(address[lane]);
    uint32_t old;
    memcpy(&old, memory, 4);
    const uint32_t d = data.empty() ? 1 : data[0][lane];
    const auto s = static_cast<int32_t>(d), signed_old = static_cast<int32_t>(old);
    uint32_t now;
    switch (op) {
      case 0:
        now = old + d;
        break;
      case 1:
        now = old - d;
        break;
      case 2:
        now = d;
        break;
      case 3:
        now = old == d ? data[1][lane] : old;
        break;
      case 4:
        now = std::min(old, d);
        break;
      case 5:
        now = std::max(old, d);
        break;
      case 6:
        now = static_cast<uint32_t>(std::min(signed_old, s));
        break;
      case 7:
        now = static_cast<uint32_t>(std::max(signed_old, s));
        break;
      case 8:
        now = data.empty() ? old + 1 : old & d;
        break;
      case 9:
        now = data.empty() ? old - 1 : old | d;
        break;
      case 10:
        now = old ^ d;
        break;
      default:
        stop("unknown TMU operation", op, 0);
    }
    memcpy(memory, &now, 4);
    before[lane] = old;
  }
  return before;
}

void Runner::look_up(Thread& t, Vector address, Vector enabled, uint32_t config) {
  const uint32_t op = config >> 3 & 15, type = config & 7;
  const uint32_t bytes = type == 0 || type == 5 ? 1 : type == 1 || type == 6 ? 2 : 4;
  const bool stores = op == 15 && !t.tmu_data.empty();
  const uint32_t words = type >= 2 && type <= 4 ? type : 1;
  if (bytes < 4 && (type < 5)) stop("signed loads are not supported", config, 0);
  ++t.lookups_in_flight;
  count_lookup(address, enabled, words, bytes, stores || op != 15);
  if (op != 15) {
    t.loaded.push_back(atomic(op, address, enabled, t.tmu_data));
  } else {
    if (stores && t.tmu_data.size() != words)
      stop("unsupported store size", config, t.tmu_data.size());
    for (uint32_t word = 0; word < words; ++word) {
      Vector value{};
      for (int lane = 0; lane < lanes; ++lane) {
        if (!enabled[lane]) continue;
        std::byte* memory = location(address[lane] + word * 4);
        if (stores) {
          const uint32_t data = t.tmu_data[word][lane];
          memcpy(memory, &data, bytes);
        } else {
          uint32_t data = 0;
          memcpy(&data, memory, bytes);
          value[lane] = data;
        }
      }
      if (!stores) t.loaded.push_back(value);
    }
  }
  t.tmu_data.clear();
}

// A TMU handles four lanes at a time and returns a word a cycle; each additional cache line takes
// another cycle.
void Runner::count_lookup(Vector address, Vector enabled, uint32_t words, uint32_t bytes,
                          bool write) {
  ++costs_.lookups;
  std::array<uint32_t, lanes> seen;
  std::size_t seen_count = 0;
  for (int quad = 0; quad < lanes; quad += 4) {
    std::array<uint32_t, 4> lines;
    uint32_t count = 0;
    for (int lane = quad; lane < quad + 4; ++lane) {
      if (!enabled[lane]) continue;
      const uint32_t line = address[lane] / L2Cache::line_bytes;
      if (std::find(lines.begin(), lines.begin() + count, line) == lines.begin() + count)
        lines[count++] = line;
      if (std::find(seen.begin(), seen.begin() + seen_count, line) == seen.begin() + seen_count)
        seen[seen_count++] = line;
    }
    costs_.tmu_cycles += std::max(words, count);
  }
  for (std::size_t i = 0; i < seen_count; ++i) l2_.access(seen[i], write);
  (void)bytes;
}

}  // namespace

void Memory::map(uint32_t address, std::byte* memory, std::size_t size) {
  for (std::size_t offset = 0; offset < size; offset += 4096)
    pages_[(address + offset) >> 12] = memory + offset;
}

void Memory::unmap(uint32_t address, std::size_t size) {
  for (std::size_t offset = 0; offset < size; offset += 4096)
    pages_[(address + offset) >> 12] = nullptr;
}

uint32_t Memory::word(uint32_t address) const {
  const std::byte* memory = at(address);
  if (!memory) stop("nothing is mapped", address, 0);
  uint32_t word;
  memcpy(&word, memory, 4);
  return word;
}

Costs Gpu::run(const Dispatch& dispatch) {
  Costs costs;
  const uint64_t read = l2_.read_bytes(), written = l2_.written_bytes();
  Runner runner(memory_, l2_, programs_[dispatch.code], dispatch, costs);
  // With barriers, as many workgroups run at the same time as fit into the QPUs' threads with all
  // their batches, and another starts when one ends. Without barriers a batch replaces another one.
  const uint32_t batches = (dispatch.group_size + lanes - 1) / lanes;
  std::vector<uint64_t> ends(std::max(qpu_count * dispatch.threads / batches, 1u));
  uint64_t longest = 0;
  for (uint32_t z = 0; z < dispatch.groups[2]; ++z) {
    for (uint32_t y = 0; y < dispatch.groups[1]; ++y) {
      for (uint32_t x = 0; x < dispatch.groups[0]; ++x) {
        const uint64_t path = runner.run_group(x, y, z);
        longest = std::max(longest, path);
        *std::min_element(ends.begin(), ends.end()) += path;
      }
    }
  }
  costs.path = runner.has_barriers() ? *std::max_element(ends.begin(), ends.end()) : longest;
  l2_.clean();
  costs.read_bytes = l2_.read_bytes() - read;
  costs.written_bytes = l2_.written_bytes() - written;
  return costs;
}

}  // namespace daedalus::v3d
