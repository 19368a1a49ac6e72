// One struct per loss of counts, of positive numbers and of errors in proportion: value, and slope by the prediction.
// To add one, write the struct and add its row at the end.
#pragma once

#include "functions.hpp"
#include "residual.hpp"

namespace OGIVE_SET {

// a + b rounded once; infinite where one of them is, as a is where both are.
template <class T> inline T joined(Pair<T> a, Pair<T> b) {
    const T infinity = T(Format<T>::infinity), plain = choose(magnitude(a.high) == infinity, a.high, a.high + b.high);
    return choose(magnitude(plain) < infinity, total(add(a, b)), plain);
}

// exp(x) times 2^-600 where x is large, so that what it is added to or multiplied by can be the same, and only the sum overflows.
template <class T> struct Grown {
    T lower = T(1), raise = T(1);  // what others are multiplied by, and all at the end
    Pair<T> power;
    T excess = T(0);  // exp(x) - 1 near 0, in Wide, where the power has not its digits

    explicit Grown(Pair<T> x) {
        using F = Format<T>;
        if constexpr (compensated<T>) {
            const bool large = x.high > T(300);
            lower = choose(large, T(0x1p-600), T(1));
            raise = choose(large, T(0x1p600), T(1));
            const Pair<T> moved = add(bounded(x), choose(large, Pair<T>{T(-600 * F::ln2_high), T(-600 * F::ln2_low)}, exactly(T(0))));
            power = value_of(exp(moved));
        } else {
            const Exponential<T> e = exponential<T, Coefficients<double>>(bounded(x));
            power.high = mul_add(e.excess.high, e.factor, e.factor);
            excess = e.excess.high;
        }
    }
    explicit Grown(T x) : Grown(exactly(x)) {}

    // exp(x) - y, times what lowers it.
    T above(T x, T y) const {
        if constexpr (compensated<T>) return total(add(power, exactly(-y * lower)));
        else return choose(magnitude(x) < T(0.34375), excess + (T(1) - y), power.high - y);
    }

    // 1 - y exp(x), times what lowers it.
    T below(T x, T y) const {
        if constexpr (compensated<T>) return joined(exactly(lower), negated(multiply(power, y)));
        else return choose(magnitude(x) < T(0.34375), mul_add(-y, excess, T(1) - y), mul_add(-y, power.high, T(1)));
    }

    // Up to 2^600 times the largest number, or infinite; NaN is the caller's.
    static Pair<T> bounded(Pair<T> x) {
        const T top = compensated<T> ? T(750) : T(700);
        return choose(x.high < top, choose(x.high > T(Format<T>::exp_bottom), x, exactly(T(Format<T>::exp_bottom))), exactly(top));
    }
};

// m - y log(m) of x = log(m).
struct PoissonLogRates : Paired<PoissonLogRates> {
    template <class T> static Results<T> both(T x, T y) {
        const Grown<T> rate(x);
        const Pair<T> linear = choose(y == T(0), exactly(unless_nan(x, T(0))), exact_product(y * rate.lower, x));
        const T value = choose(x < T(720), joined(rate.power, negated(linear)) * rate.raise, unless_nan(x, T(Format<T>::infinity)));
        const T slope = rate.above(x, y) * rate.raise;
        return {value, choose(x == x, slope, x)};
    }
};

// (m - y) / m, which goes to 1 as m does to infinity.
template <class T> inline T relative(T m, T y) {
    const T infinity = T(Format<T>::infinity);
    return choose(m == infinity && y < infinity, T(1), (m - y) / m);
}

struct PoissonRates {
    template <class T> static T value(T m, T y) { return joined(exactly(m), negated(multiply(log(exactly(m)), y))); }
    template <class T> static T slope(T m, T y) { return relative(m, y); }
};

// x + y exp(-x) of x = log(m). Far out a tiny y meets the exponential by halves.
struct GammaLogMeans : Paired<GammaLogMeans> {
    template <class T> static Results<T> both(T x, T y) {
        const bool distant = compensated<T> && x < T(-750);  // a float is infinite there
        const Grown<T> inverse(choose(distant, x * T(-0.5), -x));
        const Pair<T> quotient = multiply(inverse.power, y);
        const T half = inverse.power.high * inverse.raise, far = y * half * half;
        const T value = choose(distant, far + x, joined(quotient, exactly(x * inverse.lower)) * inverse.raise);
        const T slope = choose(distant, T(1) - far, inverse.below(x, y) * inverse.raise);
        return {choose(magnitude(x) < T(Format<T>::infinity), value, magnitude(x)), choose(x == x, slope, x)};
    }
};

struct GammaMeans {
    template <class T> static T value(T m, T y) {
        const T lift = choose(m < T(Format<T>::lowered), T(Format<T>::lifted), T(1));  // a subnormal has no reciprocal
        return joined(divide(exactly(y * lift), exactly(m * lift)), log(exactly(m)));
    }
    template <class T> static T slope(T m, T y) { return relative(m, y) / m; }
};

// m^(2 - p) / (2 - p) - y m^(1 - p) / (1 - p) from x = log(m), each a logarithm where its divisor is 0.
template <class T> struct TweedieParts {
    // m to the power of `whole` - p, and its integral by m over m.
    struct Part {
        Pair<T> power, integral;

        Part(Pair<T> x, T whole, T p) {
            const Pair<T> exponent = exact_sum(whole, -p);
            const bool flat = exponent.high == T(0);
            const Pair<T> z = multiply(exponent, x);
            const Grown<T> grown(choose(flat, exactly(T(0)), choose(magnitude(z.high) < T(Format<T>::infinity), z, exactly(z.high))));
            power = scale(grown.power, grown.raise);
            integral = choose(flat, x, divide(power, choose(flat, exactly(T(1)), exponent)));
        }
    };

    Part first, second;

    TweedieParts(Pair<T> x, T p) : first(x, T(2), p), second(x, T(1), p) {}

    // Where both parts are infinite, the cost of a mean infinitely far from y is, and rises away from it.
    T value(T y) const { return less(first.integral, second.integral, y, T(Format<T>::infinity)); }
    T slope(T y, T x) const { return less(first.power, second.power, y, choose(x > T(0), T(1), T(-1)) * T(Format<T>::infinity)); }

private:
    static T less(Pair<T> a, Pair<T> b, T y, T beyond) {
        const T largest = compensated<T> ? T(Format<T>::infinity) : T(1e300);  // a float's exponentials end at that of 700
        const bool both = (magnitude(a.high) >= largest) & (magnitude(b.high) >= largest);
        return choose(y == T(0), rounded(a), choose(both, beyond, joined(a, negated(multiply(b, y)))));
    }
};

struct TweedieLogMeans : Paired<TweedieLogMeans> {
    template <class T> static Results<T> both(T x, T y, T p) {
        const TweedieParts<T> parts(exactly(x), p);
        return {choose(x == x, parts.value(y), x), choose(x == x, parts.slope(y, x), x)};
    }
};

// The slope is m^(1 - p) (m - y) / m.
struct TweedieMeans : Paired<TweedieMeans> {
    template <class T> static Results<T> both(T m, T y, T p) {
        const bool inside = m > T(0) && m < T(Format<T>::infinity);
        const TweedieParts<T> parts(fine_log(choose(inside, m, T(1))), p);
        const bool far = m == T(Format<T>::infinity) && y == y;
        const T value = choose(far, choose(p > T(2), T(0), m), T(Format<T>::nan));
        const T flat = choose(far, choose(p > T(1), T(0), choose(p == T(1), T(1), m)), T(Format<T>::nan));
        const T slope = choose(m == y, T(0), rounded(parts.second.power) * relative(m, y));
        return {choose(inside, parts.value(y), value), choose(inside, slope, flat)};
    }
};

// log((1 + p) / (1 + t))^2.
struct SquaredLogarithmicError : Paired<SquaredLogarithmicError> {
    template <class T> static Results<T> both(T prediction, T target) {
        const bool positive = (prediction > T(-1)) & (target > T(-1)), inside = positive & (at_least(prediction, target) < T(Format<T>::infinity));
        const Pair<T> whole = exact_sum(choose(inside, prediction, T(0)), T(1)), other = exact_sum(choose(inside, target, T(0)), T(1));
        // Near 0 it has digits that 1 + p has not.
        const Pair<T> apart = divide(difference(choose(inside, prediction, T(0)), choose(inside, target, T(0))), other);
        const bool near = magnitude(apart.high) < T(0.5);
        const Pair<T> error = choose(near, log1p(choose(near, apart, exactly(T(0)))), log_ratio(whole, other));
        const T outside = choose(prediction == T(Format<T>::infinity) && target == target, prediction, T(Format<T>::nan));
        return {choose(inside, total(multiply(error, error)), outside),
                choose(inside, total(divide(scale(error, T(2)), whole)), choose(outside == outside, T(0), outside))};
    }
};

struct AbsolutePercentageError {
    static constexpr bool direct = true;
    template <class T> static T value(T prediction, T target, T floor) {
        const Residual<T> e(prediction, target);
        return magnitude(e.gap) / at_least(magnitude(target), floor);
    }
    template <class T> static T beyond(T prediction, T target, T floor) {
        return T(2) * (half_error(prediction, target) / at_least(magnitude(target), floor));
    }
    template <class T> static T slope(T prediction, T target, T floor) {
        return Residual<T>(prediction, target).signed_slope(T(1), T(1)) / at_least(magnitude(target), floor);
    }
};

#define OGIVE_COUNTS(ROW)                                                                                   \
    ROW(poisson_log_rates, PoissonLogRates, "m - y log(m) of a logarithm of m")                             \
    ROW(poisson_rates, PoissonRates, "m - y log(m)")                                                        \
    ROW(gamma_log_means, GammaLogMeans, "log(m) + y / m of a logarithm of m")                               \
    ROW(gamma_means, GammaMeans, "log(m) + y / m")                                                          \
    ROW(tweedie_log_means, TweedieLogMeans, "m^(2 - p) / (2 - p) - y m^(1 - p) / (1 - p) of a logarithm of m") \
    ROW(tweedie_means, TweedieMeans, "m^(2 - p) / (2 - p) - y m^(1 - p) / (1 - p)")                         \
    ROW(mean_squared_logarithmic_error, SquaredLogarithmicError, "log((1 + prediction) / (1 + target))^2")  \
    ROW(mean_absolute_percentage_error, AbsolutePercentageError, "|prediction - target| / max(|target|, floor)")

}  // namespace OGIVE_SET
