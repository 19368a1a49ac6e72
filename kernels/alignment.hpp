// Connectionist temporal classification: all alignments of labels with the frames of a sequence, in logarithms (A. Graves et al.,
// Connectionist temporal classification, ICML 2006, section 4.1). Between two frames the state is: in front of label j, or behind the
// last, the paths that end in a blank, blanks[j], and those that end in label j, labelled[j]. Logarithms are relative to the largest
// of their frame: so they are small where they matter, and no digits are lost to the length of the sequence. What a frame emits is
// relative to the largest of what paths go through, which other classes may be far above.
#pragma once

#include <atomic>

#include "loops.hpp"
#include "places.hpp"
#include "rows.hpp"
#include "softmax.hpp"

namespace OGIVE_SET {

// The exponential of what is 0 or less.
template <class T> inline Pair<T> power_of(T x) {
    return choose(x < T(Format<T>::exp_bottom), Pair<T>{T(0), T(0)}, value_of(exp(at_least(x, T(Format<T>::exp_bottom)))));
}

// log(e^a + e^b), for -inf too.
template <class T> inline T log_added(T a, T b) {
    const T larger = choose(b > a, b, a), smaller = choose(b > a, a, b), shift = choose(larger > -T(Format<T>::infinity), larger, T(0));
    return larger + total(log1p(power_of(smaller - shift)));
}

template <class T> inline T log_added(T a, T b, T c) {
    const T larger = choose(b > a, b, a), smaller = choose(b > a, a, b);
    const T largest = choose(c > larger, c, larger), between = choose(c > larger, larger, c);
    const T shift = choose(largest > -T(Format<T>::infinity), largest, T(0));
    return largest + total(log1p(add(power_of(between - shift), power_of(smaller - shift))));
}

// One sequence after the other, in memory that serves for all of them. T is what is computed in.
template <class T> class Alignment {
    static constexpr double none = -__builtin_inf();
    const Length classes, width;  // of a state: one before the first label, and one behind the last
    const Memory kept;
    double *const logs, *const emitted, *const blanks, *const labelled, *const skips, *const after, *const shares, *const of_blank, *const tops;
    Length frames = 0, count = 0, blank = 0;
    const std::int64_t* labels = nullptr;
    bool possible = false;

public:
    Alignment(Length most_frames, Length classes, Length most_labels)
        : classes(classes), width(most_labels + 2),
          kept(memory(Size(sizeof(double)) * ((most_frames * (classes + 3 * width + 2) + 7 * width + classes)))),
          logs(static_cast<double*>(kept.get())), emitted(logs + most_frames * classes), blanks(emitted + most_frames * width),
          labelled(blanks + (most_frames + 1) * width), skips(labelled + (most_frames + 1) * width), after(skips + width),
          shares(after + 4 * width), of_blank(shares + classes), tops(of_blank + most_frames) {}

    explicit operator bool() const { return kept != nullptr; }

    // The place for the log-probabilities, or the logits, of a frame.
    double* frame(Length t) const { return logs + t * classes; }

    void set(Length length, const std::int64_t* numbers, Length how_many, Length blank_class) {
        frames = length, labels = numbers, count = how_many, blank = blank_class;
    }

    // Keeps what a frame emits, times `down`, and gives the class of the largest; then takes the logarithm of the probability of that.
    Length emit(Length t, double down) {
        const double* const x = frame(t);
        Length top = blank;
        for (Length j = 0; j < count; ++j) top = x[labels[j]] > x[top] ? Length(labels[j]) : top;
        const double shift = x[top] > none ? x[top] : 0.0;
        const auto relative = [=](Length c) { return x[c] == shift ? 0.0 : x[c] * down - shift * down; };
        for (Length j = 0; j < count; ++j) emitted[t * width + j] = relative(labels[j]);
        of_blank[t] = relative(blank);
        return top;
    }
    void lift(Length t, double top) { tops[t] = top; }

    // Whether there is an alignment at all, whatever its probability.
    bool any() const { return possible; }

    // The logarithm of the probability of all alignments, from what the frames emit.
    double total_of(double down) {
        for (Length j = 0; j < width; ++j) skips[j] = j > 0 && j < count && labels[j] != labels[j - 1] ? 0.0 : none;
        fill(blanks, width, none);
        fill(labelled, width, none);
        blanks[0] = 0.0;
        Pair<T> offset = {T(0), T(0)};
        possible = false;
        for (Length t = 0; t < frames; ++t) {
            const double top = forward(t);
            if (top == none) return none;
            offset = add(offset, exact_sum(T(top / down), T(tops[t])));
        }
        const double *b = blanks + frames * width, *l = labelled + frames * width + 1;
        const T last = log_added(T(b[count]), T(count > 0 ? l[count - 1] : none));
        possible = last > T(none);
        const T found = total(add(offset, Pair<T>{last / T(down), T(0)}));
        return possible && found == found ? number(found) : none;
    }

    // The share of the alignments that pass through each class, frame by frame from the last to the first.
    template <class Give> void shares_of_frames(const Give& give) {
        double *b = after, *l = after + width, *next_b = l + width, *next_l = next_b + width;
        fill(after, 4 * width, none);
        b[count] = 0.0;
        if (count > 0) l[count - 1] = 0.0;
        for (Length t = frames - 1; t >= 0; --t) {
            share_of_frame(t, b, l);
            give(t, shares);
            backward(t, b, l, next_b, next_l);
            std::swap(b, next_b);
            std::swap(l, next_l);
        }
    }

private:
    // The state after frame t, and the logarithm of what it was divided by.
    double forward(Length t) {
        const double *b = blanks + t * width, *l = labelled + t * width + 1, *emits = emitted + t * width;
        double *const next_b = blanks + (t + 1) * width, *const next_l = labelled + (t + 1) * width + 1;
        const T emits_blank = T(of_blank[t]);
        next_l[-1] = none;
#pragma GCC ivdep
        for (Length j = 0; j < count; ++j) next_l[j] = number(log_added(T(l[j]), T(b[j]), T(l[j - 1] + skips[j])) + T(emits[j]));
#pragma GCC ivdep
        for (Length j = 0; j <= count; ++j) next_b[j] = number(log_added(T(b[j]), T(l[j - 1])) + emits_blank);
        return normalised_state(next_b, next_l);
    }

    // What the frames from t on emit on the way to the end, from what those after t do.
    void backward(Length t, double* b, double* l, double* next_b, double* next_l) const {
        const double* const emits = emitted + t * width;
        for (Length j = 0; j <= count; ++j) b[j] += of_blank[t];
        for (Length j = 0; j < count; ++j) l[j] += emits[j];
        l[count] = none;
#pragma GCC ivdep
        for (Length j = 0; j <= count; ++j) next_b[j] = number(log_added(T(b[j]), T(l[j])));
#pragma GCC ivdep
        for (Length j = 0; j < count; ++j) next_l[j] = number(log_added(T(l[j]), T(b[j + 1]), T(l[j + 1] + skips[j + 1])));
        normalised_state(next_b, next_l);
    }

    double normalised_state(double* b, double* l) const {
        const double top = std::max(largest(b, count + 1), largest(l, count)), shift = top > none ? top : 0.0;
        for (Length j = 0; j <= count; ++j) b[j] -= shift;
        for (Length j = 0; j < count; ++j) l[j] -= shift;
        return top;
    }

    void share_of_frame(Length t, const double* b, const double* l) {
        double *const through_b = blanks + (t + 1) * width, *const through_l = labelled + (t + 1) * width + 1;  // no longer needed
        for (Length j = 0; j <= count; ++j) through_b[j] += b[j];
        for (Length j = 0; j < count; ++j) through_l[j] += l[j];
        normalised_state(through_b, through_l);
#pragma GCC ivdep
        for (Length j = 0; j <= count; ++j) through_b[j] = number(total(power_of(T(through_b[j]))));
#pragma GCC ivdep
        for (Length j = 0; j < count; ++j) through_l[j] = number(total(power_of(T(through_l[j]))));
        double in_blank = 0.0, in_label = 0.0;
        for (Length j = 0; j <= count; ++j) in_blank += through_b[j];
        for (Length j = 0; j < count; ++j) in_label += through_l[j];
        const double all = in_blank + in_label;  // the same for every frame, but for rounding: the shares of a frame sum to 1
        fill(shares, classes, 0.0);
        shares[blank] = in_blank / all;
        for (Length j = 0; j < count; ++j) shares[labels[j]] += through_l[j] / all;
    }
};

// NumPy's arguments of a loss of sequences: frames, labels, how many of both count, blank, whether what is impossible costs
// nothing, weight, divisor -> term and gradient.
template <class Stored> class Sequences {
    using S = typename Computed<Stored>::Type;
    using T = RowArithmetic<S>;
    static constexpr Size outer = 10;  // steps from one sequence to the next, those of the outputs among them

    char** const arguments;
    const Size *const sizes, *const strides, *const inner;
    const bool of_logits, graded;

public:
    Sequences(char** arguments, const Size* sizes, const Size* strides, const ogive::SequenceFunction& function)
        : arguments(arguments), sizes(sizes), strides(strides), inner(strides + outer - !function.graded), of_logits(function.of_logits),
          graded(function.graded) {}

    // False where there is no memory for it.
    bool run() const {
        std::atomic<bool> failed = false;
        const Size work = sizes[1] * (4 * sizes[2] + 32 * (sizes[3] + 1));
        in_parallel(sizes[0], 1, sizes[0] * work, [&](Size begin, Size end) {
            Alignment<T> alignment(sizes[1], sizes[2], sizes[3]);
            const Memory rows = memory((sizes[2] + 1) * Size(sizeof(S)) + (sizes[3] + 1) * Size(sizeof(std::int64_t)));
            if (!alignment || !rows) failed = true;
            else
                for (Size item = begin; item < end; ++item) one(item, alignment, static_cast<std::int64_t*>(rows.get()));
        });
        return !failed;
    }

private:
    char* place(int argument, Size item) const { return arguments[argument] + item * strides[argument]; }
    template <class Number> Number at(int argument, Size item) const { return *reinterpret_cast<const Number*>(place(argument, item)); }

    void one(Size item, Alignment<T>& alignment, std::int64_t* labels) const {
        S* const row = reinterpret_cast<S*>(labels + sizes[3] + 1);
        const Size most = sizes[1], classes = sizes[2], frames = at<std::int64_t>(2, item), count = at<std::int64_t>(3, item);
        const double blank = at<double>(4, item), weight = at<double>(6, item);
        double& term = *reinterpret_cast<double*>(place(8, item));
        const bool counts = weight != 0.0;
        bool known = frames >= 0 && frames <= most && count >= 0 && count <= sizes[3] && blank >= 0.0 && blank < double(classes);
        for (Size j = 0; known && j < count; ++j) {
            labels[j] = *reinterpret_cast<const std::int64_t*>(place(1, item) + j * inner[2]);
            known = labels[j] >= 0 && labels[j] < classes;
        }
        if (!counts || !known) {
            term = counts ? __builtin_nan("") : 0.0;
            for (Size t = 0; graded && t < most; ++t) give(item, t, row, [&](Size) { return counts ? __builtin_nan("") : 0.0; });
            return;
        }
        alignment.set(frames, labels, count, Size(blank));
        const auto attempt = [&](double down) {
            double missing = 0.0;
            for (Size t = 0; t < frames; ++t) missing += read(item, t, alignment, row, labels, count, Size(blank), down);
            return missing == missing ? alignment.total_of(down) : missing;
        };
        double found = attempt(1.0);
        if (found == -__builtin_inf() && !alignment.any()) found = attempt(0x1p-40);  // what is emitted may be beyond the largest number
        const bool impossible = found == -__builtin_inf() && !alignment.any();
        term = impossible && at<double>(5, item) > 0.0 ? 0.0 : -found;
        if (!graded) return;
        for (Size t = impossible ? 0 : frames; t < most; ++t) give(item, t, row, [](Size) { return 0.0; });
        if (impossible) return;
        if (found != found) {
            for (Size t = 0; t < frames; ++t) give(item, t, row, [=](Size) { return found; });
            return;
        }
        const Share<T> share(weight, at<double>(7, item));
        alignment.shares_of_frames([&](Size t, const double* shares) {
            const double* const logs = alignment.frame(t);
            if (of_logits) give(item, t, row, [=](Size i) { return number(share.of(total(power_of(T(logs[i]))) - T(shares[i]))); });
            else give(item, t, row, [=](Size i) { return number(share.of(-T(shares[i]))); });
        });
    }

    // The log-probabilities of a frame; gives NaN if one that is read is NaN.
    double read(Size item, Size t, Alignment<T>& alignment, S* row, const std::int64_t* labels, Size count, Size blank, double down) const {
        const Size classes = sizes[2];
        double* const logs = alignment.frame(t);
        load<Stored>(place(0, item) + t * inner[0], inner[1], row, classes);
        std::copy(row, row + classes, logs);
        const Size top = alignment.emit(t, down);
        if (of_logits) LogSoftmax::row<T, double>(classes, logs, logs);
        alignment.lift(t, logs[top]);
        double missing = logs[blank] == logs[blank] ? 0.0 : logs[blank];
        for (Size j = 0; j < count; ++j) missing += logs[labels[j]] == logs[labels[j]] ? 0.0 : logs[labels[j]];
        return missing;
    }

    template <class Slope> void give(Size item, Size t, S* row, const Slope& slope) const {
        for (Size i = 0; i < sizes[2]; ++i) row[i] = static_cast<S>(slope(i));
        store<Stored>(row, place(9, item) + t * inner[3], inner[4], sizes[2]);
    }
};

template <class Stored> void sequences(char** arguments, const Size* sizes, const Size* strides, void* data) {
    const QuietFlags quiet;
    if (!Sequences<Stored>(arguments, sizes, strides, *static_cast<const ogive::SequenceFunction*>(data)).run()) ogive::out_of_memory();
}

}  // namespace OGIVE_SET
