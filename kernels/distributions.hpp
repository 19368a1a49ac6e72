// Losses of distributions along an axis. Each gives the term of its row, and the gradient of weight * term / divisor; what has
// no weight has neither, whatever the row holds. Sums are of pairs, so that neither the length of a row nor a divergence of
// nearly equal distributions costs digits.
#pragma once

#include "row_loss.hpp"
#include "softmax.hpp"

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

// Cross-entropy for a weight on every class: the sum of t (max - x + log(1 + R)). Weight 0 on a masked (-inf) logit costs nothing.
struct CrossEntropyDistribution : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, const S* t, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        const Targets<T> targets(t, length, T(1));
        const S max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), gradient);
            T sum = T(0);
            for (Length i = 0; i < length; ++i) {
                const T chance = T(gradient[i]), target = T(t[i]);
                sum = sum + (target == T(0) || chance == T(1) ? T(0) : target / chance);
                gradient[i] = S(share.of(chance * total(targets.all) - target));
            }
            term = number(sum);
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, gradient);
        const Pair<T> log_sum = log_of_sum(row);
        // t (max - x + log(1 + R)), shrunk so that a distance of numbers as far apart as can be is finite.
        const auto cost = [=](Length i, T shrink) {
            const Pair<T> gap = difference(T(max) * shrink, T(x[i]) * shrink), sum = difference(gap.high, -log_sum.high * shrink);
            const bool costs = t[i] != S(0), reachable = finite(sum.high);
            const Pair<T> whole = {choose(reachable, sum.high, T(0)), sum.low + (gap.low + scale(log_sum, shrink).low)};
            return choose(costs && reachable, multiply(whole, T(t[i])), Pair<T>{choose(costs, sum.high * T(t[i]), T(0)), T(0)});
        };
        const Projection<T> projection(row, targets, Share<T>(-weight, divisor));
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            sum.add(lane, cost(i, T(1)));
            gradient[i] = S(projection.at(T(x[i]), T(t[i]), T(gradient[i])));
        });
        term = number(sum.rounded());
        if (finite(term)) return;
        LaneSum<T> shrunk;
        for_lanes(length, [&](int lane, Length i) { shrunk.add(lane, cost(i, T(0.25))); });
        term = 4.0 * number(shrunk.rounded());
    }
    // The sum of t (max - x), and of t log(1 + R): in doubles, in which the difference of t and its share of e keeps its digits.
    template <class Layout, class Predictions = AnyNumbers, class Kind = AnyNumbers>
    static unsigned swift(Length length, const float* x, const float* t, const double* weights, const double* divisors, double* terms,
                          float* gradient) {
        static_assert(std::is_same_v<Predictions, AnyNumbers>);
        const Length count = length * Layout::rows;
        SwiftRow<Layout> row(x, length);
        LaneShares<Kind> shares;
        double share[lanes], term[lanes] = {};
        const SwiftTargets<Layout> targets(x, t, count, [&](int lane, float at, float target) {
            const float far = choose(target == 0.0f, row.max[lane], at);  // which may be infinite
            term[lane] += static_cast<double>(target) * (static_cast<double>(row.max[lane]) - static_cast<double>(far));
            shares.add(lane, target);
        });
        unsigned unfit = row.unfit() | shares.template unlike<Layout>();
        for_each_lane([&](int lane) { share[lane] = weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        for (int each = 0; each < Layout::rows; ++each) unfit |= unsigned(!moderate(share[each]) || !finite(targets.all[each])) << each;
        if (gradient) row.template sum<true>(gradient);
        else row.template sum<false>(nullptr);
        Layout::share(term);
        for_each_lane([&](int lane) { term[lane] += targets.all[lane] * row.log_sum(lane); });
        for (int each = 0; each < Layout::rows; ++each) terms[each] = term[each];
        if (!gradient) return unfit;
        for_each_lane([&](int lane) { share[lane] = -share[lane] / row.all(lane); });
        in_steps<true>(count, x, t, gradient, [&](const float* at, const float* target, float* e) {
            for_each_lane([&](int lane) {
                const double own = static_cast<double>(e[lane]);
                const double others = choose(at[lane] == row.max[lane], row.others[lane], row.all(lane) - own);
                const double spent = static_cast<double>(target[lane]) * others, gained = own * targets.others_than(lane, target[lane]);
                e[lane] = static_cast<float>((spent - gained) * share[lane]);
            });
        });
        return unfit;
    }
};

// Minus the logarithm of a probability: what a class costs, for a weight of one.
template <class T> inline Pair<T> surprise(T probability) { return negated(log(Pair<T>{probability, T(0)})); }

// The logarithm of a positive float.
inline Wide log_of_float(Wide x) {
    const Normalised<Wide> a = normalised(Pair<Wide>{x, {}});
    const Wide f = a.mantissa.high - Wide(1.0), s = f / (f + Wide(2.0)), square = s * s;
    const Wide tail = s * (square * polynomial(square, Coefficients<Wide>::atanh_tail));
    return mul_add(a.power, Wide(Format<Wide>::ln2_high), mul_add(Wide(2.0), s, tail));
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
        const Pair<T> sum = add(negated(surprise(target)), Pair<T>{choose(reachable, -prediction, T(0)), T(0)});
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

// The sum of target * cost. A class with no weight costs nothing, even where its cost is infinite.
template <class Costs> struct ExpectedCost : MostlyAlone {
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            const T prediction = T(predictions[i]), target = T(targets[i]);
            const bool costs = target != T(0);
            const T nothing = choose(prediction == prediction, T(0), prediction);
            sum.add(lane, choose(costs, multiply(Costs::cost(prediction, target), target), Pair<T>{nothing, T(0)}));
            gradient[i] = S(choose(costs, Costs::slope(prediction, share, target), nothing));
        });
        term = number(sum.rounded());
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

// Both by their logarithms: the sum of e^target (target - prediction). What has no share costs nothing.
struct DivergenceOfLogs : MostlyAlone {
    template <class T, class S>
    static void row(Length length, const S* predictions, const S* targets, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(-weight, divisor);
        const T bottom = T(Format<T>::exp_bottom);
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            const T v = T(predictions[i]), t = T(targets[i]);
            const Pair<T> e = choose(t < bottom, Pair<T>{T(0), T(0)}, value_of(exp(at_least(t, bottom)))), gap = difference(t, v);
            const Pair<T> cost = choose(finite(gap.high), multiply(gap, e), Pair<T>{gap.high * e.high, T(0)});
            sum.add(lane, choose(e.high == T(0), Pair<T>{choose(v == v, T(0), v), T(0)}, cost));
            gradient[i] = S(choose(v == v, share.of(e.high), v));
        });
        term = number(sum.rounded());
    }
    template <class Layout>
    static unsigned swift(Length length, const float* predictions, const float* targets, const double* weights, const double* divisors,
                          double* terms, float* gradient) {
        double share[lanes], term[lanes] = {};
        float odd[lanes] = {};
        for_each_lane([&](int lane) { share[lane] = -weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        const auto step = [&](const float* at, const float* target, float* to) {
            for_each_lane([&](int lane) {
                const Wide bottom(Format<Wide>::exp_bottom), t(static_cast<double>(target[lane])), v(static_cast<double>(at[lane]));
                const double e = number(value_of(exp(at_least(t, bottom))).high);
                term[lane] += e * number(t - v);
                odd[lane] += choose(finite(target[lane]) & finite(at[lane]), 0.0f, 1.0f);
                if (gradient) to[lane] = static_cast<float>(share[lane] * e);
            });
        };
        const Length count = length * Layout::rows, whole = count / lanes * lanes;
        float results[lanes];
        for (Length start = 0; start < whole; start += lanes) step(predictions + start, targets + start, gradient ? gradient + start : results);
        if (whole < count) {
            float last[lanes] = {}, last_targets[lanes];
            fill(last_targets, lanes, -1e4f);  // whose share is nothing
            for (Length i = whole; i < count; ++i) last[i - whole] = predictions[i], last_targets[i - whole] = targets[i];
            step(last, last_targets, results);
            for (Length i = whole; gradient && i < count; ++i) gradient[i] = results[i - whole];
        }
        return finish<Layout>(term, odd, share, terms);
    }
};

struct Entropy {
    template <class T, class S>
    static void row(Length length, const S* probabilities, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            const T probability = T(probabilities[i]);
            const Pair<T> cost = surprise(probability);
            sum.add(lane, choose(probability != T(0), multiply(cost, probability), Pair<T>{T(0), T(0)}));
            const T slope = choose(finite(cost.high), total(add(cost, Pair<T>{T(-1), T(0)})), cost.high);
            gradient[i] = S(share.of(slope));
        });
        term = number(sum.rounded());
    }
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

// A loss of rows whose numbers are looked at on the way: NaN for a row that does not sum to 1 by far, for a closer look elsewhere.
template <class Loss, class Predictions, class Targets> struct Checked : Loss {
    static constexpr double padding = -__builtin_inf();  // of logits and of logarithms

    template <class T, class S>
    static void row(Length length, const S* x, const S* t, double weight, double divisor, double& term, S* gradient) {
        if (weight != 0.0 && !(fits<Predictions, T>(length, x) && fits<Targets, T>(length, t))) return nothing_known(length, term, gradient);
        Loss::template row<T>(length, x, t, weight, divisor, term, gradient);
    }
    template <class Layout>
    static unsigned swift(Length length, const float* x, const float* t, const double* weights, const double* divisors, double* terms,
                          float* gradient) requires requires { &Loss::template swift<Layout, Predictions, Targets>; } {
        return Loss::template swift<Layout, Predictions, Targets>(length, x, t, weights, divisors, terms, gradient);
    }
};

using CheckedCrossEntropy = Checked<CrossEntropyDistribution, AnyNumbers, SumOfShares>;
using CheckedCost = Checked<ExpectedCost<FromLogProbabilities>, SumOfLogShares, SumOfShares>;
using CheckedCostOfClass = CostOfClass<FromLogProbabilities, SumOfLogShares>;
using CheckedDivergence = Checked<ExpectedCost<RelativeToLogProbabilities>, SumOfLogShares, SumOfShares>;

#define OGIVE_DISTRIBUTION_LOSSES(ROW)                                                                              \
    ROW(cross_entropy_logits, CrossEntropyDistribution,                                                             \
        "cross-entropy of logits and class weights, and its gradient")                                              \
    ROW(sum_of_shares, Sum<SumOfShares>, "the sum of shares; NaN where one lies outside 0 ... 1")                     \
    ROW(sum_of_log_shares, Sum<SumOfLogShares>, "the sum of the exponentials of logarithms of shares, to three digits; NaN where one is positive") \
    ROW(ranking_softmax, CrossEntropyDistribution, "cross-entropy of scores and relevances, and its gradient")       \
    ROW(entropy_prediction, Entropy, "-sum(p * log(p)), and its gradient")                                          \
    ROW(cross_entropy_probabilities, ExpectedCost<FromProbabilities>, "-sum(t * log(q)), and its gradient")         \
    ROW(cross_entropy_log_probabilities, ExpectedCost<FromLogProbabilities>, "-sum(t * v), and its gradient")       \
    ROW(cross_entropy_probabilities_indices, CostOfClass<FromProbabilities>, "-log(q) of a class, and its gradient") \
    ROW(cross_entropy_log_probabilities_indices, CostOfClass<FromLogProbabilities>, "-v of a class, and its gradient") \
    ROW(cross_entropy_log_probabilities_indices_checked, CheckedCostOfClass, "-v of a class, NaN for what are no shares")   \
    ROW(kl_divergence_probabilities, ExpectedCost<RelativeToProbabilities>,                                         \
        "sum(t * log(t / q)), and its gradient")                                                                    \
    ROW(cross_entropy_logits_checked, CheckedCrossEntropy, "that of logits, NaN for weights that are no shares")     \
    ROW(cross_entropy_log_probabilities_checked, CheckedCost, "-sum(t * v), NaN for what are no shares")             \
    ROW(kl_divergence_log_probabilities_checked, CheckedDivergence, "sum(t * (log(t) - v)), NaN for what are no shares") \
    ROW(kl_divergence_of_logs, DivergenceOfLogs, "sum(e^t * (t - v)), and its gradient")                             \
    ROW(kl_divergence_log_probabilities, ExpectedCost<RelativeToLogProbabilities>,                                  \
        "sum(t * (log(t) - v)), and its gradient")

}  // namespace OGIVE_SET
