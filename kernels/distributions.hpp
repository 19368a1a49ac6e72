// Losses of distributions along an axis. Each gives the term of its row, and the gradient of weight * term / divisor; what has
// no weight has neither, whatever the row holds. Sums are of pairs, so that neither the length of a row nor a divergence of
// nearly equal distributions costs digits.
#pragma once

#include "class_costs.hpp"
#include "softmax.hpp"

namespace OGIVE_SET {

// Cross-entropy for a weight on every class: the sum of t (max - x + log(1 + R)). Weight 0 on a masked (-inf) logit costs nothing.
struct CrossEntropyDistribution : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, const S* t, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const Share<T> share(weight, divisor);
        const Targets<T> targets(t, length);
        const S max = largest(x, length);
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), gradient);
            T sum = T(0);
            for (Length i = 0; i < length; ++i) {
                const T chance = T(gradient[i]), target = T(t[i]);
                sum = sum + (target == T(0) || chance == T(1) ? T(0) : target / chance);
                gradient[i] = S(share.of((chance * total(targets.all) - target * targets.factor) / targets.factor));
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
    ROW(kl_divergence_log_probabilities, ExpectedCost<RelativeToLogProbabilities>,                                  \
        "sum(t * (log(t) - v)), and its gradient")

}  // namespace OGIVE_SET
