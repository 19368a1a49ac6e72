// logsumexp with a weight for every exponential: weights of any size and sign, 0 and infinity included.
#pragma once

#include "softmax.hpp"

namespace OGIVE_SET {

// The terms weight * exp(x) of a row, over exp(pivot), where the pivot is the largest exponent. Where the weights are of very
// unlike sizes, the power of two of each is part of its exponent. No weight, no term.
template <class T, class S> struct WeightedTerms {
    using F = Format<T>;
    const S *x, *weights;
    bool uneven = false;
    Pair<double> pivot;  // in two parts, so that the powers of two count beside numbers of any size

    WeightedTerms(const S* x, const S* weights, Length length) : x(x), weights(weights) {
        S most[lanes] = {}, least[lanes];
        fill(least, lanes, S(-__builtin_inff()));
        for_lanes(length, [&](int lane, Length i) {
            const S size = magnitude(weights[i]), counted = -choose(size > S(0), size, S(__builtin_inff()));
            most[lane] = choose(size > most[lane], size, most[lane]);
            least[lane] = choose(counted > least[lane], counted, least[lane]);
        });
        const T high = size_of(largest_of(most)).power, low = size_of(largest_of(least)).power;
        uneven = magnitude(high) > T(64) || high - low > T(64);
        double best[lanes], behind[lanes] = {};
        fill(best, lanes, -__builtin_inf());
        for_lanes(length, [&](int lane, Length i) {
            const Pair<double> own = exponent(i);
            const bool better = counts(i) && before({best[lane], behind[lane]}, own);
            best[lane] = choose(better, own.high, best[lane]);
            behind[lane] = choose(better, own.low, behind[lane]);
        });
        pivot = {best[0], behind[0]};
        for (int lane = 1; lane < lanes; ++lane)
            if (before(pivot, {best[lane], behind[lane]})) pivot = {best[lane], behind[lane]};
    }
    static bool before(Pair<double> a, Pair<double> b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }
    Normalised<T> size_of(S weight) const { return normalised(Pair<T>{T(magnitude(weight)), T(0)}); }
    bool counts(Length i) const { return weights[i] != S(0) && x[i] != S(-__builtin_inff()); }
    T own_power(Length i) const { return choose(uneven, size_of(weights[i]).power, T(0)); }
    Pair<double> exponent(Length i) const { return exact_sum(double(x[i]), number(own_power(i)) * F::ln2_high); }
    // Calls keep(i, kept * term) for each; all sums and products here are of finite numbers.
    template <class Keep> Row<T> sum(Length length, const Keep& keep) const {
        LaneSum<T> sum, tops;
        for_lanes(length, [&](int lane, Length i) {
            const Pair<T> zero = {T(0), T(0)}, distance = difference(choose(counts(i), T(x[i]), T(pivot.high)), T(pivot.high));
            const T k = own_power(i), far = T(-4096);
            const Pair<T> moved = add(Pair<T>{k * T(F::ln2_high), k * T(F::ln2_low)}, Pair<T>{T(-pivot.low), T(0)});
            const Pair<T> z = add(choose(distance.high < far, Pair<T>{far, T(0)}, distance), moved);
            const T factor = choose(uneven, with_sign_of(size_of(weights[i]).mantissa.high, T(weights[i])), T(weights[i]));
            const bool nothing = !counts(i) || z.high < T(F::exp_bottom), top = double(x[i]) == pivot.high;
            const Pair<T> term = choose(nothing, zero, multiply(kept_value(exp(z)), factor));
            keep(i, term.high);
            sum.add(lane, choose(top, zero, term));
            tops.add(lane, choose(top, term, zero));
        });
        const Pair<T> others = add(add(tops.result(), Pair<T>{T(-kept), T(0)}), sum.result());
        return {T(pivot.high), others, add(tops.result(), sum.result())};
    }
};

// The infinite terms of a row: how many there are, and what they add up to; NaN where anything is NaN.
template <class T> struct InfiniteTerms {
    Length count = 0;
    T sum = T(0);

    template <class S> InfiniteTerms(const S* x, const S* weights, Length length) {
        const T infinity = T(Format<T>::infinity);
        for (Length i = 0; i < length; ++i) {
            const T exponent = T(x[i]), weight = T(weights[i]);
            if (weight == T(0)) continue;
            const bool infinite = exponent == infinity || magnitude(weight) == infinity;
            count += infinite;
            if (exponent != exponent || weight != weight) sum = T(Format<T>::nan);
            else if (infinite) sum = sum + weight * choose(exponent == -infinity, T(0), infinity);
        }
    }
    bool any() const { return count > 0 || sum != sum; }
};

// Where the terms cancel there are no others to speak of, and the logarithm is that of the whole sum.
struct LogSumExpWeighted : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, const S* weights, S& out) {
        const T infinity = T(Format<T>::infinity);
        const InfiniteTerms<T> infinite(x, weights, length);
        const WeightedTerms<T, S> terms(x, weights, length);
        if (infinite.any() || T(terms.pivot.high) == -infinity) {
            const T sum = infinite.any() ? infinite.sum : -infinity;
            out = infinite.any() && !(infinite.sum > T(0)) ? S(__builtin_nanf("")) : S(sum);
            return;
        }
        const Row<T> row = terms.sum(length, [](Length, T) {});
        const Pair<T> others = scale(row.others, T(1 / kept)), all = scale(row.all, T(1 / kept));
        const bool near_one = others.high > T(-0.5);
        const Pair<T> log_sum = choose(near_one, log1p(choose(near_one, others, all)), log(all));
        const Pair<T> rest = finite(log_sum.high) ? add(Pair<T>{T(terms.pivot.low), T(0)}, log_sum) : log_sum;
        out = S(rounded_difference(T(terms.pivot.high), negated(rest)));
    }
};

struct LogSumExpWeightedVjp : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, S cotangent, const S* weights, S* out) {
        const InfiniteTerms<T> infinite(x, weights, length);
        if (infinite.any()) {
            const bool valid = infinite.count == 1 && infinite.sum == infinite.sum;
            for (Length i = 0; i < length; ++i) {
                const bool there = weights[i] != S(0) && !(finite(T(x[i]) * T(0)) && finite(weights[i]));
                out[i] = valid ? (there ? cotangent : S(0)) : S(__builtin_nanf(""));
            }
            return;
        }
        const WeightedTerms<T, S> terms(x, weights, length);
        const Row<T> row = terms.sum(length, [=](Length i, T term) { out[i] = S(term); });
        const Quotient<T> quotient(Share<T>(double(cotangent), 1.0), row.all);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) out[i] = S(quotient.of(T(out[i])));
    }
};

#define OGIVE_WEIGHTED_FUNCTIONS(ROW)                                                                               \
    ROW(logsumexp_weighted, LogSumExpWeighted, "log(sum(weight * exp(x))) along the axis")                          \
    ROW(logsumexp_weighted_vjp, LogSumExpWeightedVjp, "the vector-Jacobian product of logsumexp_weighted")

}  // namespace OGIVE_SET
