// What activations and losses share: the logistic function as pairs, and small choices.
#pragma once

#include "maths.hpp"
#include "results.hpp"

namespace OGIVE_SET {

template <class T> inline T unless_nan(T x, T result) { return choose(x == x, result, x); }

template <class T> inline T bounded(T x, T bound) { return at_most(at_least(x, -bound), bound); }

// Value and slope in one pass, for functions whose value and slope have steps in common: the compiler takes these once.
template <class Function> struct Together {
    template <class T, class... Parameters> static Results<T> both(T x, Parameters... parameters) {
        return {Function::value(x, parameters...), Function::slope(x, parameters...)};
    }
};

// The logistic function s at -t and at t, for t >= 0: its tail e / (1 + e), times factor * lowered, and one minus that.
template <class T> struct Logistic {
    Pair<T> tail;
    T factor;

    explicit Logistic(Pair<T> t) {
        const Scaled<T> e = exp(negated(t));
        tail = divide(e.mantissa, one_plus(value_of(e)));
        factor = e.factor;
    }
    explicit Logistic(T t) : Logistic(Pair<T>{t, T(0)}) {}

    T low() const { return unscaled(total(tail), factor); }
    T high() const { return T(1) - low(); }
    Pair<T> rest() const { return one_plus(negated(value_of(Scaled<T>{tail, factor}))); }

    // s(t) s(-t), for the difference of s(t) and its square would lose every digit, times a weight.
    T slope(T weight = T(1)) const { return unscaled(total(multiply(tail, rest())) * weight, factor); }
    T slope(Pair<T> weight) const { return unscaled(total(multiply(multiply(tail, rest()), weight)), factor); }

    // The slope of x s(u(x)), s + x s'(u) u', with `steepness` = |x u'|: on the right it is what the left lacks to one.
    T gated_slope(bool left, Pair<T> steepness) const {
        const T slope = unscaled(total(left_slope(steepness)), factor);
        return choose(left, slope, T(1) - slope);
    }
    Pair<T> left_slope(Pair<T> steepness) const {
        return multiply(tail, add(Pair<T>{T(1), T(0)}, negated(multiply(steepness, rest()))));
    }

    // x s(u(x)) for `size` = |x|: max(x, 0) loses size times the tail.
    T gated(T x, T size) const { return at_least(x, T(0)) - unscaled(total(multiply(tail, size)), factor); }
};

}  // namespace OGIVE_SET
