// Numbers carried as an unevaluated sum high + low, and the exact sums and products that make them.
// Two units in the last place leave room for one or two roundings only; the pairs hold the rest.
//
// float results are computed in Wide, where the low part is a Zero that costs nothing: the same source serves both.
#pragma once

#include <type_traits>

#include "wide.hpp"

namespace OGIVE_SET {

template <class T> struct Pair {
    T high, low;
};

template <> struct Pair<Wide> {
    Wide high;
    Zero low;
};

// Whether the low part is there.
template <class T> constexpr bool compensated = !std::is_same_v<decltype(Pair<T>::low), Zero>;

template <class T> inline Pair<T> exactly(T a) { return {a, T(0)}; }

#ifdef OGIVE_FUSED
template <class T> inline T product_error(T a, T b, T product) { return mul_add(a, b, -product); }
#else
// Veltkamp's split and Dekker's product (Muller, Handbook of Floating-Point Arithmetic, 4.4).
template <class T> inline Pair<T> split(T a) {
    const T carried = a * (sizeof(T) == 4 ? T(4097) : T(134217729));
    const T high = carried - (carried - a);
    return {high, a - high};
}

template <class T> inline T product_error(T a, T b, T product) {
    const Pair<T> x = split(a), y = split(b);
    const T error = ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low;
    return error == error ? error : T(0);  // the split of a number near the largest overflows
}
#endif

// Exact when |a| >= |b| or a == 0.
template <class T> inline Pair<T> ordered_sum(T a, T b) {
    const T sum = a + b;
    return {sum, b - (sum - a)};
}

template <class T> inline Pair<T> exact_sum(T a, T b) {
    const T sum = a + b, part = sum - a;
    return {sum, (a - (sum - part)) + (b - part)};
}

// a - b; nothing is rounded away from an infinity.
template <class T> inline Pair<T> difference(T a, T b) {
    const Pair<T> result = exact_sum(a, -b);
    return {result.high, result.low == result.low ? result.low : T(0)};
}

template <class T> inline Pair<T> exact_product(T a, T b) {
    const T product = a * b;
    return {product, product_error(a, b, product)};
}

inline Pair<Wide> ordered_sum(Wide a, Wide b) { return {a + b, {}}; }
inline Pair<Wide> ordered_sum(Wide a, Zero) { return {a, {}}; }
inline Pair<Wide> exact_sum(Wide a, Wide b) { return {a + b, {}}; }
inline Pair<Wide> difference(Wide a, Wide b) { return {a - b, {}}; }
inline Pair<Wide> exact_product(Wide a, Wide b) { return {a * b, {}}; }

template <class T> inline T total(Pair<T> a) { return a.high + a.low; }

template <class T> inline Pair<T> negated(Pair<T> a) { return {-a.high, -a.low}; }

// Exact when |a.high| >= |b|.
template <class T> inline Pair<T> ordered_add(T a, Pair<T> b) {
    const Pair<T> sum = ordered_sum(a, b.high);
    return {sum.high, sum.low + b.low};
}

template <class T> inline Pair<T> add(Pair<T> a, Pair<T> b) {
    const Pair<T> sum = exact_sum(a.high, b.high);
    return ordered_sum(sum.high, sum.low + (a.low + b.low));
}

template <class T> inline Pair<T> scale(Pair<T> a, T factor) { return {a.high * factor, a.low * factor}; }

template <class T> inline Pair<T> multiply(Pair<T> a, T b) {
    const Pair<T> product = exact_product(a.high, b);
    return {product.high, mul_add(a.low, b, product.low)};
}

template <class T> inline Pair<T> multiply(Pair<T> a, Pair<T> b) {
    const Pair<T> product = exact_product(a.high, b.high);
    return {product.high, mul_add(a.high, b.low, mul_add(a.low, b.high, product.low))};
}

// With finite numbers and a reciprocal that does not overflow.
template <class T> inline Pair<T> divide(Pair<T> a, Pair<T> b) {
    const T reciprocal = T(1) / b.high, quotient = a.high * reciprocal;
#ifdef OGIVE_FUSED
    const T rest = mul_add(-quotient, b.high, a.high);
#else
    const Pair<T> back = exact_product(quotient, b.high);
    const T rest = (a.high - back.high) - back.low;
#endif
    return {quotient, mul_add(-quotient, b.low, rest + a.low) * reciprocal};
}

inline Pair<Wide> divide(Pair<Wide> a, Pair<Wide> b) { return {a.high / b.high, {}}; }

}  // namespace OGIVE_SET
