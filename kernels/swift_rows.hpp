// Rows of floats in float arithmetic, in steps of 16 lanes, which belong to one long row, or each to a short row of its own.
// An exponential is rounded to a float; sums are of doubles, and 1 + sum and its logarithm, where digits are decided, are Wide.
#pragma once

#include "axis.hpp"
#include "swift.hpp"

namespace OGIVE_SET {

// One row: its lanes share what they add up to.
struct Along {
    static constexpr int rows = 1;

    static void largest(const float* x, Length length, float (&max)[lanes]) { fill(max, lanes, OGIVE_SET::largest(x, length)); }
    static void share(double (&sums)[lanes]) { fill(sums, lanes, sum_of(sums)); }
    static void share_largest(float (&sizes)[lanes]) { fill(sizes, lanes, largest_of(sizes)); }
};

// A row in each lane: the first numbers of all rows, then the second ones, and so on.
struct Across {
    static constexpr int rows = lanes;

    static void largest(const float* x, Length length, float (&max)[lanes]) {
        fill(max, lanes, -__builtin_inff());
        for (Length i = 0; i < length; ++i) keep_larger(max, x + i * lanes);
    }
    static void share(double (&)[lanes]) {}
    static void share_largest(float (&)[lanes]) {}
};

// Not unrolled, for what is unrolled is no loop that vectorises.
template <class Each> inline void for_each_lane(const Each& each) {
#pragma GCC unroll 1
#pragma GCC ivdep
    for (int lane = 0; lane < lanes; ++lane) each(lane);
}

// Calls step(x, out) for every 16 numbers. What the last step lacks is -inf; where nothing is kept, `out` is not read or written.
template <bool kept = true, class Step> inline void in_steps(Length count, const float* x, float* out, const Step& step) {
    const Length whole = count / lanes * lanes, rest = count - whole;
    float results[lanes], last[lanes];
    for (Length start = 0; start < whole; start += lanes) step(x + start, kept ? out + start : results);
    if (rest == 0) return;
    fill(last, lanes, -__builtin_inff());
    for (Length i = 0; i < rest; ++i) last[i] = x[whole + i];
    step(last, results);
    for (Length i = 0; kept && i < rest; ++i) out[whole + i] = results[i];
}

// What the last step lacks, which must cost nothing: a logit without a target, or what else does.
struct Padding {
    float number = -__builtin_inff(), target = 0.0f;
};

// The same for 16 numbers, their targets and what there is for each, which the step may change.
template <bool kept, class Step>
inline void in_steps(Length count, const float* x, const float* targets, float* out, const Step& step, Padding padding = {}) {
    const Length whole = count / lanes * lanes, rest = count - whole;
    float results[lanes] = {}, last[lanes], last_targets[lanes];
    for (Length start = 0; start < whole; start += lanes) step(x + start, targets + start, kept ? out + start : results);
    if (rest == 0) return;
    fill(last, lanes, padding.number);
    fill(last_targets, lanes, padding.target);
    for (Length i = 0; i < rest; ++i) {
        last[i] = x[whole + i];
        last_targets[i] = targets[whole + i];
        if constexpr (kept) results[i] = out[whole + i];
    }
    step(last, last_targets, results);
    for (Length i = 0; kept && i < rest; ++i) out[whole + i] = results[i];
}

// The sum of 2^64 exp(x - max), and of the others than one of the largest, for each lane. x - max would be rounded: what is
// reduced is x itself, or where x is large x - max, which is then exact; only then is the same taken off for the maximum.
template <class Layout> class SwiftRow {
    float base[lanes], bottom[lanes], rounder[lanes], rest[lanes];
    const float* x;
    Length count;

public:
    float max[lanes];
    double others[lanes];

    SwiftRow(const float* x, Length length) : x(x), count(length * Layout::rows) {
        Layout::largest(x, length, max);
        for_each_lane([&](int lane) {
            constexpr float plain = swift_rounder - (127 + 64), ln2 = swift_ln2_high + swift_ln2_low;
            base[lane] = choose(magnitude(max[lane]) > 256.0f, max[lane], 0.0f);
            const float top = max[lane] - base[lane], power = mul_add(top, swift_log2_e, plain) - plain;
            rest[lane] = mul_add(power, -swift_ln2_high, top);
            rounder[lane] = swift_rounder - power;
            bottom[lane] = mul_add(power - (127 + 64), ln2, rest[lane]);  // zero, and below
        });
    }

    // The rows whose maximum is not finite, a bit for each: their results are no results.
    unsigned unfit() const {
        unsigned rows = 0;
        for (int each = 0; each < Layout::rows; ++each) rows |= unsigned(!finite(max[each])) << each;
        return rows;
    }
    float exponential(int lane, float at) const {
        const float y = at_least(at - base[lane], bottom[lane]);
        const float rounded = mul_add(y - rest[lane], swift_log2_e, rounder[lane]);
        const float near = mul_add(rounded - rounder[lane], -swift_ln2_high, y) - rest[lane];
        const float k = rounded - swift_rounder, r = mul_add(k, -swift_ln2_low, near), lost = mul_add(k, -swift_ln2_low, near - r);
        const float excess = r + mul_add(r * r, polynomial(r, Coefficients<float>::exp_tail), lost);
        return (1.0f + excess) * swift_power(rounded);
    }
    // Sums the exponentials, which are left in `out` if they are `kept`.
    template <bool kept> void sum(float* out) {
        fill(others, lanes, 0.0);
        in_steps<kept>(count, x, out, [&](const float* at, float* e) {
            __builtin_prefetch(at + count);  // the next row, and the place for it, come while this one is computed
            if constexpr (kept) __builtin_prefetch(e + count, 1);
            else if (out) __builtin_prefetch(out + (at - x), 1);
            for_each_lane([&](int lane) {
                e[lane] = exponential(lane, at[lane]);
                others[lane] += static_cast<double>(e[lane]);
            });
        });
        Layout::share(others);
        Bits<double> confident = 0;  // as wide as a number, for the loop to vectorise
        for_each_lane([&](int lane) {
            others[lane] -= kept_one;
            confident |= Bits<double>(others[lane] < 0x1p-16 * kept_one);
        });
        if (confident) sum_others();
    }
    double all(int lane) const { return kept_one + others[lane]; }
    double log_sum(int lane) const { return number(total(log1p(Pair<Wide>{Wide(others[lane] / kept_one), {}}))); }

private:
    static constexpr double kept_one = kept;

    // Where one has nearly all, the sum of the others is too small beside it.
    [[gnu::noinline]] void sum_others() {
        double sums[lanes] = {};
        in_steps<false>(count, x, nullptr, [&](const float* at, float*) {
            for_each_lane([&](int lane) {
                sums[lane] += static_cast<double>(choose(at[lane] == max[lane], 0.0f, exponential(lane, at[lane])));
            });
        });
        Layout::share(sums);
        for_each_lane([&](int lane) { others[lane] = choose(others[lane] < 0x1p-16 * kept_one, sums[lane], others[lane]); });
    }
};

// The sums of the targets of each lane, of all, and of the others than one of the largest, be that positive or negative.
template <class Layout> struct SwiftTargets {
    float size[lanes] = {};
    double all[lanes] = {}, others[2][lanes];

    // Calls each(lane, logit, target) for every target on the way.
    template <class Each> SwiftTargets(const float* x, const float* targets, Length count, const Each& each) {
        double ties[lanes];  // positive ones less negative ones
        float counted[lanes] = {};
        in_steps<false>(count, x, targets, nullptr, [&](const float*, const float* t, float*) {
            for_each_lane([&](int lane) { size[lane] = choose(magnitude(t[lane]) > size[lane], magnitude(t[lane]), size[lane]); });
        });
        Layout::share_largest(size);
        in_steps<false>(count, x, targets, nullptr, [&](const float* at, const float* t, float*) {
            for_each_lane([&](int lane) {
                each(lane, at[lane], t[lane]);
                const bool tied = magnitude(t[lane]) == size[lane];
                all[lane] += static_cast<double>(choose(tied, 0.0f, t[lane]));
                counted[lane] += choose(tied, choose(t[lane] > 0.0f, 1.0f, -1.0f), 0.0f);
            });
        });
        for_each_lane([&](int lane) { ties[lane] = static_cast<double>(counted[lane]); });
        Layout::share(all);
        Layout::share(ties);
        for_each_lane([&](int lane) {
            const double top = static_cast<double>(size[lane]);
            others[0][lane] = mul_add(top, ties[lane] - 1.0, all[lane]);
            others[1][lane] = mul_add(top, ties[lane] + 1.0, all[lane]);
            all[lane] = mul_add(top, ties[lane], all[lane]);
        });
    }
    double others_than(int lane, float target) const {
        const double rest = all[lane] - static_cast<double>(target);
        return choose(target == size[lane], others[0][lane], choose(target == -size[lane], others[1][lane], rest));
    }
};

// A factor of each lane as a pair, for one rounding more would cost a unit.
struct SwiftFactor {
    float high[lanes], low[lanes];

    explicit SwiftFactor(const double (&factor)[lanes]) {
        for_each_lane([&](int lane) {
            high[lane] = static_cast<float>(factor[lane]);
            low[lane] = static_cast<float>(factor[lane] - static_cast<double>(high[lane]));
        });
    }
    float of(int lane, float x) const { return mul_add(x, high[lane], x * low[lane]); }
    void scale(Length count, float* e) const {
        in_steps(count, e, e, [&](const float* at, float* to) {
            for_each_lane([&](int lane) { to[lane] = of(lane, at[lane]); });
        });
    }
};

}  // namespace OGIVE_SET
