// What classes cost that are given by probabilities or by logarithms: expected under a target, or that of the right class.
#pragma once

#include "row_loss.hpp"
#include "shares.hpp"

namespace OGIVE_SET {

// Minus the logarithm of a probability: what a class costs, for a weight of one.
template <class T> inline Pair<T> surprise(T probability) { return negated(log(Pair<T>{probability, T(0)})); }

// The logarithm of a positive float, with all digits of a double: what it is compared with may be nearly the same.
inline Wide log_of_float(Wide x) {
    const Normalised<Wide> a = normalised(Pair<Wide>{x, {}});
    const Wide f = a.mantissa.high - Wide(1.0), s = f / (f + Wide(2.0)), square = s * s;
    const Wide tail = s * (square * polynomial(square, Coefficients<double>::atanh_tail));
    return mul_add(a.power, Wide(Format<Wide>::ln2_high), mul_add(Wide(2.0), s, tail));
}

// The logarithm of a target above zero, to be compared with another.
template <class T> inline Pair<T> log_of_target(T target) {
    if constexpr (compensated<T>) return log(exactly(target));
    else return exactly(choose(target > T(0) && finite(target), log_of_float(target), T(Format<T>::nan)));
}

// log(target / prediction); where the two are near, from their difference, which is exact.
template <class T> inline Pair<T> log_quotient(T target, T prediction) {
    const T infinity = T(Format<T>::infinity), gap = target - prediction;
    const bool possible = target > T(0) && prediction > T(0);
    const T t = choose(possible, target, T(1)), q = choose(possible, prediction, T(1));
    const bool near = magnitude(gap) < T(0.25) * t;
    const T lift = choose(t < T(Format<T>::lowered), T(Format<T>::lifted), T(1));  // divides by no subnormal number
    const Pair<T> sum = exact_sum(t * lift, choose(near, q, t) * lift);
    const Pair<T> close = twice_atanh(divide(Pair<T>{choose(near, gap, T(0)) * lift, T(0)}, sum));
    const Pair<T> far = log_ratio(Pair<T>{t, T(0)}, Pair<T>{q, T(0)});
    return choose(possible, choose(near, close, far), Pair<T>{choose(gap == gap, infinity, gap), T(0)});
}

// The costs of a class, for a weight of one, and their slopes for a share of its target.
struct FromProbabilities {
    template <class T> static Pair<T> cost(T prediction, T) { return surprise(prediction); }
    template <class T> static T slope(T prediction, Share<T> share, T target) {
        const T lift = choose(target < T(Format<T>::lowered), T(Format<T>::lifted), T(1));  // shares no subnormal number
        return -(target * lift * share.ratio) / (prediction * lift) * share.rest;
    }
};

struct FromLogProbabilities {
    static double swift_cost(double prediction, double) { return -prediction; }
    template <class T> static Pair<T> cost(T prediction, T) { return {-prediction, T(0)}; }
    template <class T> static T slope(T prediction, Share<T> share, T target) {
        return choose(prediction == prediction, -share.of(target), prediction);
    }
};

struct RelativeToProbabilities : FromProbabilities {
    template <class T> static Pair<T> cost(T prediction, T target) { return log_quotient(target, prediction); }
};

struct RelativeToLogProbabilities : FromLogProbabilities {
    static double swift_cost(double prediction, double target) { return number(log_of_float(Wide(target))) - prediction; }
    template <class T> static Pair<T> cost(T prediction, T target) {
        const bool reachable = finite(prediction);
        const Pair<T> sum = add(log_of_target(target), Pair<T>{choose(reachable, -prediction, T(0)), T(0)});
        return choose(reachable, sum, Pair<T>{-prediction, T(0)});
    }
};

// The terms of the rows; those are unfit, a bit for each, that are odd or whose share is not moderate.
template <class Layout> inline unsigned finish(double (&term)[lanes], float (&odd)[lanes], const double (&share)[lanes], double* terms) {
    Layout::share(term);
    Layout::share_largest(odd);
    unsigned unfit = 0;
    for (int each = 0; each < Layout::rows; ++each) {
        terms[each] = term[each];
        unfit |= unsigned(!moderate(share[each]) || odd[each] != 0.0f) << each;
    }
    return unfit;
}

template <class T> struct CostAndSlope {
    Pair<T> cost;
    T slope;
};

// The sum of what each(prediction, target) costs; its slopes are the gradient.
template <class T, class S, class Each>
inline double sum_of_costs(Length length, const S* predictions, const S* targets, S* gradient, const Each& each) {
    LaneSum<T> sum;
    for_lanes(length, [&](int lane, Length i) {
        const CostAndSlope<T> found = each(T(predictions[i]), T(targets[i]));
        sum.add(lane, found.cost);
        gradient[i] = S(found.slope);
    });
    return number(sum.rounded());
}

// The sum of target * cost. A class with no weight costs nothing, even where its cost is infinite.
template <class Costs> struct ExpectedCost : MostlyAlone {
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        term = sum_of_costs<T>(length, predictions, targets, gradient, [&](T prediction, T target) -> CostAndSlope<T> {
            const bool costs = target != T(0);
            const T nothing = choose(prediction == prediction, T(0), prediction);
            return {choose(costs, multiply(Costs::cost(prediction, target), target), Pair<T>{nothing, T(0)}),
                    choose(costs, Costs::slope(prediction, share, target), nothing)};
        });
    }
    template <class Layout, class Predictions = AnyNumbers, class Kind = AnyNumbers>
    static unsigned swift(Length length, const float* predictions, const float* targets, const double* weights, const double* divisors,
                          double* terms, float* gradient) requires requires { Costs::swift_cost(0.0, 0.0); } {
        LaneShares<Predictions> probabilities;
        LaneShares<Kind> shares;
        double share[lanes], term[lanes] = {};
        float odd[lanes] = {};
        for_each_lane([&](int lane) { share[lane] = -weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        const SwiftFactor factor(share);
        const auto step = [&](const float* at, const float* target, float* to) {
            for_each_lane([&](int lane) {
                const float v = at[lane], t = target[lane];
                const bool costs = t != 0.0f;
                const double cost = static_cast<double>(t) * Costs::swift_cost(static_cast<double>(v), static_cast<double>(t));
                term[lane] += choose(costs, cost, 0.0);
                // Nothing is infinite, negative or NaN, but for a masked class that has no share.
                const bool fits = (t >= 0.0f) & (t < __builtin_inff()) & (v < __builtin_inff()) & ((v > -__builtin_inff()) | !costs);
                odd[lane] += choose(fits, 0.0f, 1.0f);
                probabilities.add(lane, v);
                shares.add(lane, t);
                if (gradient) to[lane] = choose(costs, factor.of(lane, t), 0.0f);
            });
        };
        if (gradient) in_steps<true>(length * Layout::rows, predictions, targets, gradient, step);
        else in_steps<false>(length * Layout::rows, predictions, targets, nullptr, step);
        return finish<Layout>(term, odd, share, terms) | probabilities.template unlike<Layout>() | shares.template unlike<Layout>();
    }
};

// The expected cost for the number of the right class, whose target is 1; NaN for a row that does not sum to 1 by far, if it has to.
template <class Costs, class Kind = AnyNumbers> struct CostOfClass : MostlyAlone {
    static constexpr double padding = __builtin_nan("");  // filled up, a row would not know its length

    template <class T, class S>
    static void row(Length length, const S* predictions, std::int64_t right, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        if (any_missing(predictions, length) || !fits<Kind, T>(length, predictions)) return nothing_known(length, term, gradient);
        const T prediction = T(predictions[right]);
        term = number(total(Costs::cost(prediction, T(1))));
        fill(gradient, length, S(0));
        gradient[right] = S(Costs::slope(prediction, Share<T>(weight, divisor), T(1)));
    }
    template <class Layout>
    static unsigned swift(Length length, const float* predictions, const std::int64_t* rights, const double* weights, const double* divisors,
                          double* terms, float* gradient) requires requires { Costs::swift_cost(0.0, 0.0); } {
        const Length count = length * Layout::rows;
        LaneShares<Kind> shares;
        float missing[lanes] = {};
        in_steps<false>(count, predictions, nullptr, [&](const float* at, float*) {
            for_each_lane([&](int lane) {
                missing[lane] += choose(at[lane] == at[lane], 0.0f, 1.0f);
                shares.add(lane, at[lane]);
            });
        });
        Layout::share_largest(missing);
        if (gradient) fill(gradient, count, 0.0f);
        unsigned unfit = shares.template unlike<Layout>();
        for (int each = 0; each < Layout::rows; ++each) {
            const double share = -weights[each] / divisors[each];
            const bool inside = rights[each] >= 0 && rights[each] < length;
            const Length right = (inside ? rights[each] : 0) * Layout::rows + each;
            unfit |= unsigned(!inside || !moderate(share) || missing[each] != 0.0f) << each;
            terms[each] = Costs::swift_cost(static_cast<double>(predictions[right]), 1.0);
            if (gradient) gradient[right] = static_cast<float>(share);
        }
        return unfit;
    }
};

}  // namespace OGIVE_SET
