// The loop that drives every elementwise function. Whatever the strides and the storage, the same contiguous evaluation does
// the arithmetic: what is not contiguous passes through a buffer that stays in the first-level cache.
#pragma once

#include <numeric>

#include "loops.hpp"

namespace OGIVE_SET {

// Any count: what does not fill a pair of groups is padded with its last element.
template <class T> void evaluate(const Evaluation& function, const Input<T>* in, T* first, T* second, Size count) {
    const auto run = [&] {
        if constexpr (std::same_as<T, float>) return function.in_float;
        else return function.in_double;
    }();
    const Size pairs = count / pair_of_groups<T>, done = pairs * pair_of_groups<T>, rest = count - done;
    if (pairs > 0) run(in, first, second, pairs);
    if (rest == 0) return;
    alignas(64) T padded[ogive::most_arguments][pair_of_groups<T>], results[2][pair_of_groups<T>];
    Input<T> from[ogive::most_arguments];
    for (int k = 0; k < function.inputs; ++k) {
        for (Size i = 0; i < pair_of_groups<T>; ++i) padded[k][i] = in[k].pair(pairs)[i < rest ? i : rest - 1];
        from[k].start = padded[k];
    }
    run(from, results[0], results[1], 1);
    for (Size i = 0; i < rest; ++i) first[done + i] = results[0][i];
    for (Size i = 0; i < rest && function.outputs == 2; ++i) second[done + i] = results[1][i];
}

// One argument of a loop: where it starts, and the step from each element to the next in bytes.
template <class Stored> struct Operand {
    using T = typename Computed<Stored>::Type;
    static constexpr Size size = sizeof(Stored);

    char* start;
    Size stride;
    bool direct = false, constant = false;  // read or written where it lies; one number for all elements

    bool apart_from(const Operand& other, Size count) const {
        const auto low = [&](const Operand& x) { return x.start + std::min<Size>(0, (count - 1) * x.stride); };
        const auto high = [&](const Operand& x) { return x.start + std::max<Size>(0, (count - 1) * x.stride) + size; };
        if (high(*this) <= low(other) || high(other) <= low(*this)) return true;
        const Size step = std::gcd(stride, other.stride);
        if (step == 0) return false;
        const Size gap = ((start - other.start) % step + step) % step;  // columns of one array lie between each other
        return gap >= size && gap <= step - size;
    }
    bool same_as(const Operand& other) const {
        return start == other.start && stride == other.stride && (stride >= size || stride <= -size);
    }
    bool ahead_of(const Operand& other) const {
        const Size lead = start - other.start;
        return (other.stride >= size && stride >= other.stride && lead >= 0) ||
               (other.stride <= -size && stride <= other.stride && lead <= 0);
    }

    const T* read(Size from, Size count, T* buffer) const {
        if (direct) return reinterpret_cast<const T*>(start + from * stride);
        load<Stored>(start + from * stride, stride, buffer, count);
        return buffer;
    }
    void write(Size from, Size count, const T* buffer) const {
        if (!direct) store<Stored>(buffer, start + from * stride, stride, count);
    }
};

// NumPy takes a loop to go from one element to the next. Where an output lies over an input this still has to be so.
enum class Order {
    any,        // they are apart, or the same array: an element is read by itself alone
    in_blocks,  // the input runs ahead: an element is written after it is read
    one_by_one  // what is written is read again, as in ufunc.accumulate and ufunc.reduce
};

template <class Stored> Order arrange(Operand<Stored>* operands, int inputs, int all, Size count) {
    using T = typename Computed<Stored>::Type;
    Order order = Order::any;
    for (int k = 0; k < all; ++k) {
        bool apart = true;
        for (int output = inputs; output < all; ++output) {
            if (output == k || operands[k].apart_from(operands[output], count)) continue;
            apart = false;
            if (count > 1 && !operands[k].same_as(operands[output]))
                order = std::max(order, operands[k].ahead_of(operands[output]) ? Order::in_blocks : Order::one_by_one);
        }
        operands[k].direct = apart && sizeof(Stored) == sizeof(T) && operands[k].stride == Size(sizeof(T));
        operands[k].constant = apart && operands[k].stride == 0;
    }
    return order;
}

// The elements before the next cache line, so that all stores after these are aligned; else as many as may be.
template <class T> Size up_to_line(const T* place, Size most) {
    const Size beyond = reinterpret_cast<std::uintptr_t>(place) % 64;
    return beyond == 0 ? most : std::min<Size>(most, (64 - beyond) / sizeof(T));
}

template <class Stored> void elementwise(char** arguments, const Size* sizes, const Size* strides, void* data) {
    using T = typename Computed<Stored>::Type;
    const QuietFlags quiet;
    const Evaluation& function = *static_cast<const Evaluation*>(data);
    const int inputs = function.inputs, all = inputs + function.outputs;
    Operand<Stored> operands[ogive::most_arguments];
    for (int k = 0; k < all; ++k) operands[k] = {arguments[k], strides[k]};
    const Order order = arrange(operands, inputs, all, sizes[0]);
    const bool contiguous = std::all_of(operands, operands + all, [](const auto& x) { return x.direct || x.constant; });
    const Size most = contiguous ? sizes[0] : order == Order::one_by_one ? 1 : block;
    const auto body = [=, &function, &operands](Size begin, Size end) {
        alignas(64) T buffers[ogive::most_arguments][block];
        Input<T> in[ogive::most_arguments];
        T* out[2] = {};
        for (int k = 0; k < inputs; ++k)
            if (operands[k].constant) in[k] = {operands[k].read(0, pair_of_groups<T>, buffers[k]), 0};
        Size count = 0;
        for (Size start = begin; start < end; start += count) {
            count = std::min(most, end - start);
            for (int k = inputs; k < all; ++k) {
                const auto place = reinterpret_cast<T*>(operands[k].start + start * operands[k].stride);
                out[k - inputs] = operands[k].direct ? place : buffers[k];
            }
            if (operands[inputs].direct) count = up_to_line(out[0], count);
            for (int k = 0; k < inputs; ++k)
                if (!operands[k].constant) in[k].start = operands[k].read(start, count, buffers[k]);
            evaluate<T>(function, in, out[0], out[1], count);
            for (int k = inputs; k < all; ++k) operands[k].write(start, count, buffers[k]);
        }
    };
    const Size work = sizes[0] * (sizeof(T) == sizeof(float) ? function.float_work : function.double_work) / 4;
    if (order == Order::any) in_parallel(sizes[0], block, work, body);
    else body(0, sizes[0]);
}

}  // namespace OGIVE_SET
