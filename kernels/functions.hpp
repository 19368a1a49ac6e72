// erf, powers, sine and cosine, for structs to be made of, with rows of their own through which the tests reach them.
// Branch-free like everything in maths.hpp; results are pairs where the caller still has to round.
#pragma once

#include "maths.hpp"
#include "results.hpp"

namespace OGIVE_SET {

// erf(x), all x: near 0 by a polynomial, further out as 1 - 2 Phi(-sqrt(2) |x|).
template <class T> inline Pair<T> erf(T x) {
    const T size = magnitude(x), square = size * size;
    const T bend = square * polynomial(square, Coefficients<T>::erf_tail);
    const Pair<T> near = multiply(ordered_add(T(1.1283791670955126), Pair<T>{bend, T(1.533545961316588e-17)}), size);
    const NormalTail<T> tail = normal_tail(at_most(T(1.4142135623730951) * size, T(Format<T>::normal_bottom)));
    const Pair<T> twice = scale(divide(multiply(tail.density.mantissa, tail.mills), tail.divisor), T(2));
    const Pair<T> far = ordered_add(T(1), negated(value_of(Scaled<T>{twice, tail.density.factor})));
    const Pair<T> result = choose(size < T(0.5), near, far);
    return choose(with_sign_of(T(1), x) < T(0), negated(result), result);
}

// log(top / bottom) + power * log(2) with 12 bits more than `log`, since a power multiplies its error by as much as 745; given the
// difference and the sum of numbers whose ratio is from sqrt(1/2) to sqrt(2).
template <class T> inline Pair<T> fine_log(Pair<T> difference, Pair<T> sum, T power) {
    const Pair<T> s = divide(difference, sum), square = multiply(s, s);
    const T rest = square.high * polynomial(square.high, Coefficients<T>::atanh_rest);
    const Pair<T> bend = ordered_add(T(0.6666666666666666), Pair<T>{rest, T(3.700743415417188e-17)});
    const Pair<T> fraction = add(scale(s, T(2)), multiply(multiply(bend, square), s));
    return add(Pair<T>{power * T(Format<T>::ln2_high), power * T(Format<T>::ln2_low)}, fraction);
}

// log(x) for finite x > 0.
template <class T> inline Pair<T> fine_log(T x) {
    const Normalised<T> a = normalised(Pair<T>{x, T(0)});
    const T mantissa = a.mantissa.high;
    return fine_log(Pair<T>{mantissa - T(1), T(0)}, exact_sum(mantissa, T(1)), a.power);
}

template <class T> inline Pair<T> fine_log(Pair<T> x) {
    const Normalised<T> a = normalised(x);
    const Pair<T> one = {T(1), T(0)};
    return fine_log(add(a.mantissa, negated(one)), add(a.mantissa, one), a.power);
}

// exp(x) for x <= 0 (and up to 40 or so) with as many bits as its logarithm, which one step of Newton's method takes it to.
template <class T> inline Pair<T> fine_exp(Pair<T> x) {
    const T high = at_least(x.high, T(Format<T>::exp_bottom));
    const Pair<T> bounded = {high, choose(high == x.high, x.low, decltype(x.low)(T(0)))}, near = value_of(exp(bounded));
    const bool normal = near.high > T(0x1p-960);
    const Pair<T> rest = add(bounded, negated(fine_log(choose(normal, near, Pair<T>{T(1), T(0)}))));
    return ordered_sum(near.high, near.low + choose(normal, near.high * rest.high, T(0)));
}

// (size / unit)^y of the logarithm of the unit, for such numbers as leave an exponential; of 0 it is 0, but for y = 0, and NaN where the
// size is not finite.
template <class T> inline Pair<T> fine_power(Pair<T> size, T y, Pair<T> log_unit = {T(0), T(0)}) {
    const Pair<T> logarithm = fine_log(choose(size.high > T(0), size, Pair<T>{T(1), T(0)}));
    const Pair<T> exponent = multiply(add(logarithm, negated(log_unit)), y);
    const T high = choose(size.high > T(0), exponent.high, choose(y == T(0), T(0), -T(Format<T>::infinity)));
    const Pair<T> found = fine_exp(Pair<T>{high, exponent.low});
    return {found.high + T(0) * size.high, found.low};
}

// size^y for size >= 0, limits included, but for 0^0 and inf^0.
template <class T> inline T power_of_size(T size, T y) {
    using F = Format<T>;
    const bool inside = size > T(0) && size < T(F::infinity), one = size == T(1);
    const T edge = choose(size == T(0), -T(F::infinity), size);
    const Pair<T> logarithm = fine_log(choose(inside, size, T(1)));
    const Pair<T> product = multiply(logarithm, y);
    const T high = choose(one, T(0), choose(inside, product.high, edge * y));
    const T top = compensated<T> ? T(720) : T(200), bounded = at_least(at_most(high, top), T(F::exp_bottom));
    Pair<T> z = {bounded, choose(inside && !one && bounded == high, product.low, decltype(product.low)(T(0)))};
    T last = T(F::lowered);
    if constexpr (compensated<T>) {  // beyond the range of a factor: 2^600 apart
        const bool large = bounded > T(300);
        z = add(z, choose(large, Pair<T>{T(-600 * F::ln2_high), T(-600 * F::ln2_low)}, Pair<T>{T(0), T(0)}));
        last = choose(large, T(0x1p88), last);
    }
    const Scaled<T> e = exp(z);
    return total(e.mantissa) * e.factor * last;
}

// Rounded to the nearest integer; from 2^52 on every number is one.
template <class T> inline T nearest_integer(T size) {
    const T large = T(0x1p52);
    return choose(size < large, (size + large) - large, size);
}

template <class T> inline bool odd(T y) {
    const T half = T(0.5) * magnitude(y);
    return nearest_integer(magnitude(y)) == magnitude(y) && nearest_integer(half) != half;
}

// x^y as C's pow: a negative x has integer powers only, and anything to the power of 0 is 1, as is any power of 1.
template <class T> inline T power(T x, T y) {
    const T size = magnitude(x), result = power_of_size(size, y);
    const bool negative = with_sign_of(T(1), x) < T(0), whole = nearest_integer(magnitude(y)) == magnitude(y);
    const T possible = choose(x < T(0) && size < T(Format<T>::infinity) && !whole, T(Format<T>::nan), result);
    const T answer = choose(negative && odd(y), -possible, possible);
    return choose(y == T(0) || x == T(1), T(1), choose(x == x, choose(y == y, answer, y), x));
}

// x is `rest` beyond some turns and `quarters` of one, from -2 to 2, for |x| <= angle_bound. |rest| is below 0.81.
constexpr double angle_bound = 0x1p47;

template <class T> struct Angle {
    Pair<T> rest;
    double quarters;  // no integer, for the oldest processors cannot compare those side by side
};

// Cody and Waite's reduction with 161 bits of pi / 2; exact products and sums keep all digits beside its multiples.
template <class T> inline Angle<T> angle(T x) {
    using F = Format<double>;
    const double given = number(x), k = mul_add(given, 0x1.45f306dc9c883p-1, F::rounder) - F::rounder;
    const double turns = (0.25 * k + F::rounder) - F::rounder;
    const Pair<double> first = exact_product(k, 0x1.921fb54442d18p0), second = exact_product(k, 0x1.1a62633145c07p-54);
    const Pair<double> a = exact_sum(given - first.high, -first.low), b = exact_sum(a.high, -second.high);
    const Pair<double> c = exact_sum(a.low, b.low), d = exact_sum(c.high, -second.low);
    const Pair<double> rest = exact_sum(b.high, d.high);
    const double low = rest.low + (d.low + c.low - k * -0x1.f1976b7ed8fbcp-110);
    const Pair<double> all = ordered_sum(rest.high, low);
    return {Pair<T>{T(all.high), T(all.low)}, k - 4.0 * turns};
}

template <class T> inline Pair<T> sine_of_rest(Pair<T> r) {
    const T square = r.high * r.high;
    const T tail = r.high * (square * polynomial(square, Coefficients<T>::sine_tail));
    return ordered_sum(r.high, tail + r.low * (T(1) - T(0.5) * square));
}

template <class T> inline Pair<T> cosine_of_rest(Pair<T> r) {
    const Pair<T> square = exact_product(r.high, r.high), head = ordered_sum(T(1), T(-0.5) * square.high);
    const T tail = square.high * square.high * polynomial(square.high, Coefficients<T>::cosine_tail);
    return ordered_sum(head.high, head.low + (tail + -(T(0.5) * square.low + r.high * r.low)));
}

// The sine of x, moved by so many quarters of a turn. NaN beyond the bound: at this distance neighbouring floats are turns apart.
template <class T> inline T turned_sine(T x, double more) {
    const bool inside = magnitude(x) <= T(angle_bound);
    const Angle<T> at = angle(choose(inside, x, T(0)));
    const double quarters = at.quarters + more;
    const bool odd = magnitude(quarters) == 1.0 || quarters == 3.0, below = quarters < 0.0 || quarters > 1.0;
    const Pair<T> size = choose(odd, cosine_of_rest(at.rest), sine_of_rest(at.rest));
    return choose(inside, total(choose(below, negated(size), size)), T(Format<T>::nan));
}

template <class T> inline T sine(T x) { return choose(x == T(0), x, turned_sine(x, 0.0)); }
template <class T> inline T cosine(T x) { return turned_sine(x, 1.0); }

struct Erf {
    template <class T> static T value(T x) { return total(erf(x)); }
    // 2 / sqrt(pi) exp(-x^2)
    template <class T> static T slope(T x) {
        const T size = at_most(magnitude(x), T(Format<T>::normal_bottom));
        const Scaled<T> density = exp(negated(exact_product(size, size)));
        return unscaled(total(multiply(density.mantissa, Pair<T>{1.1283791670955126, 1.533545961316588e-17})), density.factor);
    }
};

struct Sine {
    template <class T> static T value(T x) { return sine(x); }
    template <class T> static T slope(T x) { return cosine(x); }
};

struct Cosine {
    template <class T> static T value(T x) { return cosine(x); }
    template <class T> static T slope(T x) { return -sine(x); }
};

struct Power {
    template <class T> static T value(T x, T y) { return power(x, y); }
    template <class T> static T slope(T x, T y) { return y * power(x, y - T(1)); }
};

#define OGIVE_FUNCTIONS(ROW)                      \
    ROW(erf, Erf, "the error function")           \
    ROW(sine, Sine, "the sine")                   \
    ROW(cosine, Cosine, "the cosine")             \
    ROW(power, Power, "x to the power of y")

}  // namespace OGIVE_SET
