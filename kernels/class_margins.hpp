// Losses of the margins between the score of the right class and those of the others, for the number of the right class.
#pragma once

#include <algorithm>

#include "functions.hpp"
#include "row_loss.hpp"
#include "softmax.hpp"

namespace OGIVE_SET {

// margin + other - own: beside the kink the three cancel.
template <class T> inline Pair<T> beyond(T margin, T other, T own) {
    const Pair<T> gap = difference(other, own), sum = difference(margin, -gap.high);
    return {sum.high, sum.low + gap.low};
}

// What is missing to a margin, to a power, and the slope of that.
struct Unraised {
    template <class T> Pair<T> value(Pair<T> missing) const { return missing; }
    template <class T> T slope(T) const { return T(1); }
};

struct Squared {
    template <class T> Pair<T> value(Pair<T> missing) const { return multiply(missing, missing); }
    template <class T> T slope(T missing) const { return T(2) * missing; }
};

struct Raised {
    double p;

    template <class T> Pair<T> value(Pair<T> missing) const { return {power(total(missing), T(p)), T(0)}; }
    template <class T> T slope(T missing) const { return T(p) * power(missing, T(p - 1.0)); }
};

template <class T> struct Lack {
    Pair<T> cost;
    T slope;

    template <class Power> Lack(const Power& power, Pair<T> missing, bool counts) {
        const bool costly = missing.high > T(0) && counts, known = missing.high == missing.high || !counts;
        const T nothing = choose(known, T(0), T(Format<T>::nan));
        cost = choose(costly, power.value(missing), Pair<T>{nothing, T(0)});
        slope = choose(costly, power.slope(missing.high), nothing);
    }
};

// Calls run(power) for the power p.
template <class Run> inline void with_power(double p, const Run& run) {
    if (p == 1.0) run(Unraised());
    else if (p == 2.0) run(Squared());
    else run(Raised{p});
}

// What is missing to the margin over each of the others, to a power p, over the number of classes.
struct MultiMargin : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, S margin, S p, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const Share<T> share(weight, divisor * double(length));
        const T down = lowering<T>(length, x), up = T(1) / down, own = T(x[right]) * down, rest = share.rest;
        with_power(double(p), [=, &term](const auto power) {
            const T ratio = share.ratio * (power.slope(up) / power.slope(T(1)));
            LaneSum<T> costs, slopes;
            for_lanes(length, [&](int lane, Length i) {
                const Lack<T> lack(power, beyond(T(margin) * down, T(x[i]) * down, own), i != right);
                costs.add(lane, lack.cost);
                slopes.add(lane, {lack.slope, T(0)});
                gradient[i] = S(lack.slope * ratio * rest);
            });
            term = number(costs.rounded() / T(double(length)) * power.value(Pair<T>{up, T(0)}).high);
            gradient[right] = S(-slopes.rounded() * ratio * rest);
        });
    }
};

// The same of every two classes j and k, with the share of j and what that of k lets it weigh as a rival.
template <class Rivals> struct MarginsOfPairs : Unfilled {
    static constexpr Length some = 256;  // classes at once, whose slopes are kept beside each other

    template <class T, class S>
    static void pairs(Length length, const S* x, const S* shares, S margin, double p, double weight, double divisor, double& term, S* gradient) {
        Share<T> share(weight, divisor * double(length));
        const T down = lowering<T>(length, x), up = T(1) / down;
        LaneSum<T> all;
        with_power(p, [&](const auto power) {
            share.ratio = share.ratio * (power.slope(up) / power.slope(T(1)));
            for (Length first = 0; first < length; first += some) {
                const Length end = std::min(first + some, length);
                double slopes[some] = {};
                for (Length j = 0; j < length; ++j)
                    if (shares[j] != S(0)) pull_down<T>(power, j, first, end, x, T(shares[j]), T(margin), down, slopes);
                for (Length j = first; j < end; ++j) {
                    T slope = Rivals::weight(T(shares[j])) * T(slopes[j - first]);
                    if (shares[j] != S(0)) slope = slope - T(shares[j]) * pull_up(power, j, length, x, shares, T(margin), down, all);
                    gradient[j] = S(share.of(slope));
                }
            }
            term = number(all.rounded() / T(double(std::max<Length>(length, 1))) * power.value(Pair<T>{up, T(0)}).high);
        });
    }

private:
    // The slopes by the scores of some rivals.
    template <class T, class S, class Power>
    static void pull_down(const Power power, Length j, Length first, Length end, const S* x, T share, T margin, T down, double* slopes) {
        const T own = T(x[j]) * down;
#pragma GCC ivdep
        for (Length k = first; k < end; ++k) {
            const Lack<T> lack(power, beyond(margin * down, T(x[k]) * down, own), k != j);
            slopes[k - first] += number(share * lack.slope);
        }
    }
    // Adds what class j costs, and gives the slope by its score for a share of 1, negated.
    template <class T, class S, class Power>
    static T pull_up(const Power power, Length j, Length length, const S* x, const S* shares, T margin, T down, LaneSum<T>& all) {
        const T own = T(x[j]) * down;
        LaneSum<T> costs, slopes;
        for_lanes(length, [&](int lane, Length k) {
            const Lack<T> lack(power, beyond(margin * down, T(x[k]) * down, own), k != j);
            const T rival = Rivals::weight(T(shares[k]));
            costs.add(lane, multiply(lack.cost, rival));
            slopes.add(lane, exact_product(lack.slope, rival));
        });
        all.add(static_cast<int>(j % lanes), multiply(costs.result(), T(shares[j])));
        return slopes.rounded();
    }
};

struct EveryRival {
    template <class T> static T weight(T) { return T(1); }
};

struct RivalsWithoutShare {
    template <class T> static T weight(T share) { return T(1) - share; }
};

struct MultiMarginOfShares : MarginsOfPairs<EveryRival> {
    template <class T, class S>
    static void row(Length length, const S* x, const S* shares, S margin, S p, double weight, double divisor, double& term, S* gradient) {
        if (!weightless(length, weight, term, gradient)) pairs<T>(length, x, shares, margin, double(p), weight, divisor, term, gradient);
    }
};

struct MultilabelMargin : MarginsOfPairs<RivalsWithoutShare> {
    template <class T, class S>
    static void row(Length length, const S* x, const S* shares, S margin, double weight, double divisor, double& term, S* gradient) {
        if (!weightless(length, weight, term, gradient)) pairs<T>(length, x, shares, margin, 1.0, weight, divisor, term, gradient);
    }
};

// The largest score of a row, the first place where it is, and whether any score is NaN.
template <class S> struct Largest {
    S score;
    Length place = 0;
    bool missing;

    Largest(const S* x, Length length) {
        S best[lanes], odd[lanes] = {};
        Bits<S> places[lanes] = {};
        fill(best, lanes, S(-__builtin_inff()));
        const Length whole = length / lanes * lanes;
        const auto step = [&](int lane, Length i) {
            const S score = x[i], before = best[lane];
            const Bits<S> worse = Bits<S>(score > before) - 1;  // all bits, or none
            best[lane] = choose(score > before, score, before);
            places[lane] = (places[lane] & worse) | (Bits<S>(i) & ~worse);
            odd[lane] += S(score != score);
        };
        for (Length start = 0; start < whole; start += lanes)
#pragma GCC unroll 1
#pragma GCC ivdep
            for (int lane = 0; lane < lanes; ++lane) step(lane, start + lane);
        for (Length i = whole; i < length; ++i) step(static_cast<int>(i - whole), i);
        score = largest_of(best);
        missing = largest_of(odd) > S(0);
        Bits<S> first = Bits<S>(length);
        for (int lane = 0; lane < lanes; ++lane) first = best[lane] == score && places[lane] < first ? places[lane] : first;
        place = first;
    }
    // The same but for one element.
    static Largest but(Length one, const S* x, Length length) {
        Largest all(x, length);
        if (all.place != one) return all;
        const Largest before(x, one), after(x + one + 1, length - one - 1);
        const bool later = after.score > before.score || one == 0;
        all.score = later ? after.score : before.score;
        all.place = later ? one + 1 + after.place : before.place;
        return all;
    }
};

// The gradient of a loss that pulls one class up and another down; where they are one, nothing.
template <class S> inline void pull_apart(Length length, std::int64_t up, Length down, S size, S* gradient) {
    fill(gradient, length, S(0));
    if (up == down) return;
    gradient[up] = -size;
    gradient[down] = size;
}

// What is missing to the margin over the best of the others.
struct MulticlassHinge : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, S margin, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const auto rival = Largest<S>::but(right, x, length);
        const T missing = total(beyond(T(margin), T(rival.score), T(x[right])));
        if (rival.missing || missing != missing) return nothing_known(length, term, gradient);
        term = number(at_least(missing, T(0)));
        pull_apart(length, right, missing > T(0) ? rival.place : right, S(Share<T>(weight, divisor).of(T(1))), gradient);
    }
};

// How far the right class lies below the best.
struct MulticlassPerceptron : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const Largest<S> best(x, length);
        if (best.missing) return nothing_known(length, term, gradient);
        term = x[right] == best.score ? 0.0 : number(T(best.score) - T(x[right]));
        pull_apart(length, right, best.place, S(Share<T>(weight, divisor).of(T(1))), gradient);
    }
};

// With p = max(0, x - threshold), which sum to 1: half of what the others have squared, and of their squares, and how far the
// right class lies below the threshold. From above, where too many seem to count, the threshold rises to its place (C. Michelot,
// A finite algorithm for finding the projection of a point onto the canonical simplex of R^n, JOTA 50, 1986).
struct SparsemaxLoss : OfLogits {
    template <class T, class S>
    static void row(Length length, const S* x, std::int64_t right, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient) || classless(length, right, term, gradient)) return;
        const Share<T> share(weight, divisor);
        const S max = largest(x, length);
        if (!finite(max) || any_missing(x, length)) {
            const T p = of_infinite_row<T>(length, x, right, max, share, gradient);
            term = number(choose(p == T(0), T(Format<T>::infinity), p - T(1)));
            return;
        }
        const auto depth = [=](Length i) { return difference(T(max), T(x[i])); };
        Pair<T> height = {T(1), T(0)};  // of the largest over the threshold
        double count = __builtin_inf(), before;
        do {
            LaneSum<T> depths;
            double counts[lanes] = {};
            for_lanes(length, [&](int lane, Length i) {
                const Pair<T> below = depth(i);
                const bool counted = below.high < height.high;
                depths.add(lane, choose(counted, below, Pair<T>{T(0), T(0)}));
                counts[lane] += counted ? 1.0 : 0.0;
            });
            before = count;
            count = sum_of(counts);
            height = divide(add(Pair<T>{T(1), T(0)}, depths.result()), Pair<T>{T(count), T(0)});
        } while (count < before);
        LaneSum<T> others, squares;
        for_lanes(length, [&](int lane, Length i) {
            const Pair<T> zero = {T(0), T(0)}, above = add(height, negated(depth(i)));
            const Pair<T> p = choose(above.high > T(0) && i != right, above, zero);
            others.add(lane, p);
            squares.add(lane, multiply(p, p));
            gradient[i] = S(share.of(total(p)));
        });
        const Pair<T> rest = others.result(), lack = add(depth(right), negated(height));
        const Pair<T> divergence = scale(add(multiply(rest, rest), squares.result()), T(0.5));
        term = number(total(lack.high > T(0) ? add(divergence, lack) : divergence));
        gradient[right] = S(-share.of(total(rest)));
    }
};

#define OGIVE_CLASS_MARGINS(ROW)                                                                                    \
    ROW(multi_margin_indices, MultiMargin, "sum(max(0, margin + x - x[right])^p) over the others / n, and its gradient") \
    ROW(multi_margin, MultiMarginOfShares, "the same for the shares of the classes, and its gradient")               \
    ROW(multilabel_margin, MultilabelMargin, "sum(t (1 - s) max(0, margin + x[s] - x[t])) over all pairs / n, and its gradient") \
    ROW(multiclass_hinge_indices, MulticlassHinge, "max(0, margin + max(others) - x[right]), and its gradient")       \
    ROW(multiclass_perceptron_indices, MulticlassPerceptron, "max(x) - x[right], and its gradient")                   \
    ROW(sparsemax_loss_indices, SparsemaxLoss, "the loss of sparsemax, and its gradient")

}  // namespace OGIVE_SET
