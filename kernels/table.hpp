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

// What an argument of a function along an axis holds for each row: the row itself, or one number, as it is stored, as a
// double, or as the index of an element.
enum Argument { row_argument, scalar_argument, double_argument, index_argument };
constexpr int most_arguments = 8;

// Computes one row, every argument contiguous.
using RowEvaluator = void (*)(void* const* arguments, std::intptr_t length);

struct RowFunction {
    const char *name, *doc;
    int inputs, outputs;
    Argument arguments[most_arguments];
    double padding;  // an element of the first argument that changes nothing; in the others that is 0
    RowEvaluator of_floats, of_doubles;
};

struct Table {
    const char* name;
    const ElementwiseRow* elementwise;
    int elementwise_count;
    const RowFunction* rows;
    int rows_count;
    Loop along_axis[storages];  // runs the RowFunction that is its data
};

// How many threads a loop with this much work (elements) should use now; 1 in a forked child.
int threads_for(std::intptr_t elements);

// Tells Python, from any thread that runs a loop, that there was no memory for it.
void out_of_memory();

}  // namespace ogive
