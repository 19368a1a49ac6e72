// One struct per elementwise loss: its value and its slope with respect to the prediction.
// To add one, write the struct and add its row at the end.
#pragma once

#include "maths.hpp"

namespace OGIVE_SET {

struct SquaredError {
    template <class T> static T value(T prediction, T target) {
        const Pair<T> d = difference(prediction, target);
        return mul_add(d.high, d.high, T(2) * d.high * d.low);
    }
    template <class T> static T slope(T prediction, T target) { return T(2) * (prediction - target); }
};

struct HalfSquaredError {
    template <class T> static T value(T prediction, T target) {
        const Pair<T> d = difference(prediction, target);
        return mul_add(T(0.5) * d.high, d.high, d.high * d.low);
    }
    template <class T> static T slope(T prediction, T target) { return prediction - target; }
};

struct AbsoluteError {
    template <class T> static T value(T prediction, T target) { return magnitude(prediction - target); }
    template <class T> static T slope(T prediction, T target) {
        const T difference = prediction - target;
        return difference > T(0) ? T(1) : difference < T(0) ? T(-1) : difference;
    }
};

template <class T> inline T product_or_zero(T weight, T x) { return weight == T(0) ? T(0) : weight * x; }

// Binary cross-entropy from a logit z: with the weight of the wrong side, (1 - t) for z > 0, it is
// weight |z| + log(1 + exp(-|z|)), a sum of two positive terms.
struct BinaryCrossEntropyLogits {
    template <class T> static T value(T z, T t) {
        const T size = magnitude(z);
        const Pair<T> weight = z > T(0) ? ordered_sum(T(1), -t) : Pair<T>{t, T(0)};
        const T rest = size < Format<T>::infinity ? weight.low * size : T(0);
        const T linear = weight.high == T(0) ? T(0) : mul_add(weight.high, size, rest);
        const Scaled<T> e = exp(-size);
        return linear + unscaled(total(log1p_mantissa(e)), e.factor);
    }
    // (head + tail e) / (1 + e), e = exp(-|z|); a head of zero leaves e alone, scaled to its last digit.
    template <class T> static T slope(T z, T t) {
        const Scaled<T> e = exp(-magnitude(z));
        const Pair<T> e_value = value_of(e), divisor = one_plus(e_value);
        const T head = z > T(0) ? T(1) - t : -t, tail = z > T(0) ? -t : T(1) - t;
        const bool alone = head == T(0);
        const T numerator = alone ? tail * e.mantissa.high : mul_add(tail, e_value.high, head);
        return unscaled(numerator / divisor.high, alone ? e.factor : Format<T>::lifted);
    }
};

// -(t log p + (1 - t) log(1 - p)) for a probability p; 0 log 0 is 0.
struct BinaryCrossEntropyProbabilities {
    template <class T> static T value(T p, T t) {
        const bool inside = p > T(0) && p < T(1);
        const T q = inside ? p : T(0.5);
        const Pair<T> one = {T(1), T(0)}, chance = {q, T(0)}, rest = ordered_sum(T(1), -q);
        const Pair<T> hit = multiply(log_ratio(one, chance), t);
        const Pair<T> miss = multiply(log_ratio(one, rest), ordered_sum(T(1), -t));
        const T sure = p == t ? T(0) : p == T(0) || p == T(1) ? Format<T>::infinity : Format<T>::nan;
        return inside ? total(add(hit, miss)) : p == p && t == t ? sure : Format<T>::nan;
    }
    // -t / p + (1 - t) / (1 - p) = (p - t) / (p (1 - p)), which keeps its digits where p is near t.
    template <class T> static T slope(T p, T t) {
        const T inner = (p - t) / p / (T(1) - p);
        const T result = t == T(0) ? T(1) / (T(1) - p) : t == T(1) ? T(-1) / p : inner;
        return p >= T(0) && p <= T(1) ? result : Format<T>::nan;
    }
};

// The same from l = log p. log(1 - exp(l)) takes its argument from expm1, a pair.
struct BinaryCrossEntropyLogProbabilities {
    template <class T> static T value(T l, T t) {
        const bool inside = l < T(0) && l > -Format<T>::infinity;
        const T safe = inside ? l : T(-1);
        const Pair<T> rest = negated(expm1(safe)), hit = exact_product(-safe, t);
        const Pair<T> miss = multiply(log_ratio(Pair<T>{T(1), T(0)}, rest), ordered_sum(T(1), -t));
        const T impossible = product_or_zero(t, Format<T>::infinity);
        const T certain = product_or_zero(T(1) - t, Format<T>::infinity);
        const T outside = l == T(0) ? certain : l < T(0) ? impossible : Format<T>::nan;
        return inside ? total(add(hit, miss)) : outside;
    }
    template <class T> static T slope(T l, T t) {
        const T safe = at_most(l, T(0));
        const Scaled<T> e = exp(safe);
        const T rest = -total(expm1(e)), odds = e.mantissa.high / rest, one_less = T(1) - t;
        const T mixed = product_or_zero(one_less, unscaled(odds, e.factor)) - t;
        const T result = t == T(0) ? unscaled(odds, e.factor) : mixed;
        return l <= T(0) ? result : Format<T>::nan;
    }
};

#define OGIVE_LOSSES(ROW)                                                                              \
    ROW(squared_error, SquaredError, "(prediction - target)^2")                                        \
    ROW(half_squared_error, HalfSquaredError, "(prediction - target)^2 / 2")                           \
    ROW(absolute_error, AbsoluteError, "|prediction - target|")                                        \
    ROW(binary_cross_entropy_logits, BinaryCrossEntropyLogits, "binary cross-entropy of a logit")      \
    ROW(binary_cross_entropy_probabilities, BinaryCrossEntropyProbabilities,                           \
        "binary cross-entropy of a probability")                                                       \
    ROW(binary_cross_entropy_log_probabilities, BinaryCrossEntropyLogProbabilities,                    \
        "binary cross-entropy of the logarithm of a probability")

}  // namespace OGIVE_SET
