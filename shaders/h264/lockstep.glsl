// SPDX-License-Identifier: MIT
// Barriers among eight neighbours of a workgroup, or four: those who share a macroblock or a block.
#extension GL_KHR_shader_subgroup_basic : require

// 1 where eight neighbours are lanes of one vector, always at the same instruction: only what they write needs an order.
// Elsewhere the whole workgroup waits.
layout(constant_id = 0) const uint LOCKSTEP = 0;

// What a neighbour wrote into shared memory is there.
void neighbours_barrier() {
    if (LOCKSTEP != 0) {
        subgroupMemoryBarrierShared();
    } else {
        barrier();
    }
}
