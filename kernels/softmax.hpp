// The softmax family, each function with its vector-Jacobian product (_vjp).
#pragma once

#include "axis.hpp"

namespace OGIVE_SET {

// A logit of -inf changes nothing: a row may be filled up with it.
struct OfLogits {
    static constexpr double padding = -__builtin_inf();
};

struct Softmax : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, S* out) {
        const S max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, S(1), S(0), out);
        const Quotient<T> quotient(Share<T>(), exponentials<T>(x, length, max, out).all);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) out[i] = S(quotient.of(T(out[i])));
    }
};

// p (c - sum(c p)), with c counted from its value at the maximum, for there p is nearly one and the difference would cancel.
struct SoftmaxVjp : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, const S* cotangent, S* out) {
        const S max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, S(0), S(0), out);
            return;
        }
        const T restrained = restraint<T>(cotangent, length);
        Length top = 0;
        while (x[top] != max) ++top;
        const T there = T(cotangent[top]) * restrained;
        const auto relative = [=](Length i) { return difference(T(cotangent[i]) * restrained, there); };
        LaneSum<T> sum;
        const Row<T> row = exponentials<T>(x, length, max, [&](int lane, Length i, Pair<T> e) {
            out[i] = S(e.high);
            sum.add(lane, multiply(e, relative(i)));
        });
        const Pair<T> mean = negated(divide(sum.result(), row.all));
        const Quotient<T> quotient(Share<T>(), row.all);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i)
            out[i] = S(quotient.of(T(out[i]) * total(add(relative(i), mean))) / restrained);
    }
};

struct LogSoftmax : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, S* out) {
        const S max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, S(0), -S(__builtin_inff()), out);
        const Pair<T> log_sum = log_of_sum(exponentials<T>(x, length, max, [](int, Length, Pair<T>) {}));
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) {
            const Pair<T> z = difference(T(x[i]), T(max)), result = difference(z.high, log_sum.high);
            out[i] = S(result.high + (result.low + (z.low - log_sum.low)));
        }
    }
};

// The sums of a row of signed targets: of all, and of the others than one of the largest, be that positive or negative.
template <class T> struct Targets {
    T size, others[2];
    Pair<T> all;

    template <class S> Targets(const S* t, Length length, T factor) {
        S most[lanes] = {};
        for_lanes(length, [&](int lane, Length i) { most[lane] = choose(magnitude(t[i]) > most[lane], magnitude(t[i]), most[lane]); });
        const S top = largest_of(most);
        size = T(top) * factor;
        LaneSum<T> sum;
        double ties[lanes] = {};  // positive ones less negative ones
        for_lanes(length, [&](int lane, Length i) {
            const bool tied = magnitude(t[i]) == top;
            sum.add(lane, {choose(tied, T(0), T(t[i]) * factor), T(0)});
            ties[lane] += tied ? (t[i] > S(0) ? 1.0 : -1.0) : 0.0;
        });
        const double tied = sum_of(ties);
        const auto with = [&](double count) { return add(exact_product(size, T(count)), sum.result()); };
        others[0] = total(with(tied - 1.0));
        others[1] = total(with(tied + 1.0));
        all = with(tied);
    }
    T others_than(T target) const {
        return choose(target == size, others[0], choose(target == -size, others[1], (all.high - target) + all.low));
    }
};

// What the gradients of log_softmax and of cross-entropy have in common: (t S' - e T') / S, where S' and T' are the sums of
// the other exponentials and the other targets, so that no digits cancel where an element has nearly all of either.
template <class T> struct Projection {
    Row<T> row;
    Targets<T> targets;
    T ratio, rest;

    Projection(const Row<T>& row, const Targets<T>& targets, Share<T> share)
        : row(row), targets(targets), ratio(share.ratio / row.all.high), rest(share.rest) {}

    T at(T x, T target, T e) const {
        const Pair<T> spent = exact_product(target, others_than(row, x, e)), gained = exact_product(e, targets.others_than(target));
        return ((spent.high - gained.high) + (spent.low - gained.low)) * ratio * rest;
    }
};

struct LogSoftmaxVjp : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, const S* cotangent, S* out) {
        const S max = largest(x, length);
        const T restrained = restraint<T>(cotangent, length);
        const Targets<T> targets(cotangent, length, restrained);
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), out);
            for (Length i = 0; i < length; ++i) out[i] = S((T(cotangent[i]) * restrained - T(out[i]) * total(targets.all)) / restrained);
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, out);
        const Projection<T> projection(row, targets, Share<T>());
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i)
            out[i] = S(projection.at(T(x[i]), T(cotangent[i]) * restrained, T(out[i])) / restrained);
    }
};

struct LogSumExp : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, S& out) {
        const S max = largest(x, length);
        if (!finite(max)) {
            out = any_missing(x, length) ? S(__builtin_nanf("")) : max;
            return;
        }
        const Pair<T> log_sum = log_of_sum(exponentials<T>(x, length, max, [](int, Length, Pair<T>) {}));
        out = S(rounded_difference(T(max), negated(log_sum)));
    }
};

struct LogSumExpVjp : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, S cotangent, S* out) {
        const S max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, cotangent, S(0), out);
        const Row<T> row = exponentials<T>(x, length, max, out);
        const Quotient<T> quotient(Share<T>(double(cotangent), 1.0), row.all);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) out[i] = S(quotient.of(T(out[i])));
    }
};

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
            const Scaled<T> e = exp(z);
            const T factor = choose(uneven, with_sign_of(size_of(weights[i]).mantissa.high, T(weights[i])), T(weights[i]));
            const bool nothing = !counts(i) || z.high < T(F::exp_bottom), top = double(x[i]) == pivot.high;
            const Pair<T> term = choose(nothing, zero, multiply(value_of(e), factor));
            keep(i, choose(nothing, T(0), kept_value(e).high * factor));
            sum.add(lane, choose(top, zero, term));
            tops.add(lane, choose(top, term, zero));
        });
        const Pair<T> others = add(add(tops.result(), Pair<T>{T(-1), T(0)}), sum.result());
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
        const bool near_one = row.others.high > T(-0.5);
        const Pair<T> log_sum = choose(near_one, log1p(choose(near_one, row.others, row.all)), log(row.all));
        const Pair<T> rest = add(Pair<T>{T(terms.pivot.low), T(0)}, log_sum);
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
        const Quotient<T> quotient(Share<T>(double(cotangent), 1.0), scale(row.all, T(kept)));
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) out[i] = S(quotient.of(T(out[i])));
    }
};

#define OGIVE_SOFTMAX_FUNCTIONS(ROW)                                                                                \
    ROW(softmax, Softmax, "exp(x) over its sum along the axis")                                                     \
    ROW(softmax_vjp, SoftmaxVjp, "the vector-Jacobian product of softmax")                                          \
    ROW(log_softmax, LogSoftmax, "the logarithm of softmax")                                                        \
    ROW(log_softmax_vjp, LogSoftmaxVjp, "the vector-Jacobian product of log_softmax")                               \
    ROW(logsumexp, LogSumExp, "log(sum(exp(x))) along the axis")                                                    \
    ROW(logsumexp_vjp, LogSumExpVjp, "the vector-Jacobian product of logsumexp")                                    \
    ROW(logsumexp_weighted, LogSumExpWeighted, "log(sum(weight * exp(x))) along the axis")                          \
    ROW(logsumexp_weighted_vjp, LogSumExpWeightedVjp, "the vector-Jacobian product of logsumexp_weighted")

}  // namespace OGIVE_SET
