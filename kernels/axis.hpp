// What functions along an axis are made of: sums in lanes, exponentials over a row, and a loss's share of its reduction.
#pragma once

#include <cstdint>
#include <type_traits>

#include "maths.hpp"

namespace OGIVE_SET {

using Length = std::intptr_t;

// Rows are walked in lanes, so that a sum has the same order, and the same bits, in every instruction set.
constexpr int lanes = 16;

// What an element costs, an exponential in double arithmetic and a compensated sum: as much as so many ordinary functions of a float.
constexpr Length work_of_rows = 4;

// Calls step(lane, i) for every i, whole groups of lanes at a time.
template <class Step> inline void for_lanes(Length length, const Step& step) {
    const Length whole = length / lanes * lanes;
    for (Length start = 0; start < whole; start += lanes)
#pragma GCC ivdep
        for (int lane = 0; lane < lanes; ++lane) step(lane, start + lane);
    for (Length i = whole; i < length; ++i) step(static_cast<int>(i - whole), i);
}

// Combines the lanes by halves, which is faster than one after another.
template <class Combine> inline void fold(const Combine& combine) {
#pragma GCC unroll 4
    for (int width = lanes / 2; width > 0; width /= 2)
#pragma GCC ivdep
        for (int lane = 0; lane < width; ++lane) combine(lane, lane + width);
}

template <class S, class Combine> inline S folded(const S (&values)[lanes], const Combine& combine) {
    S half[lanes];
    for (int lane = 0; lane < lanes; ++lane) half[lane] = values[lane];
    fold([&](int lane, int other) { half[lane] = combine(half[lane], half[other]); });
    return half[0];
}

inline double sum_of(const double (&values)[lanes]) { return folded(values, [](double a, double b) { return a + b; }); }

template <class S> inline S largest_of(const S (&values)[lanes]) { return folded(values, [](S a, S b) { return b > a ? b : a; }); }

template <class S> inline bool finite(S x) { return magnitude(x) < S(__builtin_inff()); }

// A compensated sum; as plain doubles, for the compiler vectorises no loop over arrays of a class.
template <class T> struct LaneSum {
    double high[lanes] = {}, low[lanes] = {};

    void add(int lane, Pair<T> x) {
        const Pair<T> sum = exact_sum(T(high[lane]), x.high);
        high[lane] = number(sum.high);
        if constexpr (compensated<T>) low[lane] = low[lane] + (sum.low + x.low);
    }
    Pair<T> result() const {
        const double plain = sum_of(high);
        if (!compensated<T> || !finite(plain)) return {T(plain), T(0)};  // an infinite sum has no error to make good
        LaneSum sum = *this;
        fold([&](int lane, int other) { sum.add(lane, {T(sum.high[other]), T(sum.low[other])}); });
        return ordered_sum(T(sum.high[0]), T(sum.low[0]));
    }
    T rounded() const {
        const Pair<T> sum = result();
        return finite(sum.high) ? total(sum) : sum.high;
    }
};

// Lane by lane, the larger of what is there and what comes; NaN is passed over.
template <int width, class S> inline void keep_larger(S (&best)[width], const S* x) {
#pragma GCC unroll 1
#pragma GCC ivdep
    for (int lane = 0; lane < width; ++lane) best[lane] = x[lane] > best[lane] ? x[lane] : best[lane];
}

// The largest number; -inf if there is none. It is the same in any order, so long rows take more lanes than a sum may have:
// they wait less for each other.
template <class S> inline S largest(const S* x, Length length) {
    constexpr int width = 256 / sizeof(S);
    S best[lanes];
    for (int lane = 0; lane < lanes; ++lane) best[lane] = -__builtin_inff();
    const Length whole = length / width * width;
    if (whole > 0) {
        S wide[width];
        for (int lane = 0; lane < width; ++lane) wide[lane] = -__builtin_inff();
        for (Length start = 0; start < whole; start += width) keep_larger(wide, x + start);
        for (int start = 0; start < width; start += lanes) keep_larger(best, wide + start);
    }
    for_lanes(length - whole, [&](int lane, Length i) { best[lane] = x[whole + i] > best[lane] ? x[whole + i] : best[lane]; });
    return largest_of(best);
}

// Exponentials and their sums are kept this many times too large, so that what becomes subnormal is rounded only where it is
// divided by the sum.
constexpr double kept = 0x1p64;

// Everything is built from z = x - max as an exact pair and the sum of exp(z) over the others (all but one of the largest):
// the loss of a confidently right class is log(1 + others), which logsumexp - logit would lose.
template <class T> struct Row {
    T largest;
    Pair<T> others, all;  // sums of kept * exp(x - largest): without one of the largest, and with it
};

template <class T> inline Pair<T> kept_value(Scaled<T> a) { return scale(a.mantissa, a.factor * T(Format<T>::lowered * kept)); }

// Sums e = kept * exp(x - max), and calls keep(lane, i, e) for each.
template <class T, class S, class Keep> inline Row<T> exponentials(const S* x, Length length, S max, const Keep& keep) {
    LaneSum<T> sum;
    double ties[lanes] = {};
    for_lanes(length, [&](int lane, Length i) {
        const Pair<T> z = difference(T(x[i]), T(max)), zero = {T(0), T(0)};
        const Pair<T> e = choose(z.high < T(Format<T>::exp_bottom), zero, kept_value(exp(z)));
        const bool top = x[i] == max;
        keep(lane, i, e);
        sum.add(lane, choose(top, zero, e));
        ties[lane] += top ? kept : 0.0;
    });
    const Pair<T> others = add(Pair<T>{T(sum_of(ties) - kept), T(0)}, sum.result());
    return {T(max), others, add(Pair<T>{T(kept), T(0)}, others)};
}

// The same, kept in `e`.
template <class T, class S> inline Row<T> exponentials(const S* x, Length length, S max, S* e) {
    return exponentials<T>(x, length, max, [=](int, Length i, Pair<T> value) { e[i] = S(value.high); });
}

template <class T> inline Pair<T> log_of_sum(const Row<T>& row) { return log1p(scale(row.others, T(1 / kept))); }

// a - b for a pair b.
template <class T> inline T rounded_difference(T a, Pair<T> b) {
    const Pair<T> result = difference(a, b.high);
    return result.high + (result.low - b.low);
}

// The kept sum of the others than x, which is kept as e.
template <class T> inline T others_than(const Row<T>& row, T x, T e) {
    return choose(x == row.largest, total(row.others), (row.all.high - e) + row.all.low);
}

template <class S> inline void fill(S* out, Length length, S value) {
    for (Length i = 0; i < length; ++i) out[i] = value;
}

template <class S> inline bool any_missing(const S* x, Length length) {
    S missing[lanes] = {};
    const Length whole = length / lanes * lanes;
    for (Length start = 0; start < whole; start += lanes)
#pragma GCC unroll 1
#pragma GCC ivdep
        for (int lane = 0; lane < lanes; ++lane) missing[lane] += S(x[start + lane] != x[start + lane]);
    for (Length i = whole; i < length; ++i) missing[0] += S(x[i] != x[i]);
    return largest_of(missing) > S(0);
}

// The softmax of a row whose largest number is infinite: one at +inf if that is there once and no NaN is, and zero elsewhere.
template <class S> inline void one_hot(const S* x, Length length, S max, S there, S elsewhere, S* out) {
    Length infinities = 0;
    for (Length i = 0; i < length; ++i) infinities += x[i] == max;
    const bool valid = max > S(0) && infinities == 1 && !any_missing(x, length);
    for (Length i = 0; i < length; ++i) out[i] = valid ? (x[i] == max ? there : elsewhere) : S(__builtin_nanf(""));
}

// weight / divisor as ratio * rest: the ratio is moderate, whatever the two are, and the rest a power of two, to multiply
// with last.
template <class T> struct Share {
    T ratio = T(1), rest = T(1);

    Share() = default;
    Share(double weight, double divisor) : ratio(weight / divisor) {
        const double size = magnitude(number(ratio)), move = size > 0x1p900 ? 0x1p-512 : 0x1p512;
        if (size <= 0x1p900 && size >= 0x1p-900) return;
        ratio = (magnitude(weight) < 1.0) == (move > 1.0) ? weight * move / divisor : weight / (divisor / move);
        rest = 1.0 / move;
    }
    T of(T x) const { return x * ratio * rest; }
};

// Whether a share fits floats whatever is multiplied by it.
inline bool moderate(double share) { return magnitude(share) > 0x1p-40 && magnitude(share) < 0x1p40; }

// A share of what is kept, over the sum of it.
template <class T> struct Quotient {
    Pair<T> ratio;
    T rest;

    Quotient(Share<T> share, Pair<T> sum) : ratio(divide(Pair<T>{share.ratio, T(0)}, sum)), rest(share.rest) {}
    T of(T x) const { return mul_add(x, ratio.high, x * ratio.low) * rest; }
};

// A power of two that leaves room for products and sums of such numbers; float has room enough in Wide.
template <class T, class S> inline T restraint(const S* x, Length length) {
    if constexpr (!std::is_same_v<T, double>) return T(1);
    bool large = false;
    for (Length i = 0; i < length; ++i) large |= static_cast<double>(magnitude(x[i])) > 0x1p900;
    return large ? T(0x1p-128) : T(1);
}

// What the numbers of rows are multiplied by: 1, or a power of two where their differences, or the sum of these, might be beyond the
// largest number. In double arithmetic no float is as large.
template <class T, class S, class... More> inline T lowering(Length length, const S* x, More*... others) {
    if constexpr (!compensated<T>) return T(1);
    if constexpr (sizeof...(More) > 0)
        if (const T down = lowering<T>(length, others...); down < T(1)) return down;
    double sizes[lanes] = {};
    for_lanes(length, [&](int lane, Length i) {
        const double size = magnitude(static_cast<double>(x[i]));
        sizes[lane] = choose(size > sizes[lane] && size < __builtin_inf(), size, sizes[lane]);
    });
    return largest_of(sizes) > 0x1p950 ? T(0x1p-70) : T(1);
}

}  // namespace OGIVE_SET
