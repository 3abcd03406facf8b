// SPDX-License-Identifier: MIT
// Barriers among the eight or four neighbours in a workgroup that share a macroblock or a block.
#extension GL_KHR_shader_subgroup_basic : require

// 1 if eight neighbours are lanes of one hardware vector, always at the same instruction: then only their writes need an order.
// Otherwise the whole workgroup waits.
layout(constant_id = 0) const uint LOCKSTEP = 0;

// Makes what neighbours wrote into shared memory visible.
void neighbours_barrier() {
    if (LOCKSTEP != 0) {
        subgroupMemoryBarrierShared();
    } else {
        barrier();
    }
}
