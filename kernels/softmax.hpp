// The softmax family, each function with its vector-Jacobian product (_vjp).
#pragma once

#include "swift_rows.hpp"

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
    template <class Layout> static unsigned swift(Length length, const float* x, float* out) {
        SwiftRow<Layout> row(x, length);
        row.template sum<true>(out);
        double share[lanes];
        for_each_lane([&](int lane) { share[lane] = 1.0 / row.all(lane); });
        SwiftFactor(share).scale(length * Layout::rows, out);
        return row.unfit();
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
    // Both differences have one sign: three roundings are a unit and a half at most.
    template <class Layout> static unsigned swift(Length length, const float* x, float* out) {
        SwiftRow<Layout> row(x, length);
        row.template sum<false>(out);
        float log_sum[lanes];
        for_each_lane([&](int lane) { log_sum[lane] = static_cast<float>(row.log_sum(lane)); });
        in_steps(length * Layout::rows, x, out, [&](const float* at, float* to) {
            for_each_lane([&](int lane) { to[lane] = (at[lane] - row.max[lane]) - log_sum[lane]; });
        });
        return row.unfit();
    }
};

// The sums of a row of signed targets: of all, and of the others than one of the largest, be that positive or negative. Where they are
// very large, all of them times a factor that leaves room for products and sums.
template <class T> struct Targets {
    T factor, size, others[2];
    Pair<T> all;

    template <class S> Targets(const S* t, Length length) {
        S most[lanes] = {};
        for_lanes(length, [&](int lane, Length i) { most[lane] = choose(magnitude(t[i]) > most[lane], magnitude(t[i]), most[lane]); });
        const S top = largest_of(most);
        factor = compensated<T> && top > S(0x1p900) ? T(0x1p-128) : T(1);
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
    T ratio, rest, loosened;

    Projection(const Row<T>& row, const Targets<T>& targets, Share<T> share)
        : row(row), targets(targets), ratio(share.ratio / row.all.high), rest(share.rest), loosened(T(1) / targets.factor) {}

    T at(T x, T own, T e) const {
        const T target = own * targets.factor;
        const Pair<T> spent = exact_product(target, others_than(row, x, e)), gained = exact_product(e, targets.others_than(target));
        return ((spent.high - gained.high) + (spent.low - gained.low)) * ratio * rest * loosened;
    }
};

struct LogSoftmaxVjp : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, const S* cotangent, S* out) {
        const S max = largest(x, length);
        const Targets<T> targets(cotangent, length);
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), out);
            for (Length i = 0; i < length; ++i) out[i] = S((T(cotangent[i]) * targets.factor - T(out[i]) * total(targets.all)) / targets.factor);
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, out);
        const Projection<T> projection(row, targets, Share<T>());
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i)
            out[i] = S(projection.at(T(x[i]), T(cotangent[i]), T(out[i])));
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
    template <class Layout> static unsigned swift(Length length, const float* x, float* out) {
        SwiftRow<Layout> row(x, length);
        row.template sum<false>(nullptr);
        float result[lanes];
        for_each_lane([&](int lane) { result[lane] = static_cast<float>(static_cast<double>(row.max[lane]) + row.log_sum(lane)); });
        for (int each = 0; each < Layout::rows; ++each) out[each] = result[each];
        return row.unfit();
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

// weight / divisor times p (1 - p), the diagonal of the second derivative of cross-entropy.
struct CrossEntropyHessian : OfLogits {
    template <class T, class S> static void row(Length length, const S* x, double weight, double divisor, S* out) {
        if (weight == 0.0) return fill(out, length, S(0));
        const S max = largest(x, length);
        if (!finite(max)) return one_hot(x, length, max, S(0), S(0), out);
        const Share<T> share(weight, divisor);
        const Row<T> row = exponentials<T>(x, length, max, out);
        const T ratio = share.ratio / (row.all.high * row.all.high);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) {
            const T e = T(out[i]);
            out[i] = S(e * others_than(row, T(x[i]), e) * ratio * share.rest);
        }
    }
    template <class Layout> static unsigned swift(Length length, const float* x, const double* weights, const double* divisors, float* out) {
        SwiftRow<Layout> row(x, length);
        unsigned unfit = row.unfit();
        double share[lanes];
        for_each_lane([&](int lane) { share[lane] = weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        for (int each = 0; each < Layout::rows; ++each) unfit |= unsigned(!moderate(share[each])) << each;
        row.template sum<true>(out);
        for_each_lane([&](int lane) { share[lane] /= row.all(lane) * row.all(lane); });
        in_steps<true>(length * Layout::rows, x, x, out, [&](const float* at, const float*, float* e) {
            for_each_lane([&](int lane) {
                const double own = static_cast<double>(e[lane]);
                const double others = choose(at[lane] == row.max[lane], row.others[lane], row.all(lane) - own);
                e[lane] = static_cast<float>(own * others * share[lane]);
            });
        });
        return unfit;
    }
};

#define OGIVE_SOFTMAX_FUNCTIONS(ROW)                                                                                \
    ROW(softmax, Softmax, "exp(x) over its sum along the axis")                                                     \
    ROW(softmax_vjp, SoftmaxVjp, "the vector-Jacobian product of softmax")                                          \
    ROW(log_softmax, LogSoftmax, "the logarithm of softmax")                                                        \
    ROW(log_softmax_vjp, LogSoftmaxVjp, "the vector-Jacobian product of log_softmax")                               \
    ROW(logsumexp, LogSumExp, "log(sum(exp(x))) along the axis")                                                    \
    ROW(logsumexp_vjp, LogSumExpVjp, "the vector-Jacobian product of logsumexp")                                     \
    ROW(cross_entropy_logits_hessian, CrossEntropyHessian, "weight / divisor times p (1 - p) for p = softmax(x)")

}  // namespace OGIVE_SET
