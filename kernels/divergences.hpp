// Divergences whose parts are no expected costs: by the logarithms of both distributions, and of numbers that need not sum to 1.
#pragma once

#include "class_costs.hpp"
#include "counts.hpp"

namespace OGIVE_SET {

// Both by their logarithms: the sum of e^target (target - prediction). What has no share costs nothing.
struct DivergenceOfLogs : MostlyAlone {
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(-weight, divisor);
        const T bottom = T(Format<T>::exp_bottom);
        term = sum_of_costs<T>(length, predictions, targets, gradient, [&](T v, T t) -> CostAndSlope<T> {
            const Pair<T> e = choose(t < bottom, Pair<T>{T(0), T(0)}, value_of(exp(at_least(t, bottom)))), gap = difference(t, v);
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
                const Wide bottom(Format<Wide>::exp_bottom), t(static_cast<double>(target[lane])), v(static_cast<double>(at[lane]));
                const double e = number(value_of(exp(at_least(t, bottom))).high);
                term[lane] += e * number(t - v);
                odd[lane] += choose(finite(target[lane]) & finite(at[lane]), 0.0f, 1.0f);
                if (gradient) to[lane] = static_cast<float>(share[lane] * e);
            });
        };
        const Length count = length * Layout::rows, whole = count / lanes * lanes;
        float results[lanes];
        for (Length start = 0; start < whole; start += lanes) step(predictions + start, targets + start, gradient ? gradient + start : results);
        if (whole < count) {
            float last[lanes] = {}, last_targets[lanes];
            fill(last_targets, lanes, -1e4f);  // whose share is nothing
            for (Length i = whole; i < count; ++i) last[i - whole] = predictions[i], last_targets[i - whole] = targets[i];
            step(last, last_targets, results);
            for (Length i = whole; gradient && i < count; ++i) gradient[i] = results[i - whole];
        }
        return finish<Layout>(term, odd, share, terms);
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
};

#define OGIVE_DIVERGENCES(ROW)                                                                                      \
    ROW(kl_divergence_of_logs, DivergenceOfLogs, "sum(e^t * (t - v)), and its gradient")                             \
    ROW(generalized_kl_divergence_values, GeneralizedDivergence<OfValues>, "sum(t * log(t / q) - t + q), and its gradient") \
    ROW(generalized_kl_divergence_log_values, GeneralizedDivergence<OfLogValues>,                                   \
        "sum(t * (log(t) - v) - t + e^v), and its gradient")

}  // namespace OGIVE_SET
