// Losses of the probability p of the right class, from logits and the number of that class. An index outside the row gives NaN.
#pragma once

#include "functions.hpp"
#include "row_loss.hpp"
#include "softmax.hpp"

namespace OGIVE_SET {

template <class T> struct Chance {
    Pair<T> cost;  // -log p
    T p, wrong;    // p, and 1 - p
};

// A type for each parameter, whatever it stands for.
template <class S, class> using Each = S;
struct Parameter;

// A cost of the chance gives its value and -p times its slope by p: so many times the gradient is that of cross-entropy. A
// `plain` cost is cross-entropy itself.
template <class Cost, class... Parameters> struct RightClass : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, Each<S, Parameters>... parameters, double weight, double divisor,
                    double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const Share<T> share(weight, divisor);
        const S max = largest(x, length);
        if (!finite(max)) {
            const T p = of_infinite_row<T>(length, x, right, max, share, gradient), cost = choose(p == T(0), T(Format<T>::infinity), p - T(1));
            const Results<T> found = Cost::of(Chance<T>{{cost, T(0)}, p, T(1) - p}, T(parameters)...);
            term = number(found.value);
            for (Length i = 0; i < length; ++i) gradient[i] = S(found.slope * T(gradient[i]));
            return;
        }
        const Row<T> row = exponentials<T>(x, length, max, gradient);
        const T others = others_than(row, T(x[right]), T(gradient[right]));
        const Pair<T> log_sum = log_of_sum(row), gap = difference(T(max), T(x[right]));
        const Pair<T> sum = difference(gap.high, -log_sum.high);
        const Chance<T> chance = {{sum.high, sum.low + (gap.low + log_sum.low)}, T(gradient[right]) / row.all.high, others / row.all.high};
        const Results<T> found = Cost::of(chance, T(parameters)...);
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
            const Chance<Wide> chance = {{Wide(cost), {}}, Wide(e / all), Wide(others[lane] / all)};
            const Results<Wide> found = Cost::of(chance, Wide(static_cast<double>(parameters[lane % Layout::rows]))...);
            term[lane] = number(found.value);
            share[lane] = Cost::plain ? share[lane] : share[lane] * number(found.slope);
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

struct CrossEntropy {
    static constexpr bool plain = true;

    template <class T> static Results<T> of(Chance<T> chance) { return {total(chance.cost), T(1)}; }
};

// -log p + epsilon (1 - p), for epsilon from -1.
struct PolyLoss {
    static constexpr bool plain = false;

    template <class T> static Results<T> of(Chance<T> chance, T epsilon) {
        const T less = (T(1) + epsilon) - epsilon * chance.wrong, more = T(1) + epsilon * chance.p;
        return {total(chance.cost) + epsilon * chance.wrong, choose(epsilon < T(0), less, more)};
    }
};

// (1 - p)^gamma (-log p).
struct CategoricalFocal {
    static constexpr bool plain = false;

    template <class T> static Results<T> of(Chance<T> chance, T gamma) {
        const T cost = total(chance.cost), size = power(chance.wrong, gamma);
        const T ratio = choose(chance.wrong == T(0), T(1), cost / chance.wrong), share = choose(chance.p == T(0), T(0), chance.p * ratio);
        return {choose(size == T(0), T(0), size * cost), size * (T(1) + gamma * share)};
    }
};

// (1 - p^q) / q.
struct GeneralizedCrossEntropy {
    static constexpr bool plain = false;

    template <class T> static Results<T> of(Chance<T> chance, T q) {
        const Pair<T> possible = multiply(chance.cost, -q), never = {-T(Format<T>::infinity), T(0)};
        const Pair<T> exponent = choose(finite(chance.cost.high), possible, never);
        return {-total(expm1(exponent.high)) / q, total(value_of(exp(exponent)))};
    }
};

// 2 (1 - p).
struct MulticlassAbsoluteError {
    static constexpr bool plain = false;

    template <class T> static Results<T> of(Chance<T> chance) { return {T(2) * chance.wrong, T(2) * chance.p}; }
};

// -alpha log p - beta log_zero (1 - p).
struct SymmetricCrossEntropy {
    static constexpr bool plain = false;

    template <class T> static Results<T> of(Chance<T> chance, T alpha, T beta, T log_zero) {
        const T cost = choose(alpha == T(0), T(0), alpha * total(chance.cost));
        return {cost - beta * log_zero * chance.wrong, alpha - beta * log_zero * chance.p};
    }
};

using PolyLossOfLogits = RightClass<PolyLoss, Parameter>;
using FocalOfLogits = RightClass<CategoricalFocal, Parameter>;
using GeneralizedOfLogits = RightClass<GeneralizedCrossEntropy, Parameter>;
using SymmetricOfLogits = RightClass<SymmetricCrossEntropy, Parameter, Parameter, Parameter>;

#define OGIVE_RIGHT_CLASS_LOSSES(ROW)                                                                               \
    ROW(cross_entropy_logits_indices, RightClass<CrossEntropy>, "cross-entropy of logits and a class index, and its gradient") \
    ROW(poly_loss_logits_indices, PolyLossOfLogits, "-log(p) + epsilon (1 - p), and its gradient")                   \
    ROW(categorical_focal_logits_indices, FocalOfLogits, "-(1 - p)^gamma log(p), and its gradient")                  \
    ROW(generalized_cross_entropy_logits_indices, GeneralizedOfLogits, "(1 - p^q) / q, and its gradient")            \
    ROW(multiclass_absolute_error_logits_indices, RightClass<MulticlassAbsoluteError>, "2 (1 - p), and its gradient") \
    ROW(symmetric_cross_entropy_logits_indices, SymmetricOfLogits, "-alpha log(p) - beta log_zero (1 - p), and its gradient")

}  // namespace OGIVE_SET
