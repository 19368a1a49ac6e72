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

template <class S> inline bool finite(S x) { return magnitude(x) < S(__builtin_inff()); }

template <class T> struct LaneSum {
    T high[lanes] = {};
    decltype(Pair<T>::low) low[lanes] = {};

    void add(int lane, Pair<T> x) {
        const Pair<T> sum = exact_sum(high[lane], x.high);
        high[lane] = sum.high;
        low[lane] = low[lane] + (sum.low + x.low);
    }
    Pair<T> result() const {
        T plain = high[0];
        for (int lane = 1; lane < lanes; ++lane) plain = plain + high[lane];
        if (!finite(plain)) return {plain, {}};  // an infinite sum has no error to make good
        Pair<T> sum = {high[0], low[0]};
        for (int lane = 1; lane < lanes; ++lane) sum = OGIVE_SET::add(sum, Pair<T>{high[lane], low[lane]});
        return sum;
    }
    T rounded() const {
        const Pair<T> sum = result();
        return finite(sum.high) ? total(sum) : sum.high;
    }
};

// The largest number; NaN is passed over, and -inf if there is none.
template <class S> inline S largest(const S* x, Length length) {
    S best[lanes];
    for (int lane = 0; lane < lanes; ++lane) best[lane] = -__builtin_inff();
    for_lanes(length, [&](int lane, Length i) { best[lane] = x[i] > best[lane] ? x[i] : best[lane]; });
    for (int lane = 1; lane < lanes; ++lane) best[0] = best[lane] > best[0] ? best[lane] : best[0];
    return best[0];
}

template <class T> struct Row {
    T largest;
    Pair<T> others, all;  // sums of exp(x - largest): without one of the largest, and with it
};

// Writes exp(x - max) to e and sums it.
template <class T, class S> inline Row<T> exponentials(const S* x, Length length, S max, S* e) {
    LaneSum<T> sum, ties;
    for_lanes(length, [&](int lane, Length i) {
        const Pair<T> value = value_of(exp(difference(T(x[i]), T(max))));
        const bool top = x[i] == max;
        e[i] = S(value.high);
        sum.add(lane, choose(top, Pair<T>{T(0), T(0)}, value));
        ties.high[lane] = ties.high[lane] + (choose(top, T(1), T(0)));
    });
    const Pair<T> others = add(Pair<T>{total(ties.result()) - T(1), T(0)}, sum.result());
    return {max, others, add(Pair<T>{T(1), T(0)}, others)};
}

template <class T> inline Pair<T> log_of_sum(const Row<T>& row) { return log1p(row.others); }

template <class T> inline T others_than(const Row<T>& row, T x, T e) {
    return choose(x == row.largest, total(row.others), (row.all.high - e) + row.all.low);
}

// A row whose largest number is infinite: is it +inf once, with no NaN, so that the softmax is one there and zero elsewhere?
template <class S> inline bool single_infinity(const S* x, Length length, S max) {
    Length infinities = 0, missing = 0;
    for (Length i = 0; i < length; ++i) {
        infinities += x[i] == max;
        missing += x[i] != x[i];
    }
    return max > S(0) && infinities == 1 && missing == 0;
}

template <class S> inline void one_hot(const S* x, Length length, S max, S there, S elsewhere, S* out) {
    const bool valid = single_infinity(x, length, max);
    for (Length i = 0; i < length; ++i) out[i] = valid ? (x[i] == max ? there : elsewhere) : S(__builtin_nanf(""));
}

struct Softmax {
    static constexpr const char* signature = "(n)->(n)";
    static constexpr int inputs = 1, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, true};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        const S* x = arguments[0];
        S* out = arguments[1];
        const S max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, S(1), S(0), out);
        const Row<T> row = exponentials<T>(x, length, max, out);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) out[i] = S(total(divide(Pair<T>{T(out[i]), T(0)}, row.all)));
    }
};

struct LogSoftmax {
    static constexpr const char* signature = "(n)->(n)";
    static constexpr int inputs = 1, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, true};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        const S* x = arguments[0];
        S* out = arguments[1];
        const S max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, S(0), -S(__builtin_inff()), out);
        const Pair<T> log_sum = log_of_sum(exponentials<T>(x, length, max, out));
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) {
            const Pair<T> z = difference(T(x[i]), T(max)), result = difference(z.high, log_sum.high);
            out[i] = S(result.high + (result.low + (z.low - log_sum.low)));
        }
    }
};

// The same loop without a place for the exponentials.
template <class T, class S> inline S log_sum_exp(const S* x, const S* weights, Length length) {
    S best[lanes];
    for (int lane = 0; lane < lanes; ++lane) best[lane] = -__builtin_inff();
    for_lanes(length, [&](int lane, Length i) {
        const bool counts = !weights || weights[i] != S(0);
        best[lane] = counts && x[i] > best[lane] ? x[i] : best[lane];
    });
    const S max = largest(best, lanes);
    bool missing = false;
    for (Length i = 0; i < length; ++i) missing |= x[i] != x[i] || (weights && weights[i] != weights[i]);
    if (missing) return S(__builtin_nanf(""));
    if (!finite(max)) return max;
    LaneSum<T> sum;
    for_lanes(length, [&](int lane, Length i) {
        const T weight = weights ? T(weights[i]) : T(1);
        const Pair<T> value = value_of(exp(difference(choose(weight == T(0), -T(Format<T>::infinity), T(x[i])), T(max))));
        sum.add(lane, multiply(value, weight));
    });
    const Pair<T> logarithm = log(sum.result()), result = difference(T(max), -logarithm.high);
    return S(result.high + (result.low + logarithm.low));
}

struct LogSumExp {
    static constexpr const char* signature = "(n)->()";
    static constexpr int inputs = 1, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, false};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        *arguments[1] = log_sum_exp<T, S>(arguments[0], nullptr, length);
    }
};

struct LogSumExpWeighted {
    static constexpr const char* signature = "(n),(n)->()";
    static constexpr int inputs = 2, outputs = 1, index_input = -1;
    static constexpr bool vector[] = {true, true, false};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        *arguments[2] = log_sum_exp<T, S>(arguments[0], arguments[1], length);
    }
};

// Loss and gradient for the index of the right class. An index outside the row gives NaN.
struct CrossEntropyIndices {
    static constexpr const char* signature = "(n),()->(),(n)";
    static constexpr int inputs = 2, outputs = 2, index_input = 1;
    static constexpr bool vector[] = {true, false, false, true};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        const S* x = arguments[0];
        const long long right = *reinterpret_cast<const long long*>(arguments[1]);
        S *loss = arguments[2], *gradient = arguments[3];
        *loss = S(__builtin_nanf(""));
        if (right < 0 || right >= length) {
            for (Length i = 0; i < length; ++i) gradient[i] = S(__builtin_nanf(""));
            return;
        }
        const S max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), gradient);
            const S chance = gradient[right];
            *loss = chance == S(0) ? S(__builtin_inff()) : chance - S(1);
            gradient[right] -= S(1);
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, gradient);
        const T others = others_than(row, T(x[right]), T(gradient[right]));
        const Pair<T> log_sum = log_of_sum(row), gap = difference(T(max), T(x[right]));
        const Pair<T> sum = difference(gap.high, -log_sum.high);
        *loss = S(sum.high + (sum.low + (gap.low + log_sum.low)));
        gradient[right] = S(-others);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) gradient[i] = S(total(divide(Pair<T>{T(gradient[i]), T(0)}, row.all)));
    }
};

// Loss and gradient for a weight on every class: the sum of t (max - x + log(1 + R)), and (e T' - t S') / S where
// T' and S' are the sums of the other weights and exponentials. Weight 0 on a masked (-inf) logit costs nothing.
struct CrossEntropyDistribution {
    static constexpr const char* signature = "(n),(n)->(),(n)";
    static constexpr int inputs = 2, outputs = 2, index_input = -1;
    static constexpr bool vector[] = {true, true, false, true};

    template <class T, class S> static void row(S* const* arguments, Length length) {
        const S *x = arguments[0], *t = arguments[1];
        S *loss = arguments[2], *gradient = arguments[3];
        LaneSum<T> weights, losses;
        for_lanes(length, [&](int lane, Length i) { weights.add(lane, Pair<T>{T(t[i]), T(0)}); });
        const Pair<T> weight = weights.result();
        const S max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), gradient);
            S sum = S(0);
            for (Length i = 0; i < length; ++i) {
                sum += t[i] == S(0) || gradient[i] == S(1) ? S(0) : t[i] / gradient[i];
                gradient[i] = gradient[i] * S(total(weight)) - t[i];
            }
            *loss = sum;
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, gradient);
        const Pair<T> log_sum = log_of_sum(row);
        for_lanes(length, [&](int lane, Length i) {
            const T target = T(t[i]), e = T(gradient[i]);
            const Pair<T> gap = difference(T(max), T(x[i])), sum = difference(gap.high, -log_sum.high);
            const bool costs = target != T(0), reachable = finite(sum.high);
            const Pair<T> cost = {choose(reachable, sum.high, T(0)), sum.low + (gap.low + log_sum.low)};
            losses.add(lane, choose(costs && reachable, multiply(cost, target),
                                    Pair<T>{choose(costs, sum.high * target, T(0)), T(0)}));
            const T rest = (weight.high - target) + weight.low;
            const Pair<T> gained = exact_product(e, rest), spent = exact_product(target, others_than(row, T(x[i]), e));
            gradient[i] = S(total(add(gained, negated(spent))) / row.all.high);
        });
        *loss = S(losses.rounded());
    }
};

#define OGIVE_AXIS_FUNCTIONS(ROW)                                                                                   \
    ROW(softmax, Softmax, "exp(x) over its sum along the axis")                                                     \
    ROW(log_softmax, LogSoftmax, "the logarithm of softmax")                                                        \
    ROW(logsumexp, LogSumExp, "log(sum(exp(x))) along the axis")                                                    \
    ROW(logsumexp_weighted, LogSumExpWeighted, "log(sum(weight * exp(x))) along the axis")                          \
    ROW(cross_entropy_logits_indices, CrossEntropyIndices,                                                          \
        "cross-entropy of logits and a class index, and its gradient")                                              \
    ROW(cross_entropy_logits, CrossEntropyDistribution,                                                             \
        "cross-entropy of logits and class weights, and its gradient")

}  // namespace OGIVE_SET
