// Losses of the probability p of the right class, from logits and the number of that class. An index outside the row gives NaN.
#pragma once

#include "chances.hpp"
#include "row_loss.hpp"
#include "softmax.hpp"

namespace OGIVE_SET {

// A type for each parameter, whatever it stands for.
template <class S, class> using Each = S;
struct Parameter;

// The slope of a cost times the gradient of cross-entropy is the gradient.
template <class Cost, class... Parameters> struct RightClass : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, Each<S, Parameters>... parameters, double weight, double divisor,
                    double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const Share<T> share(weight, divisor);
        const S max = largest(x, length);
        if (!finite(max)) {
            const Priced<T> found = Cost::of(certainty(of_infinite_row<T>(length, x, right, max, share, gradient)), T(parameters)...);
            term = number(found.value);
            for (Length i = 0; i < length; ++i) gradient[i] = S(total(found.slope) * T(gradient[i]));
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, gradient);
        const T others = others_than(row, T(x[right]), T(gradient[right]));
        const Priced<T> found = Cost::of(chance_of(row, log_of_sum(row), x[right]), T(parameters)...);
        term = number(found.value);
        Quotient<T> quotient(share, row.all);
        if constexpr (!Cost::plain) quotient.ratio = multiply(quotient.ratio, found.slope);
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) gradient[i] = S(quotient.of(T(gradient[i])));
        gradient[right] = S(quotient.of(-others));
    }
    template <class Layout>
    static unsigned swift(Length length, const float* x, const std::int64_t* rights, const Each<float, Parameters>*... parameters,
                          const double* weights, const double* divisors, double* terms, float* gradient) {
        SwiftRow<Layout> row(x, length);
        unsigned unfit = row.unfit();
        Length right[lanes];
        double share[lanes], chosen[lanes], term[lanes], others[lanes];
        for_each_lane([&](int lane) { share[lane] = weights[lane % Layout::rows] / divisors[lane % Layout::rows]; });
        for (int lane = 0; lane < lanes; ++lane) {
            const int each = lane % Layout::rows;
            const bool fits = rights[each] >= 0 && rights[each] < length && moderate(share[lane]);
            unfit |= unsigned(!fits) << each;
            right[lane] = (fits ? rights[each] : 0) * Layout::rows + each;
            chosen[lane] = static_cast<double>(x[right[lane]]);
        }
        if (gradient) row.template sum<true>(gradient);
        else row.template sum<false>(nullptr);
        for_each_lane([&](int lane) {
            const double e = static_cast<double>(row.exponential(lane, static_cast<float>(chosen[lane]))), all = row.all(lane);
            const bool surest = chosen[lane] == static_cast<double>(row.max[lane]);
            others[lane] = choose(surest, row.others[lane], all - e);
            const double cost = (static_cast<double>(row.max[lane]) - chosen[lane]) + row.log_sum(lane);
            const Chance<Wide> chance = {{Wide(cost), {}}, {Wide(e / all), {}}, {Wide(others[lane] / all), {}}};
            const Priced<Wide> found = Cost::of(chance, Wide(static_cast<double>(parameters[lane % Layout::rows]))...);
            term[lane] = number(found.value);
            share[lane] = Cost::plain ? share[lane] : share[lane] * number(total(found.slope));
        });
        for (int each = 0; each < Layout::rows; ++each) terms[each] = term[each];
        if (!gradient) return unfit;
        float slope[lanes];
        for_each_lane([&](int lane) {
            const double ratio = share[lane] / row.all(lane);
            slope[lane] = static_cast<float>(-others[lane] * ratio);
            share[lane] = ratio;
        });
        for (int each = 0; each < Layout::rows && !Cost::plain; ++each)
            unfit |= unsigned(!(moderate(share[each] * kept) || share[each] == 0.0)) << each;
        SwiftFactor(share).scale(length * Layout::rows, gradient);
        for (int each = 0; each < Layout::rows; ++each) gradient[right[each]] = slope[each];
        return unfit;
    }
};

// The same of a distribution as the target: what its classes would cost, each by its share. With the shares' slopes s_j the gradient is
// p_i times the sum of the others' t_j s_j, less (1 - p_i) t_i s_i; these cancel, and are pairs.
template <class Cost, class... Parameters> struct AnyClass : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, const S* targets, Each<S, Parameters>... parameters, double weight, double divisor,
                    double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const S max = largest(x, length);
        const Share<T> share(weight, divisor);
        Length top = 0;
        while (top + 1 < length && x[top] != max) ++top;
        const auto compute = [&](const auto& chance_of) {
            const Pair<T> nought = {T(0), T(0)};
            const auto pull = [&](const Chance<T>& chance, Length i) {
                return multiply(Cost::of(chance, T(parameters)...).slope, T(targets[i]));
            };
            LaneSum<T> costs, pulls;
            for_lanes(length, [&](int lane, Length i) {
                const Priced<T> found = Cost::of(chance_of(i), T(parameters)...);
                const T target = T(targets[i]);
                costs.add(lane, choose(target == T(0), nought, exact_product(target, found.value)));
                pulls.add(lane, choose(i == top, nought, multiply(found.slope, target)));
            });
            term = number(costs.rounded());
            const Pair<T> of_top = pull(chance_of(top), top), rest = pulls.result();
#pragma GCC ivdep
            for (Length i = 0; i < length; ++i) {
                const Chance<T> chance = chance_of(i);
                const Pair<T> own = pull(chance, i), others = choose(i == top, rest, add(rest, add(of_top, negated(own))));
                gradient[i] = S(share.of(total(add(multiply(chance.p, others), negated(multiply(chance.wrong, own))))));
            }
        };
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), gradient);
            return compute([&](Length i) { return certainty(T(gradient[i])); });
        }
        const Row<T> row = exponentials<T>(x, length, max, [](int, Length, Pair<T>) {});
        const Pair<T> log_sum = log_of_sum(row);
        compute([&](Length i) { return chance_of(row, log_sum, x[i]); });
    }
};

// Cross-entropy with the number of the right class smoothed: a part of its share goes to all possible classes alike, the right one
// among them. What the shares of the others than a class sum to is known by itself, so no digits cancel.
struct SmoothedCrossEntropy : OfLogits {
    template <class T> struct Shares {
        T kept, each;  // what stays with the right class, and what every possible one gets
        T rivals;      // what all possible ones but one get

        Shares(double smoothing, double possible) : kept(1.0 - smoothing), each(smoothing / possible), rivals(each * T(possible - 1.0)) {}
        T own() const { return kept + each; }
        T others_than_rival() const { return kept + rivals; }
    };

    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, double smoothing, double weight, double divisor, double& term,
                    S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const Share<T> share(weight, divisor);
        const S max = largest(x, length), none = -S(__builtin_inff());
        double possible[lanes] = {};
        for_lanes(length, [&](int lane, Length i) { possible[lane] += x[i] == none ? 0.0 : 1.0; });
        const Shares<T> shares(smoothing, sum_of(possible));
        if (!finite(max)) {
            one_hot(x, length, max, S(1), S(0), gradient);
            T sum = T(0);
            for (Length i = 0; i < length; ++i) {
                const T chance = T(gradient[i]), target = (x[i] == none ? T(0) : shares.each) + (i == right ? shares.kept : T(0));
                sum = sum + (target == T(0) || chance == T(1) ? T(0) : target / chance);
                gradient[i] = S(share.of(chance - target));
            }
            term = number(sum);
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, gradient);
        const Pair<T> log_sum = log_of_sum(row);
        // Shrunk where a distance of numbers as far apart as can be would be infinite.
        const auto cost = [&](T shrink) {
            LaneSum<T> gaps;
            for_lanes(length, [&](int lane, Length i) {
                const Pair<T> gap = difference(T(max) * shrink, choose(x[i] == none, T(max), T(x[i])) * shrink);
                gaps.add(lane, multiply(gap, shares.each));
            });
            const Pair<T> own = difference(T(max) * shrink, T(x[right]) * shrink);
            const Pair<T> whole = add(gaps.result(), scale(log_sum, shrink));
            if (shares.kept == T(0)) return total(whole);
            return finite(own.high) ? total(add(whole, multiply(own, shares.kept))) : own.high * shares.kept;
        };
        term = number(cost(T(1)));
        if (!finite(term)) term = 4.0 * number(cost(T(0.25)));
        const auto slope = [&](T target, T rest, T others, T e) {
            const Pair<T> spent = exact_product(e, rest), owed = exact_product(target, others);
            return (spent.high - owed.high) + (spent.low - owed.low);
        };
        const T ratio = share.ratio / row.all.high;
        const T others = others_than(row, T(x[right]), T(gradient[right]));
        const bool costs = x[right] != none;
        const T own = slope(choose(costs, shares.own(), shares.kept), shares.rivals, others, T(gradient[right]));
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) {
            const T e = T(gradient[i]), target = choose(x[i] == none, T(0), shares.each);
            gradient[i] = S(slope(target, shares.others_than_rival(), others_than(row, T(x[i]), e), e) * ratio * share.rest);
        }
        gradient[right] = S(own * ratio * share.rest);
    }
    template <class Layout>
    static unsigned swift(Length length, const float* x, const std::int64_t* rights, const double* smoothings, const double* weights,
                          const double* divisors, double* terms, float* gradient) {
        const Length count = length * Layout::rows;
        SwiftRow<Layout> row(x, length);
        unsigned unfit = row.unfit();
        Length right[lanes];
        double share[lanes], gaps[lanes] = {}, possible[lanes] = {}, term[lanes], each[lanes], rest[lanes];
        for (int lane = 0; lane < lanes; ++lane) {
            const int of = lane % Layout::rows;
            share[lane] = weights[of] / divisors[of];
            right[lane] = (rights[of] >= 0 && rights[of] < length ? rights[of] : 0) * Layout::rows + of;
            const bool fits = rights[of] >= 0 && rights[of] < length && moderate(share[lane]) && finite(x[right[lane]]);
            unfit |= unsigned(!fits) << of;
        }
        if (gradient) row.template sum<true>(gradient);
        else row.template sum<false>(nullptr);
        in_steps<false>(count, x, nullptr, [&](const float* at, float*) {
            for_each_lane([&](int lane) {
                const bool there = at[lane] != -__builtin_inff();
                gaps[lane] += choose(there, static_cast<double>(row.max[lane]) - static_cast<double>(at[lane]), 0.0);
                possible[lane] += choose(there, 1.0, 0.0);
            });
        });
        Layout::share(gaps);
        Layout::share(possible);
        for (int lane = 0; lane < lanes; ++lane) {
            const Shares<double> shares(smoothings[lane % Layout::rows], possible[lane]);
            const double own = static_cast<double>(row.max[lane]) - static_cast<double>(x[right[lane]]);
            term[lane] = (gaps[lane] * shares.each + own * shares.kept) + row.log_sum(lane);
            each[lane] = shares.each;
            rest[lane] = shares.others_than_rival();
        }
        for (int of = 0; of < Layout::rows; ++of) terms[of] = term[of];
        if (!gradient) return unfit;
        float slope[lanes];
        for (int of = 0; of < Layout::rows; ++of) {
            const Shares<double> shares(smoothings[of], possible[of]);
            const double e = static_cast<double>(gradient[right[of]]);
            const double others = choose(x[right[of]] == row.max[of], row.others[of], row.all(of) - e);
            slope[of] = static_cast<float>((e * shares.rivals - shares.own() * others) * (share[of] / row.all(of)));
        }
        for_each_lane([&](int lane) { share[lane] /= row.all(lane); });
        in_steps<true>(count, x, x, gradient, [&](const float* at, const float*, float* e) {
            for_each_lane([&](int lane) {
                const double own = static_cast<double>(e[lane]);
                const double others = choose(at[lane] == row.max[lane], row.others[lane], row.all(lane) - own);
                const double target = choose(at[lane] != -__builtin_inff(), each[lane], 0.0);
                e[lane] = static_cast<float>((own * rest[lane] - target * others) * share[lane]);
            });
        });
        for (int of = 0; of < Layout::rows; ++of) gradient[right[of]] = slope[of];
        return unfit;
    }
};

// Cross-entropy of logits with more digits than a float, for results that will be floats.
struct CrossEntropyOfProducts : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, double weight, double divisor, double& term, S* gradient) {
        RightClass<CrossEntropy>::row<Wide>(length, x, right, weight, divisor, term, gradient);
    }
};

using PolyLossOfLogits = RightClass<PolyLoss, Parameter>;
using FocalOfLogits = RightClass<CategoricalFocal, Parameter>;
using GeneralizedOfLogits = RightClass<GeneralizedCrossEntropy, Parameter>;
using SymmetricOfLogits = RightClass<SymmetricCrossEntropy, Parameter, Parameter, Parameter>;
using PolyLossOfTargets = AnyClass<PolyLoss, Parameter>;
using FocalOfTargets = AnyClass<CategoricalFocal, Parameter>;
using GeneralizedOfTargets = AnyClass<GeneralizedCrossEntropy, Parameter>;
using AbsoluteErrorOfTargets = AnyClass<MulticlassAbsoluteError>;
using SymmetricOfTargets = AnyClass<SymmetricCrossEntropy, Parameter, Parameter, Parameter>;

#define OGIVE_RIGHT_CLASS_LOSSES(ROW)                                                                               \
    ROW(cross_entropy_logits_indices, RightClass<CrossEntropy>, "cross-entropy of logits and a class index, and its gradient") \
    ROW(cross_entropy_logits_smoothed, SmoothedCrossEntropy, "cross-entropy of logits and a smoothed class index, and its gradient") \
    ROW(cross_entropy_products_indices, CrossEntropyOfProducts, "the same of doubles, with the digits of floats")     \
    ROW(poly_loss_logits, PolyLossOfTargets, "the mean of -log(p) + epsilon (1 - p) over a distribution, and its gradient") \
    ROW(categorical_focal_logits, FocalOfTargets, "the mean of -(1 - p)^gamma log(p) over a distribution, and its gradient") \
    ROW(generalized_cross_entropy_logits, GeneralizedOfTargets, "the mean of (1 - p^q) / q over a distribution, and its gradient") \
    ROW(multiclass_absolute_error_logits, AbsoluteErrorOfTargets, "the mean of 2 (1 - p) over a distribution, and its gradient") \
    ROW(symmetric_cross_entropy_logits, SymmetricOfTargets, "the mean of its cost over a distribution, and its gradient") \
    ROW(poly_loss_logits_indices, PolyLossOfLogits, "-log(p) + epsilon (1 - p), and its gradient")                   \
    ROW(categorical_focal_logits_indices, FocalOfLogits, "-(1 - p)^gamma log(p), and its gradient")                  \
    ROW(generalized_cross_entropy_logits_indices, GeneralizedOfLogits, "(1 - p^q) / q, and its gradient")            \
    ROW(multiclass_absolute_error_logits_indices, RightClass<MulticlassAbsoluteError>, "2 (1 - p), and its gradient") \
    ROW(symmetric_cross_entropy_logits_indices, SymmetricOfLogits, "-alpha log(p) - beta log_zero (1 - p), and its gradient")

}  // namespace OGIVE_SET
