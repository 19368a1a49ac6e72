// Losses of overlap, from probabilities p of the pixels of a region or from their logits: N / (N + K), where N is
// alpha sum(p (1 - t)) + beta sum((1 - p) t), what is wrong, and K is sum(p t) + smooth.
#pragma once

#include "logistic.hpp"
#include "row_loss.hpp"

namespace OGIVE_SET {

template <class T> struct Pixel {
    T p, q, slope;  // the probability, what it lacks to 1, and its slope by what is given
};

// What fills a region up has no probability.
struct ByProbability {
    static constexpr double padding = 0.0;

    template <class T> static Pixel<T> at(T p) { return {p, T(1) - p, T(1)}; }
};

struct ByLogit {
    static constexpr double padding = -__builtin_inf();

    template <class T> static Pixel<T> at(T x) {
        const Logistic<T> logistic(at_most(magnitude(x), -T(Format<T>::exp_bottom)));
        const T low = logistic.low(), high = logistic.high();
        const bool left = x < T(0);
        return {unless_nan(x, choose(left, low, high)), choose(left, high, low), logistic.slope(T(kept))};
    }
};

// The slopes of the probabilities are kept where the gradient is to stand, as many times too large as exponentials are.
template <class T, class Given, class S>
inline void overlap(Length length, const S* given, const S* target, T alpha, T beta, T smooth, double weight, double divisor, double& term,
                    S* gradient) {
    LaneSum<T> wrongs, rights;
    for_lanes(length, [&](int lane, Length i) {
        const Pixel<T> pixel = Given::at(T(given[i]));
        const T t = T(target[i]);
        wrongs.add(lane, exact_sum(alpha * (pixel.p * (T(1) - t)), beta * (pixel.q * t)));
        rights.add(lane, exact_product(pixel.p, t));
        gradient[i] = S(pixel.slope);
    });
    const Pair<T> wrong = wrongs.result(), right = add(rights.result(), Pair<T>{smooth, T(0)}), sum = add(wrong, right);
    const T whole = sum.high == T(0) ? T(1) : total(sum), missed = total(wrong) / whole, hit = total(right) / whole;
    term = number(missed);
    const Share<T> share(weight, divisor);
    const T factor = share.ratio / whole, rest = share.rest * T(std::is_same_v<Given, ByLogit> ? 1 / kept : 1.0);
#pragma GCC ivdep
    for (Length i = 0; i < length; ++i) {
        const T t = T(target[i]), slope = (alpha * (T(1) - t) - beta * t) * hit - t * missed;
        gradient[i] = S(T(gradient[i]) * slope * factor * rest);
    }
}

// Dice's coefficient is a Tversky index that takes what is in excess and what is missed half.
template <class Given> struct SoftDice : Given {
    template <class T, class S>
    static void row(Length length, const S* given, const S* target, S smooth, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        overlap<T, Given>(length, given, target, T(0.5), T(0.5), T(0.5) * T(smooth), weight, divisor, term, gradient);
    }
};

template <class Given> struct Jaccard : Given {
    template <class T, class S>
    static void row(Length length, const S* given, const S* target, S smooth, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        overlap<T, Given>(length, given, target, T(1), T(1), T(smooth), weight, divisor, term, gradient);
    }
};

template <class Given> struct Tversky : Given {
    template <class T, class S>
    static void row(Length length, const S* given, const S* target, S alpha, S beta, S smooth, double weight, double divisor, double& term,
                    S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        overlap<T, Given>(length, given, target, T(alpha), T(beta), T(smooth), weight, divisor, term, gradient);
    }
};

#define OGIVE_OVERLAP_LOSSES(ROW)                                                                                   \
    ROW(soft_dice_logits, SoftDice<ByLogit>, "1 - Dice's coefficient of logits, and its gradient")                   \
    ROW(soft_dice_probabilities, SoftDice<ByProbability>, "1 - Dice's coefficient, and its gradient")                \
    ROW(jaccard_logits, Jaccard<ByLogit>, "1 - intersection over union of logits, and its gradient")                 \
    ROW(jaccard_probabilities, Jaccard<ByProbability>, "1 - intersection over union, and its gradient")              \
    ROW(tversky_logits, Tversky<ByLogit>, "1 - Tversky's index of logits, and its gradient")                         \
    ROW(tversky_probabilities, Tversky<ByProbability>, "1 - Tversky's index, and its gradient")

}  // namespace OGIVE_SET
