// Losses of vectors: of the cosine of two, and of their distances. Each gives the term of its row, and the gradients of
// weight * term / divisor by the vectors.
#pragma once

#include <utility>

#include "functions.hpp"
#include "row_loss.hpp"

namespace OGIVE_SET {

// The cosine of two vectors, which with one of zeros is 0, and what it lacks to 1; lengths are of the vectors times `room`.
template <class T> struct CosineBetween {
    T room_x, room_y;
    Pair<T> length_x, length_y, value, gap;
    bool none;

    template <class S>
    CosineBetween(const S* x, const S* y, Length length) : room_x(room_for(x, length)), room_y(room_for(y, length)) {
        LaneSum<T> xx, yy, xy;
        for_lanes(length, [&](int lane, Length i) {
            const T a = T(x[i]) * room_x, b = T(y[i]) * room_y;
            xx.add(lane, exact_product(a, a));
            yy.add(lane, exact_product(b, b));
            xy.add(lane, exact_product(a, b));
        });
        const Pair<T> nought = {T(0), T(0)}, one = {T(1), T(0)};
        length_x = square_root(xx.result());
        length_y = square_root(yy.result());
        none = length_x.high == T(0) || length_y.high == T(0);
        value = choose(none, nought, divide(xy.result(), multiply(length_x, length_y)));
        gap = choose(none, one, add(one, negated(value)));
        if (compensated<T> && gap.high < T(0x1p-40)) gap = small_gap(x, y, length);
    }
    // Whether doubles of floats are not enough: slopes are across the vectors, and these all but parallel.
    bool strained() const { return !compensated<T> && magnitude(value.high) > T(0.99); }

    // The share of `factor` times the slope by x, y / (|x| |y|) - cosine x / |x|^2.
    template <class S> void pull(const S* x, const S* y, Length length, Share<T> share, T factor, S* by_x) const {
        if (none) return fill(by_x, length, S(0));
        const Pair<T> one = {T(1), T(0)}, cross = divide(one, multiply(length_x, length_y));
        const Pair<T> own = negated(divide(divide(value, length_x), length_x));
        const T scale = factor * share.ratio, room = share.rest * room_x;
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i)
            by_x[i] = S(total(add(multiply(cross, T(y[i]) * room_y), multiply(own, T(x[i]) * room_x))) * scale * room);
    }
    CosineBetween swapped() const {
        CosineBetween other = *this;
        std::swap(other.room_x, other.room_y);
        std::swap(other.length_x, other.length_y);
        return other;
    }

private:
    template <class S> static T room_for(const S* x, Length length) {
        return compensated<T> ? room_for_squares<T>(largest_size(x, length)) : T(1);
    }
    // Half the squared distance of the unit vectors.
    template <class S> Pair<T> small_gap(const S* x, const S* y, Length length) const {
        LaneSum<T> sum;
        for_lanes(length, [&](int lane, Length i) {
            const Pair<T> apart = add(multiply(length_y, T(x[i]) * room_x), negated(multiply(length_x, T(y[i]) * room_y)));
            sum.add(lane, multiply(apart, apart));
        });
        const Pair<T> area = multiply(length_x, length_y);
        return scale(divide(sum.result(), multiply(area, area)), T(0.5));
    }
};

// The loss `cost` of a cosine, which gives the value and its slope by the cosine; `by_y` may be null.
template <class T, class S, class Cost>
inline void loss_of_cosine(Length length, const S* x, const S* y, const Cost& cost, double weight, double divisor, double& term, S* by_x,
                           S* by_y) {
    const CosineBetween<T> cosine(x, y, length);
    if constexpr (!compensated<T>)
        if (cosine.strained()) return loss_of_cosine<double>(length, x, y, cost, weight, divisor, term, by_x, by_y);
    const Results<T> found = cost(cosine.value, cosine.gap);
    const Share<T> share(weight, divisor);
    term = number(found.value);
    cosine.pull(x, y, length, share, found.slope, by_x);
    if (by_y) cosine.swapped().pull(y, x, length, share, found.slope, by_y);
}

struct CosineDistance : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, const S* y, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const auto cost = []<class P>(Pair<P>, Pair<P> gap) { return Results<P>{total(gap), P(-1)}; };
        loss_of_cosine<T>(length, x, y, cost, weight, divisor, term, gradient, static_cast<S*>(nullptr));
    }
};

struct CosineProximity : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, const S* y, double weight, double divisor, double& term, S* gradient) {
        if (weightless(length, weight, term, gradient)) return;
        const auto cost = []<class P>(Pair<P> cosine, Pair<P>) { return Results<P>{-total(cosine), P(-1)}; };
        loss_of_cosine<T>(length, x, y, cost, weight, divisor, term, gradient, static_cast<S*>(nullptr));
    }
};

struct CosineEmbedding : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, const S* y, S same, S margin, double weight, double divisor, double& term, S* by_x, S* by_y) {
        if (weightless(length, weight, term, by_x, by_y)) return;
        const auto cost = [=]<class P>(Pair<P> cosine, Pair<P> gap) {
            const P over = total(add(cosine, Pair<P>{P(-margin), P(0)})), other = P(1) - P(same);
            const P slope = choose(over > P(0), other, P(0)) - P(same);
            return Results<P>{P(same) * total(gap) + other * choose(over <= P(0), P(0), over), slope};
        };
        loss_of_cosine<T>(length, x, y, cost, weight, divisor, term, by_x, by_y);
    }
};

// What the sizes of differences come to: their sum, Euclid's distance, or the p-norm.
enum class Norm { sum, euclidean, any };

// The distance of two vectors, and its slope by each number of the first, as pairs: distances are subtracted from one another, and so are
// slopes. In the p-norm everything is of logarithms, counted from that of the largest difference, so that no power overflows or vanishes.
template <class T, Norm norm = Norm::euclidean> class Distance {
    T p, down, room = T(1);  // what the numbers are multiplied by, and then their differences: powers of two
    Pair<T> length, inverse, longest, log_length;

public:
    static constexpr T largest_p = T(compensated<T> ? 0x1p58 : 0x1p30);  // beyond it the norm is that of infinity, and exponents lose their digits

    template <class S> Distance(const S* a, const S* b, Length count, T down, T wanted = T(2)) : p(at_most(wanted, largest_p)), down(down) {
        double largest = 0.0;
        if (compensated<T> || norm == Norm::any) {
            double sizes[lanes] = {};
            for_lanes(count, [&](int lane, Length i) {
                const double size = number(magnitude(T(a[i]) * down - T(b[i]) * down));
                sizes[lane] = choose(size > sizes[lane], size, sizes[lane]);
            });
            largest = largest_of(sizes);
            room = room_for_squares<T>(largest);
        }
        if constexpr (norm == Norm::any) longest = fine_log(Pair<T>{T(largest == 0.0 ? 1.0 : largest) * room, T(0)});
        LaneSum<T> sum;
        for_lanes(count, [&](int lane, Length i) {
            const Pair<T> size = size_of(T(a[i]), T(b[i]));
            if constexpr (norm == Norm::sum) sum.add(lane, size);
            else if constexpr (norm == Norm::euclidean) sum.add(lane, multiply(size, size));
            else sum.add(lane, fine_power(size, p, longest));
        });
        const Pair<T> all = sum.result(), one = {T(1), T(0)};
        if constexpr (norm == Norm::any) {
            const Pair<T> beyond = divide(fine_log(choose(all.high > T(0), all, one)), Pair<T>{p, T(0)});
            log_length = add(longest, beyond);
            length = largest == 0.0 || all.high != all.high ? all : fine_exp(log_length);
        } else {
            length = norm == Norm::sum ? all : square_root(all);
            inverse = length.high == T(0) ? Pair<T>{T(0), T(0)} : divide(one, length);
        }
    }
    Pair<T> value() const { return scale(length, T(1) / room); }  // times `down`
    Pair<T> slope(T a, T b) const {
        const Pair<T> apart = scale(difference(a * down, b * down), room);
        if constexpr (norm == Norm::euclidean) return multiply(inverse, apart);
        const Pair<T> one = {choose(apart.high == apart.high, T(1), apart.high), T(0)};
        const Pair<T> steepness = norm == Norm::sum ? one : fine_power(size_of(a, b), p - T(1), log_length);
        return choose(a == b, Pair<T>{T(0), T(0)}, choose(a < b, negated(steepness), steepness));
    }

private:
    Pair<T> size_of(T a, T b) const {
        const Pair<T> apart = scale(difference(a * down, b * down), room);
        return choose(a < b, negated(apart), apart);
    }
};

// How much farther from the anchor than the positive the negative is to lie, and does not.
struct TripletMargin : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* anchor, const S* positive, const S* negative, S margin, S p, S swap, double weight, double divisor,
                    double& term, S* by_anchor, S* by_positive, S* by_negative) {
        if (weightless(length, weight, term, by_anchor, by_positive, by_negative)) return;
        const auto by = [&]<Norm norm>(std::integral_constant<Norm, norm>) {
            using Apart = Distance<T, norm>;
            const T down = lowering<T>(length, anchor, positive, negative);
            const Apart near(anchor, positive, length, down, T(p)), far(anchor, negative, length, down, T(p));
            const auto nearer = [&](const Apart& across) { return total(across.value()) < total(far.value()); };
            const Apart across = swap > S(0) ? Apart(positive, negative, length, down, T(p)) : far;
            const bool swapped = swap > S(0) && nearer(across);
            const T gap = total(add(add(near.value(), negated((swapped ? across : far).value())), Pair<T>{T(margin) * down, T(0)}));
            term = number(choose(gap <= T(0), T(0), gap / down));
            if (gap <= T(0)) {
                for (S* const gradient : {by_anchor, by_positive, by_negative}) fill(gradient, length, S(0));
                return;
            }
            const Share<T> share(weight, divisor);
            const T factor = choose(gap == gap, share.ratio, gap), rest = share.rest;
            const T of_anchor = swapped ? T(0) : T(1), of_positive = swapped ? T(1) : T(0);
            const S* const from = swapped ? positive : anchor;
            const Apart rival = swapped ? across : far;
#pragma GCC ivdep
            for (Length i = 0; i < length; ++i) {
                const Pair<T> towards = near.slope(T(anchor[i]), T(positive[i])), away = rival.slope(T(from[i]), T(negative[i]));
                by_anchor[i] = S(total(add(towards, scale(away, -of_anchor))) * factor * rest);
                by_positive[i] = S(-total(add(towards, scale(away, of_positive))) * factor * rest);
                by_negative[i] = S(total(away) * factor * rest);
            }
        };
        if (p == S(2)) by(std::integral_constant<Norm, Norm::euclidean>());
        else if (p == S(1)) by(std::integral_constant<Norm, Norm::sum>());
        else by(std::integral_constant<Norm, Norm::any>());
    }
};

// Half the squared distance of a pair of one class; of a pair of two, half the square of what its distance lacks to the margin.
struct Contrastive : Unfilled {
    template <class T, class S>
    static void row(Length length, const S* x, const S* y, S same, S margin, double weight, double divisor, double& term, S* by_x, S* by_y) {
        if (weightless(length, weight, term, by_x, by_y)) return;
        const T down = lowering<T>(length, x, y), up = T(1) / down;
        const Distance<T> apart(x, y, length, down);
        const T low = total(apart.value()), distance = low * up, lack = total(add(Pair<T>{T(margin) * down, T(0)}, negated(apart.value())));
        const T lacking = choose(lack <= T(0), T(0), lack * up), together = T(same), other = T(1) - together;
        const auto part = [](T share, T cost) { return choose(share == T(0), T(0) * choose(cost == cost, T(0), cost), share * cost); };
        term = number(part(together, T(0.5) * distance * distance) + other * (T(0.5) * lacking * lacking));
        const Share<T> share(weight, divisor);
        const T factor = (part(together, low) - other * (lacking * down)) * share.ratio, rest = share.rest * up;
#pragma GCC ivdep
        for (Length i = 0; i < length; ++i) {
            const T slope = total(apart.slope(T(x[i]), T(y[i]))) * factor * rest;
            by_x[i] = S(slope);
            by_y[i] = S(-slope);
        }
    }
};

#define OGIVE_VECTOR_LOSSES(ROW)                                                                                    \
    ROW(cosine_distance, CosineDistance, "1 - cosine, and its gradient")                                            \
    ROW(cosine_proximity, CosineProximity, "-cosine, and its gradient")                                             \
    ROW(cosine_embedding, CosineEmbedding, "t (1 - cosine) + (1 - t) max(0, cosine - margin), and its gradients")    \
    ROW(contrastive, Contrastive, "t d^2 / 2 + (1 - t) max(0, margin - d)^2 / 2 of a distance d, and its gradients") \
    ROW(triplet_margin, TripletMargin, "max(0, distance - distance + margin), and its gradients")

}  // namespace OGIVE_SET
