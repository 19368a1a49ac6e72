// One struct per elementwise loss: its value, and its slope and perhaps curvature with respect to its first input.
// To add one, write the struct and add its row at the end.
#pragma once

#include "residual.hpp"
#include "swift.hpp"

namespace OGIVE_SET {

struct SquaredError : Together<SquaredError> {
    template <class T> static T value(T prediction, T target) {
        const T error = prediction - target;
        return error * error;
    }
    template <class T> static T slope(T prediction, T target) { return T(2) * (prediction - target); }
    template <class T> static T curvature(T prediction, T target) { return unless_nan(prediction - target, T(2)); }
};

struct HalfSquaredError : Together<HalfSquaredError> {
    template <class T> static T value(T prediction, T target) {
        const T error = prediction - target;
        return (T(0.5) * error) * error;
    }
    template <class T> static T slope(T prediction, T target) { return prediction - target; }
    template <class T> static T curvature(T prediction, T target) { return unless_nan(prediction - target, T(1)); }
};

struct AbsoluteError {
    static constexpr bool direct = true;
    template <class T> static T value(T prediction, T target) { return magnitude(prediction - target); }
    template <class T> static T slope(T prediction, T target) {
        const T gap = prediction - target;
        return choose(gap > T(0), T(1), choose(gap < T(0), T(-1), gap));
    }
};

// weight x, and 0 for an infinite x without weight; NaN passes through.
template <class T> inline T product_or_zero(T weight, T x) {
    return choose(weight == T(0), unless_nan(x, T(0)), weight * x);
}

// The weight of the error is `quantile` below the target and 1 - quantile above it.
struct Pinball {
    static constexpr bool direct = true;
    template <class T> static T value(T prediction, T target, T quantile) {
        const T gap = target - prediction;
        return product_or_zero(choose(gap > T(0), quantile, T(1) - quantile), magnitude(gap));
    }
    template <class T> static T beyond(T prediction, T target, T quantile) {
        return at_price(choose(target > prediction, quantile, T(1) - quantile), prediction, target);
    }
    template <class T> static T slope(T prediction, T target, T quantile) {
        const T gap = target - prediction;
        return choose(gap > T(0), -quantile, choose(gap < T(0), T(1) - quantile, gap));
    }
};

// (log(v) + (m - t)^2 / v) / 2 for the normal distribution of mean m and variance v.
struct GaussianNll : Together<GaussianNll> {
    template <class T> static T value(T mean, T variance, T target) {
        const Parts<T> parts(mean, variance, target);
        const Pair<T> logarithm = log_ratio(exactly(parts.variance), exactly(T(1)));
        const Pair<T> cost = multiply(scale(parts.ratio, T(0.5) * parts.up * parts.up), parts.gap);
        const T inner = choose(cost.high < T(Format<T>::infinity), total(add(scale(logarithm, T(0.5)), cost)), cost.high);
        const T outer = choose(variance >= T(0), T(Format<T>::infinity), T(Format<T>::nan));
        return choose(parts.inside, inner, unless_nan(parts.gap.high, outer));
    }
    template <class T> static T slope(T mean, T variance, T target) {
        const Parts<T> parts(mean, variance, target);
        const T flat = choose(variance == T(Format<T>::infinity), T(0), T(Format<T>::nan));
        return choose(parts.inside, parts.gap.high / parts.variance * parts.up, parts.gap.high * choose(variance == T(0), T(Format<T>::infinity), flat));
    }
    template <class T> static T curvature(T mean, T variance, T target) {
        return unless_nan(mean - target, choose(variance >= T(0), T(1) / variance, T(Format<T>::nan)));
    }

private:
    template <class T> struct Parts {
        T down, up;
        Pair<T> gap, ratio;  // m - t, lowered, and that over the variance
        bool inside;
        T variance;

        Parts(T mean, T v, T target)
            : down(lowering(mean, target)), up(raising(down)), gap(difference(mean * down, target * down)),
              inside(v > T(0) && v < T(Format<T>::infinity)), variance(choose(inside, v, T(1))) {
            const T lift = choose(variance < T(Format<T>::lowered), T(Format<T>::lifted), T(1));  // a subnormal has no reciprocal
            ratio = divide(scale(gap, lift), exactly(variance * lift));
        }
    };
};

// Its slope by the variance, (1 - (m - t)^2 / v) / 2v; the value is with the slope by the mean.
struct GaussianNllByVariance : Together<GaussianNllByVariance> {
    template <class T> static T value(T, T, T) { return T(0); }
    template <class T> static T slope(T mean, T variance, T target) {
        const T down = lowering(mean, target), up = raising(down);
        const Pair<T> gap = difference(mean * down, target * down);
        if constexpr (!compensated<T>) {
            return mul_add(-gap.high, gap.high, variance) / (T(2) * variance * variance);
        } else {
            const bool tiny = variance < T(Format<T>::lowered);  // the square of whose root has not its digits
            const Pair<T> root = square_root(exactly(choose(tiny, variance * T(Format<T>::lifted), variance)));
            const Pair<T> ratio = scale(divide(gap, root), choose(tiny, T(0x1p256), up));
            const T less = (T(1) - ratio.high) - ratio.low, more = (T(1) + ratio.high) + ratio.low;
            const bool reachable = magnitude(ratio.high) < T(Format<T>::infinity);
            return choose(reachable, less * (T(0.5) * more / variance), unless_nan(ratio.high, -T(Format<T>::infinity)));
        }
    }
};

// Binary cross-entropy from a logit z: with the weight of the wrong side, (1 - t) for z > 0, it is
// weight |z| + log(1 + exp(-|z|)), a sum of two positive terms.
inline Results<float> swift_certain_cross_entropy(float z, float t) {
    const float sign = choose(t > 0.0f, -1.0f, 1.0f);
    const Results<float> wrong = swift_softplus(sign * z);
    return {wrong.value, sign * wrong.slope};
}

struct BinaryCrossEntropyLogits : Swift<swift_certain_cross_entropy> {
    static bool swift_for(float, float t) { return (t == 0.0f) | (t == 1.0f); }  // where nothing cancels

    template <class T> static T value(T z, T t) {
        if constexpr (!compensated<T>) return both(z, t).value;
        const T size = magnitude(z);
        const Pair<T> weight = choose(z > T(0), ordered_sum(T(1), -t), Pair<T>{t, T(0)});
        const auto rest = choose(size < T(Format<T>::infinity), weight.low * size, decltype(weight.low)(T(0)));
        const T linear = choose(weight.high == T(0), T(0), mul_add(weight.high, size, rest));
        const Scaled<T> e = exp(-size);
        return linear + unscaled(total(log1p_mantissa(e)), e.factor);
    }
    // p - t = (head + tail e) / (1 + e), e = exp(-|z|): the sum vanishes where p = t, so it takes every low part that counts there.
    // A head of zero leaves e alone, scaled to its last digit.
    template <class T> static T slope(T z, T t) {
        if constexpr (!compensated<T>) return both(z, t).slope;
        const T size = magnitude(z);
        const Exponential<T> power = exponential(Pair<T>{-size, T(0)});
        const Scaled<T> e = {one_plus(power.excess), power.factor};
        const Pair<T> e_value = value_of(e), miss = ordered_sum(T(1), -t), hit = {-t, T(0)};
        const Pair<T> tail = choose(z > T(0), hit, miss), product = exact_product(tail.high, e_value.high);
        const T head = choose(z > T(0), miss.high, -t);
        const T sum = (head + product.high) + mul_add(tail.high, e_value.low, mul_add(tail.low, e_value.high, product.low));
        const bool alone = head == T(0);
        const T numerator = choose(alone, tail.high * e.mantissa.high, sum);
        return unscaled(numerator / one_plus(e_value).high, choose(alone, e.factor, T(Format<T>::lifted)));
    }
    static Results<double> both(double z, double t) { return {value(z, t), slope(z, t)}; }
    static Results<Wide> both(Wide z, Wide t) {
        const Wide size = at_most(magnitude(z), Wide(0x1p900)), miss = Wide(1) - t;  // beyond every float, but nothing without a weight
        const Exponential<Wide> power = exponential<Wide, Coefficients<double>>({-size, {}});
        const Wide excess = power.excess.high, e = mul_add(excess, power.factor, power.factor);
        const Wide one = Wide(1) + e, two = Wide(2) + e, reciprocal = Wide(1) / (one * two);  // one division for both
        const Wide log1p = twice_atanh(Pair<Wide>{e * one * reciprocal, {}}).high;
        const bool right = z > Wide(0);
        const Wide weight = choose(right, miss, t), head = choose(right, miss, -t), tail = choose(right, -t, miss);
        // The sum vanishes where p = t, and beside z = 0 e - 1 has digits that e has not.
        const Wide sum = choose(size < Wide(0.25), mul_add(tail, excess, miss - t), mul_add(tail, e, head));
        return {mul_add(weight, size, log1p), sum * (two * reciprocal)};
    }
    template <class T> static T curvature(T z, T t) { return unless_nan(t, Logistic<T>(magnitude(z)).slope()); }
};

// Binary cross-entropy whose terms are weighted by (1 - p)^gamma, p the probability of the right class, and by alpha for
// class 1, 1 - alpha for class 0 (T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017). With
// L(z) = log(1 + exp(z)), a term is f(z) = exp(-gamma L(z)) L(-z) for class 1 and f(-z) for class 0.
struct FocalLogits : Together<FocalLogits> {
    template <class T> static T value(T z, T t, T alpha, T gamma) {
        const Terms<T> terms(z, gamma);
        const T result = total(weighted(t, alpha, multiply(terms.one.weight, terms.one.cost),
                                        multiply(terms.zero.weight, terms.zero.cost)));
        return choose(magnitude(z) == T(Format<T>::infinity) && result > T(1), T(Format<T>::infinity), result);
    }
    template <class T> static T slope(T z, T t, T alpha, T gamma) {
        const Terms<T> terms(z, gamma);
        return total(weighted(t, alpha, negated(terms.one.steepness(gamma)), terms.zero.steepness(gamma)));
    }

private:
    template <class T> static Pair<T> weighted(T t, T alpha, Pair<T> one, Pair<T> zero) {
        const Pair<T> miss = multiply(multiply(zero, ordered_sum(T(1), -alpha)), ordered_sum(T(1), -t));
        return add(multiply(multiply(one, alpha), t), miss);
    }

    template <class T> struct Term {
        Pair<T> weight, cost, right, wrong;  // the chances of being right and wrong

        // How steeply the term falls: weight (gamma right cost + wrong).
        Pair<T> steepness(T gamma) const { return multiply(weight, add(multiply(multiply(right, cost), gamma), wrong)); }
    };

    template <class T> struct Terms {
        Term<T> one, zero;

        Terms(T z, T gamma) {
            const bool left = z < T(0);
            const T size = at_most(magnitude(z), T(Format<T>::largest)), flat = at_most(size, -T(Format<T>::exp_bottom));
            const Scaled<T> e = exp(-size);
            const Pair<T> near = value_of(Scaled<T>{log1p_mantissa(e), e.factor}), far = ordered_add(size, near);
            const Pair<T> low = value_of(Scaled<T>{divide(e.mantissa, one_plus(value_of(e))), e.factor});
            const Pair<T> high = one_plus(negated(low));
            const Pair<T> faint = power(ordered_add(flat, near), gamma), full = power(near, gamma);
            one = {choose(left, full, faint), choose(left, far, near), choose(left, low, high), choose(left, high, low)};
            zero = {choose(left, faint, full), choose(left, near, far), one.wrong, one.right};
        }
        static Pair<T> power(Pair<T> cost, T gamma) { return value_of(exp(negated(multiply(cost, gamma)))); }
    };
};

// -(t log p + (1 - t) log(1 - p)) for a probability p; 0 log 0 is 0.
struct BinaryCrossEntropyProbabilities {
    template <class T> static T value(T p, T t) {
        const bool inside = p > T(0) && p < T(1);
        const T q = choose(inside, p, T(0.5));
        const Pair<T> one = {T(1), T(0)}, chance = {q, T(0)};
        const Pair<T> hit = multiply(log_ratio(one, chance), t);
        const Pair<T> miss = multiply(negated(log1p(negated(chance))), ordered_sum(T(1), -t));
        const bool end = (p == T(0) || p == T(1)) && t == t;
        const T sure = choose(p == t, T(0), choose(end, T(Format<T>::infinity), T(Format<T>::nan)));
        return choose(inside, total(add(hit, miss)), sure);
    }
    // -t / p + (1 - t) / (1 - p) = (p - t) / (p (1 - p)), which keeps its digits where p is near t.
    template <class T> static T slope(T p, T t) {
        const T inner = (p - t) / p / (T(1) - p);
        const T result = choose(t == T(0), T(1) / (T(1) - p), choose(t == T(1), T(-1) / magnitude(p), inner));
        return choose(p >= T(0) && p <= T(1), result, T(Format<T>::nan));
    }
};

// The same from l = log p. log(1 - exp(l)) is taken from expm1 near l = 0 and from log1p further left.
struct BinaryCrossEntropyLogProbabilities {
    template <class T> static T value(T l, T t) {
        const T infinity = T(Format<T>::infinity);
        const Scaled<T> e = exp(at_most(l, T(-0.5)));
        const Pair<T> near = log_ratio(Pair<T>{T(1), T(0)}, negated(expm1(l)));
        const Pair<T> far = negated(log1p(negated(value_of(e))));
        const Pair<T> miss = multiply(choose(l > T(-0.5), near, far), ordered_sum(T(1), -t));
        const T inside = total(add(exact_product(-l, t), miss));
        const T left = choose(l > -infinity, inside, product_or_zero(t, infinity));
        const T right = choose(l == T(0), product_or_zero(T(1) - t, infinity), T(Format<T>::nan));
        return choose(l < T(0), left, right);
    }
    // -t + (1 - t) e / (1 - e) = (e - t) / (1 - e), e = exp(l).
    template <class T> static T slope(T l, T t) {
        const T safe = at_most(l, T(0));
        const Pair<T> e = value_of(exp(safe)), less = expm1(safe);
        T gap = (e.high - t) + e.low;
        if constexpr (!compensated<T>) gap = choose(l > T(-0.25), (T(1) - t) + less.high, gap);
        const T result = choose(t == T(1), T(-1), gap / magnitude(total(less)));
        return choose(l <= T(0), result, T(Format<T>::nan));
    }
};

#define OGIVE_LOSSES(ROW)                                                                              \
    ROW(squared_error, SquaredError, "(prediction - target)^2")                                        \
    ROW(half_squared_error, HalfSquaredError, "(prediction - target)^2 / 2")                           \
    ROW(absolute_error, AbsoluteError, "|prediction - target|")                                        \
    ROW(pinball, Pinball, "max(q (target - prediction), (q - 1) (target - prediction))")                \
    ROW(gaussian_nll, GaussianNll, "(log(variance) + (target - mean)^2 / variance) / 2")               \
    ROW(gaussian_nll_by_variance, GaussianNllByVariance, "the slope of gaussian_nll by the variance")   \
    ROW(focal_logits, FocalLogits, "binary cross-entropy of a logit, weighted by (1 - p)^gamma")       \
    ROW(binary_cross_entropy_logits, BinaryCrossEntropyLogits, "binary cross-entropy of a logit")      \
    ROW(binary_cross_entropy_probabilities, BinaryCrossEntropyProbabilities,                           \
        "binary cross-entropy of a probability")                                                       \
    ROW(binary_cross_entropy_log_probabilities, BinaryCrossEntropyLogProbabilities,                    \
        "binary cross-entropy of the logarithm of a probability")

}  // namespace OGIVE_SET
