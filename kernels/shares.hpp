// What rows have to consist of, shares or their logarithms, which sum to 1; and their sums, taken beside a loss or alone.
#pragma once

#include "swift_rows.hpp"

namespace OGIVE_SET {

// What a row may have to consist of: shares, or their logarithms, which sum to 1.
struct SumOfShares {
    static constexpr double padding = 0.0;
    static constexpr float tolerance = 0.0075f;

    template <class S> static bool is_one(S x) { return (x >= S(0)) & (x <= S(1)); }
    template <class T, class S> static double share(S x) { return static_cast<double>(x); }
    static float swift_share(float x) { return x; }
};

struct SumOfLogShares {
    static constexpr double padding = -__builtin_inf();
    static constexpr float tolerance = 0.0375f;

    template <class S> static bool is_one(S x) { return x <= S(0); }
    template <class T, class S> static double share(S x) { return number(value_of(exp(T(at_least(x, S(Format<T>::exp_bottom))))).high); }
    // To three digits.
    static float swift_share(float x) {
        const float bounded = at_least(x, -80.0f), rounded = mul_add(bounded, swift_log2_e, swift_rounder - 64.0f);
        const float r = mul_add(rounded - (swift_rounder - 64.0f), -(swift_ln2_high + swift_ln2_low), bounded);
        return mul_add(r, mul_add(r, mul_add(r, 1.0f / 6.0f, 0.5f), 1.0f), 1.0f) * swift_power(rounded);
    }
};

struct AnyNumbers {};

// What the numbers of rows sum to, added up on the way; what is none of its kind makes it NaN.
template <class Kind> struct LaneShares {
    float sums[lanes] = {}, wrong[lanes] = {};

    void add(int lane, float x) {
        sums[lane] += Kind::swift_share(x);
        wrong[lane] += choose(Kind::is_one(x), 0.0f, 1.0f);
    }
    template <class Layout> void finish(float* results) const {
        if constexpr (Layout::rows == 1) {
            results[0] = largest_of(wrong) == 0.0f ? folded(sums, [](float a, float b) { return a + b; }) : __builtin_nanf("");
        } else {
            for_each_lane([&](int lane) { results[lane] = choose(wrong[lane] == 0.0f, sums[lane], __builtin_nanf("")); });
        }
    }
    // The rows that do not sum to 1 by far, a bit for each.
    template <class Layout> unsigned unlike() const {
        float results[lanes];
        finish<Layout>(results);
        unsigned rows = 0;
        for (int each = 0; each < Layout::rows; ++each) rows |= unsigned(!near_one(results[each])) << each;
        return rows;
    }
    static bool near_one(float sum) { return magnitude(sum - 1.0f) < Kind::tolerance; }
};

template <> struct LaneShares<AnyNumbers> {
    void add(int, float) {}
    template <class Layout> unsigned unlike() const { return 0; }
};

template <class Kind> struct Sum : Kind {
    template <class T, class S> static void row(Length length, const S* x, S& sum) {
        double sums[lanes] = {}, wrong[lanes] = {};
        for_lanes(length, [&](int lane, Length i) {
            sums[lane] += Kind::template share<T>(x[i]);
            wrong[lane] += choose(Kind::is_one(x[i]), 0.0, 1.0);
        });
        sum = sum_of(wrong) == 0.0 ? S(sum_of(sums)) : S(__builtin_nanf(""));
    }
    template <class Layout> static unsigned swift(Length length, const float* x, float* sum) {
        const Length count = length * Layout::rows, whole = count / lanes * lanes;
        LaneShares<Kind> shares;
        const auto step = [&](const float* at) { for_each_lane([&](int lane) { shares.add(lane, at[lane]); }); };
        for (Length start = 0; start < whole; start += lanes) step(x + start);
        if (whole < count) {
            float last[lanes];
            fill(last, lanes, static_cast<float>(Kind::padding));
            for (Length i = whole; i < count; ++i) last[i - whole] = x[i];
            step(last);
        }
        shares.template finish<Layout>(sum);
        return 0;
    }
};

// Whether a row sums to 1 by far, if it has to.
template <class Kind, class T, class S> inline bool fits(Length length, const S* x) {
    if constexpr (std::is_same_v<Kind, AnyNumbers>) return true;
    else {
        S sum;
        Sum<Kind>::template row<T>(length, x, sum);
        return LaneShares<Kind>::near_one(static_cast<float>(sum));
    }
}

}  // namespace OGIVE_SET
