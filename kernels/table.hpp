// What a compiled instruction set offers to module.cpp: plain data, the same in every set.
#pragma once

#include <cstdint>

// Every compiled set, from the smallest to the largest.
#ifdef OGIVE_X86_SETS
#define OGIVE_SETS(ROW) ROW(baseline) ROW(avx2) ROW(avx512)
#else
#define OGIVE_SETS(ROW) ROW(baseline)
#endif

namespace ogive {

// The shape of a NumPy inner loop.
using Loop = void (*)(char** arguments, const std::intptr_t* sizes, const std::intptr_t* strides, void* unused);

enum Storage { half_storage, float_storage, double_storage, bfloat16_storage, storages };
enum Part { value_part, slope_part, both_parts, parts };

struct ElementwiseRow {
    const char *name, *doc;
    int inputs;
    Loop loops[parts][storages];
};

struct AxisRow {
    const char *name, *doc, *signature;
    int inputs, outputs, index_input;  // index_input: which input holds class indices, -1 for none
    Loop loops[bfloat16_storage];
};

struct Table {
    const char* name;
    const ElementwiseRow* elementwise;
    int elementwise_count;
    const AxisRow* axis;
    int axis_count;
};

// How many threads a loop with this much work (elements) should use now; 1 in a forked child.
int threads_for(std::intptr_t elements);

}  // namespace ogive
