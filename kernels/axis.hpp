// Functions along an axis: the softmax family and its losses. One struct each, with `row` over contiguous vectors.
//
// Everything is built from z = x - max as an exact pair and R, the sum of exp(z) over the others (all but one of the
// largest): the loss of a confidently right class is log(1 + R), which logsumexp - logit would lose.
#pragma once

#include "maths.hpp"

namespace OGIVE_SET {

using Length = long;

// Rows are walked in lanes, so that a sum has the same order, and the same bits, in every instruction set.
constexpr int lanes = 16;

// Calls step(lane, i) for every i, whole groups of lanes at a time.
template <class Step> inline void for_lanes(Length length, const Step& step) {
    const Length whole = length / lanes * lanes;
    for (Length start = 0; start < whole; start += lanes)
#pragma GCC ivdep
        for (int lane = 0; lane < lanes; ++lane) step(lane, start + lane);
    for (Length i = whole; i < length; ++i) step(static_cast<int>(i - whole), i);
}

template <class T> struct LaneSum {
    T high[lanes] = {}, low[lanes] = {};

    void add(int lane, Pair<T> x) {
        const Pair<T> sum = exact_sum(high[lane], x.high);
        high[lane] = sum.high;
        low[lane] += sum.low + x.low;
    }
    Pair<T> result() const {
        Pair<T> sum = {high[0], low[0]};
        for (int lane = 1; lane < lanes; ++lane) sum = OGIVE_SET::add(sum, Pair<T>{high[lane], low[lane]});
        return sum;
    }
};

// The largest number; NaN is passed over, and -inf if there is none.
template <class T> inline T largest(const T* x, Length length) {
    T best[lanes];
    for (int lane = 0; lane < lanes; ++lane) best[lane] = -Format<T>::infinity;
    for_lanes(length, [&](int lane, Length i) { best[lane] = x[i] > best[lane] ? x[i] : best[lane]; });
    for (int lane = 1; lane < lanes; ++lane) best[0] = best[lane] > best[0] ? best[lane] : best[0];
    return best[0];
}

template <class T> struct Row {
    T largest;
    Pair<T> others, all;  // sums of exp(x - largest): without one of the largest, and with it
};

// Writes exp(x - max) to e and sums it.
template <class T> inline Row<T> exponentials(const T* x, Length length, T max, T* e) {
    LaneSum<T> sum, ties;
    for_lanes(length, [&](int lane, Length i) {
        const Pair<T> value = value_of(exp(difference(x[i], max)));
        const bool top = x[i] == max;
        e[i] = value.high;
        sum.add(lane, choose(top, Pair<T>{T(0), T(0)}, value));
        ties.high[lane] += top ? T(1) : T(0);
    });
    const Pair<T> others = add(Pair<T>{total(ties.result()) - T(1), T(0)}, sum.result());
    return {max, others, add(Pair<T>{T(1), T(0)}, others)};
}

template <class T> inline Pair<T> log_of_sum(const Row<T>& row) { return log_ratio(row.all, Pair<T>{T(1), T(0)}); }

template <class T> inline T others_than(const Row<T>& row, T x, T e) {
    return x == row.largest ? total(row.others) : (row.all.high - e) + row.all.low;
}

template <class T> inline bool finite(T x) { return magnitude(x) < Format<T>::infinity; }

// A row whose largest number is infinite: is it +inf once, with no NaN, so that the softmax is one there and zero elsewhere?
template <class T> inline bool single_infinity(const T* x, Length length, T max) {
    Length infinities = 0, missing = 0;
    for (Length i = 0; i < length; ++i) {
        infinities += x[i] == Format<T>::infinity;
        missing += x[i] != x[i];
    }
    return max > T(0) && infinities == 1 && missing == 0;
}

template <class T> inline void one_hot(const T* x, Length length, T max, T there, T elsewhere, T* out) {
    const bool valid = single_infinity(x, length, max);
    for (Length i = 0; i < length; ++i) out[i] = valid ? (x[i] == max ? there : elsewhere) : Format<T>::nan;
}

struct Softmax {
    static constexpr const char* signature = "(n)->(n)";
    static constexpr int inputs = 1, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, true};

    template <class T> static void row(T* const* arguments, Length length) {
        const T* x = arguments[0];
        T* out = arguments[1];
        const T max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, T(1), T(0), out);
        const Row<T> row = exponentials(x, length, max, out);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) out[i] = total(divide(Pair<T>{out[i], T(0)}, row.all));
    }
};

struct LogSoftmax {
    static constexpr const char* signature = "(n)->(n)";
    static constexpr int inputs = 1, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, true};

    template <class T> static void row(T* const* arguments, Length length) {
        const T* x = arguments[0];
        T* out = arguments[1];
        const T max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, T(0), -Format<T>::infinity, out);
        const Pair<T> log_sum = log_of_sum(exponentials(x, length, max, out));
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) {
            const Pair<T> z = difference(x[i], max), result = difference(z.high, log_sum.high);
            out[i] = result.high + (result.low + (z.low - log_sum.low));
        }
    }
};

// The same loop without a place for the exponentials.
template <class T> inline T log_sum_exp(const T* x, const T* weights, Length length) {
    T best[lanes];
    for (int lane = 0; lane < lanes; ++lane) best[lane] = -Format<T>::infinity;
    for_lanes(length, [&](int lane, Length i) {
        const bool counts = !weights || weights[i] != T(0);
        best[lane] = counts && x[i] > best[lane] ? x[i] : best[lane];
    });
    const T max = largest(best, lanes);
    bool missing = false;
    for (Length i = 0; i < length; ++i) missing |= x[i] != x[i] || (weights && weights[i] != weights[i]);
    if (missing) return Format<T>::nan;
    if (!finite(max)) return max;
    LaneSum<T> sum;
    for_lanes(length, [&](int lane, Length i) {
        const T weight = weights ? weights[i] : T(1);
        const Pair<T> value = value_of(exp(difference(weight == T(0) ? -Format<T>::infinity : x[i], max)));
        sum.add(lane, multiply(value, weight));
    });
    const Pair<T> logarithm = log(sum.result()), result = difference(max, -logarithm.high);
    return result.high + (result.low + logarithm.low);
}

struct LogSumExp {
    static constexpr const char* signature = "(n)->()";
    static constexpr int inputs = 1, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, false};

    template <class T> static void row(T* const* arguments, Length length) {
        *arguments[1] = log_sum_exp<T>(arguments[0], nullptr, length);
    }
};

struct LogSumExpWeighted {
    static constexpr const char* signature = "(n),(n)->()";
    static constexpr int inputs = 2, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, true, false};

    template <class T> static void row(T* const* arguments, Length length) {
        *arguments[2] = log_sum_exp<T>(arguments[0], arguments[1], length);
    }
};

// Loss and gradient for the index of the right class. An index outside the row gives NaN.
struct CrossEntropyIndices {
    static constexpr const char* signature = "(n),()->(),(n)";
    static constexpr int inputs = 2, outputs = 2, index_input = 1;
    static constexpr bool vector[] = {true, false, false, true};

    template <class T> static void row(T* const* arguments, Length length) {
        const T* x = arguments[0];
        const long long right = *reinterpret_cast<const long long*>(arguments[1]);
        T *loss = arguments[2], *gradient = arguments[3];
        *loss = Format<T>::nan;
        if (right < 0 || right >= length) {
            for (Length i = 0; i < length; ++i) gradient[i] = Format<T>::nan;
            return;
        }
        const T max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, T(1), T(0), gradient);
            const T chance = gradient[right];
            *loss = chance == T(0) ? Format<T>::infinity : chance - T(1);
            gradient[right] -= T(1);
            return;
        }
        const Row<T> row = exponentials(x, length, max, gradient);
        const T others = others_than(row, x[right], gradient[right]);
        const Pair<T> log_sum = log_of_sum(row), gap = difference(max, x[right]), sum = difference(gap.high, -log_sum.high);
        *loss = sum.high + (sum.low + (gap.low + log_sum.low));
        gradient[right] = -others;
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) gradient[i] = total(divide(Pair<T>{gradient[i], T(0)}, row.all));
    }
};

// Loss and gradient for a weight on every class: the sum of t (max - x + log(1 + R)), and (e T' - t S') / S where
// T' and S' are the sums of the other weights and exponentials. Weight 0 on a masked (-inf) logit costs nothing.
struct CrossEntropyDistribution {
    static constexpr const char* signature = "(n),(n)->(),(n)";
    static constexpr int inputs = 2, outputs = 2, index_input = -1;
    static constexpr bool vector[] = {true, true, false, true};

    template <class T> static void row(T* const* arguments, Length length) {
        const T *x = arguments[0], *t = arguments[1];
        T *loss = arguments[2], *gradient = arguments[3];
        LaneSum<T> weights, losses;
        for_lanes(length, [&](int lane, Length i) { weights.add(lane, Pair<T>{t[i], T(0)}); });
        const Pair<T> weight = weights.result();
        const T max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, T(1), T(0), gradient);
            T sum = T(0);
            for (Length i = 0; i < length; ++i) {
                sum += t[i] == T(0) || gradient[i] == T(1) ? T(0) : t[i] / gradient[i];
                gradient[i] = gradient[i] * total(weight) - t[i];
            }
            *loss = sum;
            return;
        }
        const Row<T> row = exponentials(x, length, max, gradient);
        const Pair<T> log_sum = log_of_sum(row);
        for_lanes(length, [&](int lane, Length i) {
            const Pair<T> gap = difference(max, x[i]), sum = difference(gap.high, -log_sum.high);
            const T low = sum.low + (gap.low + log_sum.low);
            const bool costs = t[i] != T(0), bounded = finite(sum.high);
            const Pair<T> term = multiply(Pair<T>{bounded ? sum.high : T(0), low}, t[i]);
            losses.add(lane, choose(costs && bounded, term, Pair<T>{costs ? sum.high * t[i] : T(0), T(0)}));
            const T rest = (weight.high - t[i]) + weight.low, others = others_than(row, x[i], gradient[i]);
            const T numerator = mul_add(gradient[i], rest, -(t[i] * others));
            gradient[i] = numerator / row.all.high;
        });
        const Pair<T> result = losses.result();
        *loss = result.low == result.low ? total(result) : result.high;
    }
};

#define OGIVE_AXIS_FUNCTIONS(ROW)                                                                                   \
    ROW(softmax, Softmax, "exp(x) over its sum along the axis")                                                     \
    ROW(log_softmax, LogSoftmax, "the logarithm of softmax")                                                        \
    ROW(logsumexp, LogSumExp, "log(sum(exp(x))) along the axis")                                                    \
    ROW(logsumexp_weighted, LogSumExpWeighted, "log(sum(weight * exp(x))) along the axis")                          \
    ROW(cross_entropy_indices, CrossEntropyIndices, "cross-entropy of logits and a class index, and its gradient")  \
    ROW(cross_entropy_distribution, CrossEntropyDistribution,                                                       \
        "cross-entropy of logits and class weights, and its gradient")

}  // namespace OGIVE_SET
