// The weighted sum of what a loss of rows costs, and its gradient: inputs of the loss, weights, divisor -> sum, weight * slope / divisor.
#pragma once

#include "along_axis.hpp"
#include "sums.hpp"

namespace OGIVE_SET {

// The argument after the inputs, the term of each row, lies in memory of its own, and the weights are brought beside it.
template <class Stored> void sum_of_rows(char** arguments, const Size* sizes, const Size* strides, void* data) {
    const QuietFlags quiet;
    const RowFunction& function = *static_cast<const RowFunction*>(data);
    const int inputs = function.inputs, all = inputs + function.outputs, weight = inputs - 2, divisor = inputs - 1, term = inputs;
    const Size rows = sizes[1];
    const Memory scratch = memory(2 * rows * sizeof(double) + 1);
    if (!scratch) return ogive::out_of_memory();
    double *const terms = static_cast<double*>(scratch.get()), *const weights = terms + rows;
    // NumPy's steps: from each call to the next, then between the rows, and for a row along it; the divisor and the sum have none.
    Size steps[2 * ogive::most_row_arguments] = {};
    const Size* next = strides + all;
    for (int k = 0, along = all; k < all; ++k) {
        steps[k] = k == divisor ? 0 : k == term ? Size(sizeof(double)) : *next++;
        if (function.arguments[k] == ogive::row_argument) steps[along++] = *next++;
    }
    for (Size call = 0; call < sizes[0]; ++call) {
        char* places[ogive::most_row_arguments];
        for (int k = 0; k < all; ++k) places[k] = k == term ? reinterpret_cast<char*>(terms) : arguments[k] + call * strides[k];
        along_axis<Stored>(places, sizes + 1, steps, data);
        load<double>(places[weight], steps[weight], weights, rows);
        LaneSum<double> sum;
        add_terms(terms, weights, rows, sum);
        *reinterpret_cast<double*>(arguments[term] + call * strides[term]) = sum.rounded();
    }
}

}  // namespace OGIVE_SET
