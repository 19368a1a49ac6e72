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
template <class T>
[[gnu::noinline, gnu::flatten]] void add_terms(const T* terms, const double* weights, Size count, LaneSum<double>& sum) {
    LaneSum<double> local = sum;
    for_lanes(count, [&](int lane, Size i) {
        const Pair<double> product = exact_product(weights[i], static_cast<double>(terms[i]));
        local.add(lane, choose(weights[i] != 0.0, product, Pair<double>{0.0, 0.0}));
    });
    sum = local;
}

template <class T>
[[gnu::noinline, gnu::flatten]] void scale_slopes(const T* slopes, const double* weights, double divisor, Size count, T* gradient) {
    const bool beyond = any_beyond(slopes, weights, count);
    for (Size i = 0; i < count; ++i)
        gradient[i] = static_cast<T>(choose(weights[i] != 0.0, weights[i] * static_cast<double>(slopes[i]) / divisor, 0.0));
    for (Size i = 0; beyond && i < count; ++i)
        if (weights[i] != 0.0) gradient[i] = static_cast<T>(weighted_apart(static_cast<double>(slopes[i]), weights[i], divisor));
}

// Floats are added as doubles, which have digits to spare. Slopes that are floats need no doubles, but for their share as a pair.
template <bool graded>
[[gnu::noinline, gnu::flatten]] void add_weighted(const float* terms, const float* slopes, const double* weights, double inverse, Size count,
                                                  FloatSum& sum, float* gradient) {
    FloatSum local = sum;
    for_lanes(count, [&](int lane, Size i) {
        local.terms[lane] += choose(weights[i] != 0.0, weights[i] * static_cast<double>(terms[i]), 0.0);
        if constexpr (graded) {
            const double share = weights[i] * inverse;
            const float high = static_cast<float>(share), low = static_cast<float>(share - static_cast<double>(high));
            gradient[i] = choose(share == 0.0, 0.0f, mul_add(slopes[i], high, slopes[i] * low));
            local.beyond[lane] += choose(weights[i] == 0.0, 0.0f, choose(moderate(share), slopes[i] * 0.0f, 1.0f));
        }
    });
    sum = local;
}

// The data of one sum.
template <class Stored, bool graded> struct WeightedSum {
    using T = typename Computed<Stored>::Type;

    const Evaluation& function;
    Operand<Stored> operands[ogive::most_arguments];  // the inputs, then the gradient
    Operand<double> weight;
    double divisor;

    // What a thread computes in.
    struct Buffers {
        alignas(64) T inputs[ogive::most_arguments][block], terms[block], slopes[block], gradient[block];
        alignas(64) double weights[block];
    };

    void block_at(Size start, Size count, LaneSum<double>& sum, Buffers& to) const {
        Input<T> in[ogive::most_arguments];
        for (int k = 0; k < function.inputs; ++k) {
            const bool constant = operands[k].constant;
            in[k] = {constant ? to.inputs[k] : operands[k].read(start, count, to.inputs[k]), constant ? 0 : pair_of_groups<T>};
        }
        const double* weights = weight.constant ? to.weights : weight.read(start, count, to.weights);
        const Operand<Stored>& target = operands[function.inputs];
        T* const gradient = graded && target.direct ? reinterpret_cast<T*>(target.start + start * target.stride) : to.gradient;
        if constexpr (sizeof(T) == sizeof(float)) {
            add_block(in, weights, count, sum, to, gradient);
        } else {
            evaluate<T>(function, in, to.terms, to.slopes, count);
            add_terms(to.terms, weights, count, sum);
            if constexpr (graded) scale_slopes(to.slopes, weights, divisor, count, gradient);
        }
        if constexpr (graded) target.write(start, count, gradient);
    }

    // In one pass where all terms have one weight, but for the last few; else from buffers.
    void add_block(Input<T>* in, const double* weights, Size count, LaneSum<double>& sum, Buffers& to, T* gradient) const {
        const double inverse = 1.0 / divisor, share = weights[0] * inverse;
        FloatSum floats = {};
        std::copy(sum.high, sum.high + lanes, floats.terms);
        Size done = 0;
        if (weight.constant && weights[0] != 0.0 && (!graded || moderate(share))) {
            floats.weight = weights[0];
            floats.share = static_cast<float>(share);
            floats.rest = static_cast<float>(share - static_cast<double>(floats.share));
            const Size pairs = count / pair_of_groups<T>;
            function.add_floats(in, floats, gradient, pairs);
            done = pairs * pair_of_groups<T>;
        }
        if (done < count) {
            Input<T> rest[ogive::most_arguments];
            for (int k = 0; k < function.inputs; ++k) rest[k] = {in[k].pair(done / pair_of_groups<T>), in[k].step};
            evaluate<T>(function, rest, to.terms, to.slopes, count - done);
            add_weighted<graded>(to.terms, to.slopes, weights + done, inverse, count - done, floats, gradient + done);
        }
        bool added = true, scaled = true;
        for (int lane = 0; lane < lanes; ++lane) added &= finite(floats.terms[lane]), scaled &= floats.beyond[lane] == 0.0f;
        if (added) std::copy(floats.terms, floats.terms + lanes, sum.high);
        if (!added || !scaled) again_in_double(in, weights, count, added ? nullptr : &sum, scaled ? nullptr : gradient);
    }

    // A float term or slope may overflow where its weighted sum or its share of a mean does not.
    [[gnu::noinline]] void again_in_double(const Input<T>* narrow, const double* weights, Size count, LaneSum<double>* sum,
                                           T* gradient) const {
        alignas(64) double wide[ogive::most_arguments][block], terms[block], slopes[block];
        Input<double> in[ogive::most_arguments];
        for (int k = 0; k < function.inputs; ++k) {
            const bool constant = narrow[k].step == 0;
            std::copy_n(narrow[k].start, constant ? pair_of_groups<double> : count, wide[k]);
            in[k] = {wide[k], constant ? 0 : pair_of_groups<double>};
        }
        evaluate<double>(function, in, terms, slopes, count);
        if (sum) add_terms(terms, weights, count, *sum);
        if (!gradient) return;
        alignas(64) double scaled[block];
        scale_slopes(slopes, weights, divisor, count, scaled);
        std::copy(scaled, scaled + count, gradient);
    }

    // The pieces depend on the length alone, so that the sum has the same bits for one thread and for many.
    double over(Size length) const {
        constexpr Size most_pieces = 256;
        const Size share = std::max<Size>(8, (length / block + most_pieces) / most_pieces) * block;
        Pair<double> partial[most_pieces] = {};
        const Size pieces = (length + share - 1) / share, work = sizeof(T) == sizeof(float) ? function.float_work : function.double_work;
        in_parallel(pieces, 1, (work / 4 + 1) * length, [&](Size begin, Size end) {
            Buffers buffers;
            if (weight.constant) weight.read(0, block, buffers.weights);
            for (int k = 0; k < function.inputs; ++k)
                if (operands[k].constant) operands[k].read(0, pair_of_groups<T>, buffers.inputs[k]);
            for (Size piece = begin; piece < end; ++piece) {
                LaneSum<double> sum;
                const Size stop = std::min(length, (piece + 1) * share);
                for (Size start = piece * share; start < stop; start += block)
                    block_at(start, std::min(block, stop - start), sum, buffers);
                partial[piece] = sum.result();
            }
        });
        LaneSum<double> sum;
        for (Size piece = 0; piece < pieces; ++piece) sum.add(static_cast<int>(piece % lanes), partial[piece]);
        return sum.rounded();
    }
};

template <class Stored, bool graded> void sum_over(char** arguments, const Size* sizes, const Size* strides, void* data) {
    constexpr bool as_it_lies = sizeof(Stored) == sizeof(typename Computed<Stored>::Type);
    const QuietFlags quiet;
    const Evaluation& function = *static_cast<const Evaluation*>(data);
    const int inputs = function.inputs, weight = inputs, divisor = inputs + 1, sum = inputs + 2;
    [[maybe_unused]] const int gradient = inputs + 3;
    const Size* const inner = strides + inputs + (graded ? 4 : 3);  // after the steps between rows come those along them
    for (Size row = 0; row < sizes[0]; ++row) {
        const auto place = [&](int argument) { return arguments[argument] + row * strides[argument]; };
        WeightedSum<Stored, graded> data = {function, {}, {place(weight), inner[inputs]}, *reinterpret_cast<double*>(place(divisor))};
        for (int k = 0; k < inputs; ++k) data.operands[k] = {place(k), inner[k]};
        for (int k = 0; k < inputs; ++k) {
            data.operands[k].direct = as_it_lies && inner[k] == sizeof(Stored);
            data.operands[k].constant = inner[k] == 0;
        }
        if constexpr (graded) {  // not in its place where that is an input's, which may be read again
            Operand<Stored>& target = data.operands[inputs] = {place(gradient), inner[inputs + 1]};
            target.direct = as_it_lies && inner[inputs + 1] == sizeof(Stored);
            for (int k = 0; k < inputs; ++k) target.direct &= target.apart_from(data.operands[k], sizes[1]);
        }
        data.weight.direct = inner[inputs] == sizeof(double);
        data.weight.constant = inner[inputs] == 0;
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
