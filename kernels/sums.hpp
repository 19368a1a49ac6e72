// The loop that drives the weighted sum of every elementwise loss, and its gradient: value and slope are evaluated block by
// block, in the first-level cache, and never stored. Inputs of the loss, weight, divisor -> sum of weight * term,
// weight * slope / divisor; or, where it is not `graded`, the same sum alone.
#pragma once

#include <cmath>

#include "axis.hpp"
#include "elementwise.hpp"

namespace OGIVE_SET {

// weight * slope / divisor with the powers of two apart, so that no step of it needs more range than the result.
inline double weighted_apart(double slope, double weight, double divisor) {
    int of_slope = 0, of_weight = 0, of_divisor = 0;
    const double product = std::frexp(slope, &of_slope) * std::frexp(weight, &of_weight);
    const double ratio = product / std::frexp(divisor, &of_divisor);
    return std::ldexp(ratio, of_slope + of_weight - of_divisor);
}

// Whether a product that counts is too large or too small to be divided.
template <class T> bool any_beyond(const T* slopes, const double* weights, Size count) {
    Bits<double> any = 0;  // as wide as a number, for the loop to vectorise
    for (Size i = 0; i < count; ++i) {
        const double slope = choose(weights[i] != 0.0, static_cast<double>(slopes[i]), 0.0), size = magnitude(weights[i] * slope);
        any |= Bits<double>((!(size > 0x1p-900) | !(size < 0x1p1000)) & (slope != 0.0));
    }
    return any != 0;
}

// A weight of zero skips its term, even an infinite one.
template <bool graded, class T>
[[gnu::noinline, gnu::flatten]] void add_terms(const T* terms, const T* slopes, const double* weights, double divisor,
                                               Size count, LaneSum<double>& sum, double* gradient) {
    LaneSum<double> local = sum;
    for_lanes(count, [&](int lane, Size i) {
        const double weight = weights[i];
        const bool counts = weight != 0.0;
        local.add(lane, choose(counts, exact_product(weight, static_cast<double>(terms[i])), Pair<double>{0.0, 0.0}));
        if constexpr (graded) gradient[i] = choose(counts, weight * static_cast<double>(slopes[i]) / divisor, 0.0);
    });
    sum = local;
    if (!graded || !any_beyond(slopes, weights, count)) return;
    for (Size i = 0; i < count; ++i)
        if (weights[i] != 0.0) gradient[i] = weighted_apart(static_cast<double>(slopes[i]), weights[i], divisor);
}

template <class T> bool all_finite(const T* numbers, Size count) {
    Bits<T> all = 1;  // as wide as a number, for the loop to vectorise
    for (Size i = 0; i < count; ++i) all &= Bits<T>(numbers[i] - numbers[i] == T(0));
    return all != 0;
}

// The data of one sum.
template <class Stored, bool graded> struct WeightedSum {
    using T = typename Computed<Stored>::Type;

    const Evaluation& function;
    Operand<Stored> operands[ogive::most_arguments];  // the inputs, then the gradient
    Operand<double> weight;
    double divisor;

    void block_at(Size start, Size count, LaneSum<double>& sum) const {
        alignas(64) T buffers[ogive::most_arguments][block], terms[block], slopes[block];
        alignas(64) double weight_buffer[block], gradient[block];
        Input<T> in[ogive::most_arguments];
        for (int k = 0; k < function.inputs; ++k) in[k].start = operands[k].read(start, count, buffers[k]);
        const double* weights = weight.read(start, count, weight_buffer);
        evaluate<T>(function, in, terms, slopes, count);
        const bool summable = sizeof(T) == sizeof(double) || all_finite(terms, count);
        if (summable && (!graded || sizeof(T) == sizeof(double) || all_finite(slopes, count)))
            add_terms<graded>(terms, slopes, weights, divisor, count, sum, gradient);
        else again_in_double(in, summable ? terms : nullptr, weights, count, sum, gradient);
        if constexpr (!graded) return;
        T* narrowed = slopes;
        for (Size i = 0; i < count; ++i) narrowed[i] = static_cast<T>(gradient[i]);
        store<Stored>(narrowed, operands[function.inputs].start + start * operands[function.inputs].stride,
                      operands[function.inputs].stride, count);
    }

    // A float term or slope may overflow where its weighted sum or its share of a mean does not. Terms that did not are kept, so
    // that the sum has the same bits without the gradient.
    [[gnu::noinline]] void again_in_double(const Input<T>* narrow, const T* kept, const double* weights, Size count,
                                           LaneSum<double>& sum, double* gradient) const {
        alignas(64) double wide[ogive::most_arguments][block], terms[block], slopes[block];
        Input<double> in[ogive::most_arguments];
        for (int k = 0; k < function.inputs; ++k) {
            std::copy(narrow[k].start, narrow[k].start + count, wide[k]);
            in[k].start = wide[k];
        }
        evaluate<double>(function, in, terms, slopes, count);
        if (kept) std::copy(kept, kept + count, terms);
        add_terms<graded>(terms, slopes, weights, divisor, count, sum, gradient);
    }

    // The pieces depend on the length alone, so that the sum has the same bits for one thread and for many.
    double over(Size length) const {
        constexpr Size most_pieces = 256;
        const Size share = std::max<Size>(8, (length / block + most_pieces) / most_pieces) * block;
        Pair<double> partial[most_pieces] = {};
        const Size pieces = (length + share - 1) / share;
        in_parallel(pieces, 1, work_of_rows * length, [&](Size begin, Size end) {
            for (Size piece = begin; piece < end; ++piece) {
                LaneSum<double> sum;
                const Size stop = std::min(length, (piece + 1) * share);
                for (Size start = piece * share; start < stop; start += block)
                    block_at(start, std::min(block, stop - start), sum);
                partial[piece] = sum.result();
            }
        });
        LaneSum<double> sum;
        for (Size piece = 0; piece < pieces; ++piece) sum.add(static_cast<int>(piece % lanes), partial[piece]);
        return sum.rounded();
    }
};

template <class Stored, bool graded> void sum_over(char** arguments, const Size* sizes, const Size* strides, void* data) {
    const QuietFlags quiet;
    const Evaluation& function = *static_cast<const Evaluation*>(data);
    const int inputs = function.inputs, weight = inputs, divisor = inputs + 1, sum = inputs + 2;
    [[maybe_unused]] const int gradient = inputs + 3;
    const Size* const inner = strides + inputs + (graded ? 4 : 3);  // after the steps between rows come those along them
    for (Size row = 0; row < sizes[0]; ++row) {
        const auto place = [&](int argument) { return arguments[argument] + row * strides[argument]; };
        WeightedSum<Stored, graded> data = {function, {}, {place(weight), inner[inputs]}, *reinterpret_cast<double*>(place(divisor))};
        for (int k = 0; k < inputs; ++k) data.operands[k] = {place(k), inner[k]};
        if constexpr (graded) data.operands[inputs] = {place(gradient), inner[inputs + 1]};
        for (int k = 0; k < inputs; ++k)
            data.operands[k].direct = inner[k] == sizeof(Stored) && sizeof(Stored) == sizeof(typename Computed<Stored>::Type);
        data.weight.direct = inner[inputs] == sizeof(double);
        *reinterpret_cast<double*>(place(sum)) = data.over(sizes[1]);
    }
}

template <class Stored> void weighted_sum(char** arguments, const Size* sizes, const Size* strides, void* data) {
    sum_over<Stored, false>(arguments, sizes, strides, data);
}

template <class Stored>
void weighted_sum_and_gradient(char** arguments, const Size* sizes, const Size* strides, void* data) {
    sum_over<Stored, true>(arguments, sizes, strides, data);
}

}  // namespace OGIVE_SET
