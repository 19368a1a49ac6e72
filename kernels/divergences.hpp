// Divergences whose parts are no expected costs: by the logarithms of both distributions, and of numbers that need not sum to 1.
#pragma once

#include "class_costs.hpp"
#include "counts.hpp"

namespace OGIVE_SET {

// Both by their logarithms: the sum of e^target (target - prediction), which cancels where the two are near, so that the shares have all
// digits of a double. What has no share costs nothing.
struct DivergenceOfLogs : MostlyAlone {
    template <class T> static Pair<T> share_of(T t) {
        return value_of(exp<T, Coefficients<double>>(exactly(at_least(t, T(Format<T>::exp_bottom)))));
    }
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(-weight, divisor);
        const T bottom = T(Format<T>::exp_bottom);
        term = sum_of_costs<T>(length, predictions, targets, gradient, [&](T v, T t) -> CostAndSlope<T> {
            const Pair<T> e = choose(t < bottom, Pair<T>{T(0), T(0)}, share_of(t)), gap = difference(t, v);
            const Pair<T> cost = choose(finite(gap.high), multiply(gap, e), Pair<T>{gap.high * e.high, T(0)});
            return {choose(e.high == T(0), exactly(choose(v == v, T(0), v)), cost), choose(v == v, share.of(e.high), v)};
        });
    }
    template <class Layout>
    static unsigned swift(Length length, const float* predictions, const float* targets, const double* weights, const double* divisors,
                          double* terms, float* gradient) {
        double share[lanes], term[lanes] = {};
        float odd[lanes] = {};
        for_each_lane([&](int lane) { share[lane] = -weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        const auto step = [&](const float* at, const float* target, float* to) {
            for_each_lane([&](int lane) {
                const Wide t(static_cast<double>(target[lane])), v(static_cast<double>(at[lane]));
                const double e = number(share_of(t).high);
                term[lane] += e * number(t - v);
                odd[lane] += choose(finite(target[lane]) & finite(at[lane]), 0.0f, 1.0f);
                if (gradient) to[lane] = static_cast<float>(share[lane] * e);
            });
        };
        const Padding nothing{0.0f, -1e4f};
        if (gradient) in_steps<true>(length * Layout::rows, predictions, targets, gradient, step, nothing);
        else in_steps<false>(length * Layout::rows, predictions, targets, nullptr, step, nothing);
        return finish<Layout>(term, odd, share, terms);
    }
};

// That of the target from the prediction: the sum of q log(q / t).
struct ReverseDivergence : MostlyAlone {
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        term = sum_of_costs<T>(length, predictions, targets, gradient, [&](T q, T t) -> CostAndSlope<T> {
            const T neither = unless_nan(q, unless_nan(t, T(0)));
            const Pair<T> quotient = log_quotient(q, t);
            const Pair<T> logarithm = choose(q == T(0) && t > T(0), exactly(-T(Format<T>::infinity)), quotient);
            const T slope = share.of(choose(finite(logarithm.high), total(add(logarithm, exactly(T(1)))), logarithm.high));
            return {choose(q == T(0), exactly(neither), multiply(logarithm, q)), choose(q == T(0) && t == T(0), T(0), slope)};
        });
    }
};

// t log(t / u) - t + u for positive numbers that may be pairs, given the logarithm of t / u for where they are far apart.
template <class T> inline Pair<T> generalized_cost(Pair<T> u, T t, Pair<T> far) {
    using F = Format<T>;
    const Pair<T> gap = add(exactly(t), negated(u));
    const bool near = magnitude(gap.high) < T(0.25) * t;
    // Divides by no subnormal number, and by no infinite one.
    const T lift = choose(t < T(F::lowered), T(F::lifted), choose(t > T(F::lifted), T(F::lowered), T(1)));
    const Pair<T> both = add(exactly(t * lift), scale(u, lift));
    const Pair<T> s = divide(choose(near, scale(gap, lift), exactly(T(0))), choose(near, both, exactly(T(1))));
    // With s = (t - u) / (t + u) it is (t + u) ((1 + s) atanh(s) - s), and the first term of the series goes.
    const T square = s.high * s.high, tail = T(0.5) * square * polynomial(square, Coefficients<T>::atanh_tail);
    const Pair<T> close = multiply(ordered_sum(s.high, mul_add(s.high, tail, tail) + s.low), gap);
    const Pair<T> apart = add(multiply(add(far, exactly(T(-1))), t), u);
    const Pair<T> cost = choose(near, close, choose(t == T(0), u, apart));
    const T sum = t + u.high;  // of finite numbers it is the cost that is beyond the largest
    return choose(finite(cost.high), cost, exactly(choose(finite(sum), T(F::infinity), sum)));
}

struct OfValues {
    static constexpr double padding = 0.0;

    // The same in doubles, in which the difference of two floats is exact; t / u is 2^k (1 + s) / (1 - s).
    static double swift_cost(double u, double t) {
        using F = Format<double>;
        using Unsigned = std::make_unsigned_t<Bits<double>>;
        constexpr Unsigned half = Unsigned(1) << (F::mantissa_bits - 1);
        const Unsigned power = (Unsigned(to_bits(t)) - Unsigned(to_bits(u)) + F::one + half) >> F::mantissa_bits;  // k plus the bias
        const double lowered = t * from_bits<double>(Bits<double>((2 * F::bias - power) << F::mantissa_bits));
        const double k = from_bits<double>(Bits<double>(to_bits(F::rounder) | power)) - (F::rounder + F::bias);
        const double gap = lowered - u, s = gap / (lowered + u), square = s * s;
        const double tail = square * polynomial(square, Coefficients<Wide>::atanh_near);
        const double near = gap * (s + 0.5 * mul_add(s, tail, tail));
        const double far = mul_add(t, mul_add(k, F::ln2_high, mul_add(s, tail, 2.0 * s)), u - t);
        return choose(t == 0.0, u, choose(k == 0.0, near, far));
    }
    static float swift_slope(float u, float t) { return choose(t == 0.0f, 1.0f, (u - t) / u); }

    template <class T> static Pair<T> cost(T prediction, T target) {
        return generalized_cost(exactly(prediction), target, log_quotient(target, prediction));
    }
    template <class T> static T slope(T prediction, T target, Share<T> share) {
        return share.of(choose(target == T(0), unless_nan(prediction, T(1)), relative(prediction, target)));
    }
};

struct OfLogValues {
    static constexpr double padding = -__builtin_inf();

    template <class T> static Pair<T> cost(T prediction, T target) {
        const Grown<T> value(prediction);
        const bool none = prediction < T(Format<T>::exp_bottom);
        const Pair<T> gap = add(log(exactly(target)), exactly(-prediction));
        const Pair<T> far = choose(finite(prediction), gap, exactly(-prediction));
        const Pair<T> scaled = choose(none, exactly(T(0)), value.power);
        const Pair<T> cost = scale(generalized_cost(scaled, target * value.lower, far), value.raise);
        return choose(prediction < T(720), cost, exactly(unless_nan(prediction, T(Format<T>::infinity))));
    }
    template <class T> static T slope(T prediction, T target, Share<T> share) {
        const Grown<T> value(prediction);
        return choose(prediction == prediction, share.of(value.above(prediction, target)) * value.raise, prediction);
    }
};

// The sum of t log(t / u) - t + u.
template <class Predictions> struct GeneralizedDivergence : Predictions {
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        term = sum_of_costs<T>(length, predictions, targets, gradient, [&](T prediction, T target) -> CostAndSlope<T> {
            return {Predictions::cost(prediction, target), Predictions::slope(prediction, target, share)};
        });
    }
    template <class Layout>
    static unsigned swift(Length length, const float* predictions, const float* targets, const double* weights, const double* divisors,
                          double* terms, float* gradient) requires requires { Predictions::swift_cost(0.0, 0.0); } {
        double share[lanes], term[lanes] = {};
        float odd[lanes] = {};
        for_each_lane([&](int lane) { share[lane] = weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        const SwiftFactor factor(share);
        const auto step = [&](const float* at, const float* target, float* to) {
            for_each_lane([&](int lane) {
                const float u = at[lane], t = target[lane], slope = Predictions::swift_slope(u, t);
                term[lane] += Predictions::swift_cost(static_cast<double>(u), static_cast<double>(t));
                const bool fits = (t >= 0.0f) & ((u > 0.0f) | ((u == 0.0f) & (t == 0.0f))) & finite(t) & finite(u) & finite(slope);
                odd[lane] += choose(fits, 0.0f, 1.0f);
                if (gradient) to[lane] = factor.of(lane, slope);
            });
        };
        const Padding nothing{0.0f, 0.0f};
        if (gradient) in_steps<true>(length * Layout::rows, predictions, targets, gradient, step, nothing);
        else in_steps<false>(length * Layout::rows, predictions, targets, nullptr, step, nothing);
        return finish<Layout>(term, odd, share, terms);
    }
};

#define OGIVE_DIVERGENCES(ROW)                                                                                      \
    ROW(kl_divergence_of_logs, DivergenceOfLogs, "sum(e^t * (t - v)), and its gradient")                             \
    ROW(reverse_kl_divergence, ReverseDivergence, "sum(q * log(q / t)), and its gradient")                          \
    ROW(generalized_kl_divergence_values, GeneralizedDivergence<OfValues>, "sum(t * log(t / q) - t + q), and its gradient") \
    ROW(generalized_kl_divergence_log_values, GeneralizedDivergence<OfLogValues>,                                   \
        "sum(t * (log(t) - v) - t + e^v), and its gradient")

}  // namespace OGIVE_SET
