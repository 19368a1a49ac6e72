// The error of a prediction as a pair, and the small steps that losses of it share.
#pragma once

#include "logistic.hpp"

namespace OGIVE_SET {

// A pair rounded once; what overflowed or is NaN stays that, whatever its low part is.
template <class T> inline T rounded(Pair<T> a) {
    if constexpr (compensated<T>) return choose(magnitude(a.high) < T(Format<T>::infinity), total(a), a.high);
    else return a.high;
}

inline float signed_as(float size, float error) { return __builtin_copysignf(size, error); }
inline double signed_as(double size, double error) { return __builtin_copysign(size, error); }
inline Wide signed_as(Wide size, Wide error) { return __builtin_copysign(size.number, error.number); }

// 1, or a quarter where the difference is beyond the largest number, or so near that its products are: of numbers times this it is not.
template <class T> inline T lowering(T a, T b) {
    if constexpr (compensated<T>) return choose(magnitude(a - b) > T(0x1p1000), T(0.25), T(1));
    else return T(1);  // no float is as large in double arithmetic
}

template <class T> inline T raising(T lowering) { return choose(lowering < T(1), T(4), T(1)); }

// Of an error beyond the largest number, and what it costs at a price, which may be a number.
template <class T> inline T half_error(T prediction, T target) { return magnitude(T(0.5) * prediction - T(0.5) * target); }
template <class T> inline T at_price(T price, T prediction, T target) { return T(2) * price * half_error(prediction, target); }

// prediction - target: its size, as a pair. A size that is infinite or NaN is 1 until the end, where a pair cannot bear it.
template <class T> struct Residual {
    T gap;
    Pair<T> size;

    Residual(T prediction, T target) {
        const Pair<T> exact = difference(prediction, target);
        gap = exact.high;
        if constexpr (compensated<T>) size = choose(finite(), choose(gap < T(0), negated(exact), exact), exactly(T(1)));
        else size.high = magnitude(gap);
    }
    bool finite() const { return magnitude(gap) < T(Format<T>::infinity); }

    // What holds for finite errors; else what an infinite one gives, its own size if nothing else, and NaN for NaN.
    T otherwise(T result, T at_infinity) const { return choose(finite(), result, unless_nan(gap, at_infinity)); }
    T otherwise(T result) const { return choose(finite(), result, magnitude(gap)); }

    // The same of a formula that fails an infinite error, or NaN, only where it takes pairs.
    template <class... At> T unbroken(T result, At... at_infinity) const {
        if constexpr (compensated<T>) return otherwise(result, at_infinity...);
        else return result;
    }

    // A slope for errors above 0, with the sign of the error, and 0 for none.
    T with_sign(T slope) const { return choose(gap == T(0), T(0), signed_as(slope, gap)); }
    T signed_slope(T slope, T at_infinity) const { return otherwise(with_sign(slope), with_sign(at_infinity)); }
    T signed_slope(T slope) const { return choose(finite(), with_sign(slope), gap); }
};

// |e| and a scale, the smaller over the larger, so that no square overflows.
template <class T> struct Bend {
    bool far;
    Pair<T> small, ratio, square;

    Bend(Pair<T> size, T bound) : far(size.high > bound), small(choose(far, exactly(bound), size)) {
        const Pair<T> large = choose(far, size, exactly(bound));
        const T lift = choose(large.high < T(Format<T>::lowered), T(Format<T>::lifted), T(1));  // a subnormal has no reciprocal
        ratio = divide(scale(small, lift), scale(large, lift));
        square = multiply(ratio, ratio);
    }
    Pair<T> whole() const { return ordered_add(T(1), square); }
    Pair<T> fade() const { return choose(far, ratio, exactly(T(1))); }

    // So near that the loss is half the squared error to the last digit, and its square may have none.
    bool faint() const { return !far && ratio.high < T(0x1p-60); }
};

// Value and slope from the one pass that gives both.
template <class Function> struct Paired {
    template <class... Inputs> static auto value(Inputs... x) requires requires { Function::both(x...); } { return Function::both(x...).value; }
    template <class... Inputs> static auto slope(Inputs... x) requires requires { Function::both(x...); } { return Function::both(x...).slope; }
};

// exp(x) - 1 for x <= 40.
template <class T> inline Pair<T> expm1(Pair<T> x) {
    const Pair<T> head = expm1(x.high);
    if constexpr (compensated<T>) return ordered_sum(head.high, mul_add(T(1) + head.high, x.low, head.low));
    else return head;
}

template <class T> inline Pair<T> half_square(Pair<T> size) { return multiply(scale(size, T(0.5)), size); }

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }
inline Wide square_root(Wide x) { return __builtin_sqrt(x.number); }

// Of what is not near 0.
template <class T> inline Pair<T> square_root(Pair<T> a) {
    const T root = square_root(a.high);
    const Pair<T> back = exact_product(root, root);
    return ordered_sum(root, ((a.high - back.high) + (a.low + -back.low)) / (T(2) * root));
}

}  // namespace OGIVE_SET
