// What a compiled instruction set offers to module.cpp: plain data, the same in every set.
#pragma once

#include <cstdint>

// Every compiled set, from the smallest to the largest.
#ifdef OGIVE_X86_SETS
#define OGIVE_SETS(ROW) ROW(baseline) ROW(avx2) ROW(avx512)
#else
#define OGIVE_SETS(ROW) ROW(baseline)
#endif

// Every family of elementwise functions: a translation unit for each.
#define OGIVE_FAMILIES(ROW) ROW(activations) ROW(losses) ROW(margins) ROW(robust) ROW(counts) ROW(metric) ROW(functions)

// The same of functions along an axis and losses of rows.
#define OGIVE_ROW_FAMILIES(ROW) ROW(axis_functions) ROW(class_losses) ROW(vector_losses)

namespace ogive {

using Size = std::intptr_t;

// The shape of a NumPy inner loop. `data` is the Evaluation that an elementwise loop or a loop of sums drives.
using Loop = void (*)(char** arguments, const Size* sizes, const Size* strides, void* data);

enum Storage { half_storage, float_storage, double_storage, bfloat16_storage, storages };
enum Part { value_part, slope_part, both_parts, curvature_part, parts };

constexpr int most_arguments = 8, most_row_arguments = 12;  // inputs and outputs of an elementwise function, and of one along an axis

// What is evaluated together: two groups of 64 bytes, which are whole vectors, whatever their width.
template <class T> constexpr Size group = 64 / sizeof(T);
template <class T> constexpr Size pair_of_groups = 2 * group<T>;

// One input: contiguous elements, or, with a step of 0, one pair of groups that serves for all.
template <class T> struct Input {
    const T* start;
    Size step = pair_of_groups<T>;  // from one pair of groups to the next

    const T* pair(Size index) const { return start + index * step; }
};

// Evaluates a function at whole pairs of groups of elements. The outputs are contiguous and no inputs.
template <class T> using Evaluate = void (*)(const Input<T>* inputs, T* first, T* second, Size pairs);

// A weighted sum of float terms in lanes, and what shares their slopes out.
struct alignas(64) FloatSum {
    double terms[group<float>] = {};
    float beyond[group<float>] = {};  // NaN, or not zero, where a slope or its share is out of range
    double weight;                    // of every term, if they all have one,
    float share, rest;                // and weight / divisor as two floats
};

// Adds whole pairs of groups of terms that have one weight to a sum, and writes their gradient if it is asked for.
using AddFloats = void (*)(const Input<float>* inputs, FloatSum& sum, float* gradient, Size pairs);

// One part of one function. All parts of all functions share the loops that drive them.
struct Evaluation {
    int inputs, outputs;
    int float_work, double_work;  // what an element costs, in quarters of an ordinary function in float arithmetic
    Evaluate<float> in_float;
    Evaluate<double> in_double;
    AddFloats add_floats = nullptr;  // of losses alone
};

struct ElementwiseRow {
    const char *name, *doc;
    Evaluation parts[ogive::parts];  // without functions where there is no such part
};

struct Family {
    const ElementwiseRow* rows;
    int count;
    bool summed;  // losses, which are summed with weights
};

// What an argument of a function along an axis holds for each row: the row itself, or one number, as it is stored, as a
// double, or as the index of an element.
enum Argument { row_argument, scalar_argument, double_argument, index_argument };

// Computes one row, every argument contiguous.
using RowEvaluator = void (*)(void* const* arguments, Size length);

// The same in float arithmetic, for one row or for several at once; outputs that nobody asks for are null. Gives a bit for each
// row that it is not fit for, whose results are to be computed by the other one.
using SwiftEvaluator = unsigned (*)(void* const* arguments, Size length);

struct RowFunction {
    const char *name, *doc;
    int inputs, outputs;
    Argument arguments[most_row_arguments];
    double padding;  // an element of the first argument that changes nothing, in the others that is 0; NaN where rows are not filled up
    RowEvaluator of_floats, of_doubles;
    SwiftEvaluator along, across;  // null where there is none
    Size longest_across = 128;  // rows up to this length are computed several at once
    int unasked = 0;  // how many outputs after those that NumPy does not ask for
};

struct RowFamily {
    const RowFunction* rows;
    int count;
};

// A loss of sequences that are to be aligned with labels.
struct SequenceFunction {
    const char *name, *doc;
    bool of_logits, graded;
};

// Stacks of float matrices to multiply: out = keep * out + left × right, or bias + left × right where there is a row of biases for each;
// then moved -= out, where there is something to move. Strides are in elements; the left matrices are taken in turn.
struct Matrices {
    const float *left, *right, *bias;
    float *out, *moved;
    Size count, lefts, rows, columns, depth;
    Size left_batch, left_row, left_column, right_batch, right_row, right_column, bias_batch, out_batch, out_row,
        moved_batch, moved_row;
    float keep;
};

using Product = void (*)(const Matrices& matrices);

struct Table {
    const char* name;
    const Family* const* families;
    int family_count;
    Loop elementwise[storages], sums[storages], sums_and_gradients[storages], along_axis[storages], sums_of_rows[storages];
    const Loop* sequences;  // one for each storage
    const RowFamily* const* row_families;
    int row_family_count;
    Product product;
};

// Less work than this (elements of an ordinary function in float arithmetic: some 45 microseconds) does not repay waking a
// thread that sleeps.
constexpr Size worth_a_thread = 1 << 17;

// How many threads a loop may use, and should use with this much work now; 1 in a forked child.
int most_threads();
int threads_for(Size work);

// Calls piece(data, k) for every k below `pieces`, on this thread and on others that have time for it.
using Piece = void (*)(const void* data, Size k);
void share_out(Size pieces, int threads, Piece piece, const void* data);

// Tells Python, from any thread that runs a loop, that there was no memory for it.
void out_of_memory();

}  // namespace ogive
