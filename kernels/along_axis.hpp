// The loop over the rows of every function along an axis, for each storage.
#pragma once

#include <atomic>

#include "loops.hpp"
#include "places.hpp"
#include "rows.hpp"
#include "short_rows.hpp"

namespace OGIVE_SET {

// Rows up to this length are copied and filled up to whole lanes, where a remainder would be computed number by number.
constexpr Size longest_filled = 256;

inline Size up_to_lanes(Size length) { return (length + lanes - 1) / lanes * lanes; }

template <class Stored> class RowLoop {
    using T = typename Computed<Stored>::Type;
    static constexpr bool floats = sizeof(T) == sizeof(float), as_computed = sizeof(Stored) == sizeof(T);

    const RowFunction& function;
    const int inputs = function.inputs, all = inputs + function.outputs, every = all + function.unasked;
    const Size rows, length;
    const bool swift = floats && function.along, unfilled = function.padding != function.padding;
    const bool fill_up = !swift && !unfilled && length <= longest_filled && length % lanes != 0;
    Place places[ogive::most_row_arguments];
    Memory aside[ogive::most_row_arguments];
    Size needed = 0;

public:
    RowLoop(const RowFunction& function, char** arguments, const Size* sizes, const Size* strides)
        : function(function), rows(sizes[0]), length(sizes[1]) {
        for (int k = 0, next = all; k < all; ++k) {
            const bool vector = function.arguments[k] == ogive::row_argument, stored = vector || function.arguments[k] == ogive::scalar_argument;
            const Size width = stored ? sizeof(Stored) : sizeof(double), stride = vector ? strides[next++] : width;
            const bool direct = !stored || (as_computed && stride == width && !(vector && fill_up));
            places[k] = {arguments[k], strides[k], stride, vector ? length : 1, width, direct};
        }
        for (int k = all; k < every; ++k)
            places[k] = {nullptr, 0, sizeof(T), function.arguments[k] == ogive::row_argument ? length : 1, sizeof(T), false};
    }

    // False where there is no memory for it.
    bool run() {
        if (rows == 0) return true;
        if (!keep_inputs()) return false;
        part_outputs();
        const Size work = rows * length;
        if constexpr (floats) {
            if (swift && length <= function.longest_across) {
                in_parallel(rows, lanes, work, [&](Size begin, Size end) { ShortRows<Stored>(function, places, length).run(begin, end); });
                return true;
            }
        }
        for (int k = 0; k < every; ++k) needed += places[k].direct ? 0 : up_to_lanes(places[k].length);
        std::atomic<bool> failed = false;
        in_parallel(rows, 1, swift ? work : work_of_rows * work, [&](Size begin, Size end) {
            if (!one_by_one(begin, end)) failed = true;
        });
        return !failed;
    }

private:
    bool is_stored(int k) const {
        return function.arguments[k] == ogive::row_argument || function.arguments[k] == ogive::scalar_argument;
    }

    // An input in the very place of an output is copied row by row; one that overlaps it otherwise, as a whole.
    bool keep_inputs() {
        for (int k = 0; k < inputs; ++k) {
            for (int output = inputs; output < all; ++output) {
                if (places[k].same_as(places[output])) {
                    places[k].direct &= !is_stored(k);
                } else if (places[k].length > 0 && places[output].length > 0 &&
                           Extent(places[k], rows).overlaps(Extent(places[output], rows))) {
                    aside[k] = set_aside(places[k], rows);
                    if (!aside[k]) return false;
                }
            }
        }
        return true;
    }

    // Functions keep in an output what they need for it, so those that lie over each other are written when a row is done.
    void part_outputs() {
        bool meet = false;
        for (int k = inputs; k < all; ++k)
            for (int other = k + 1; other < all; ++other)
                meet |= places[k].length > 0 && places[other].length > 0 &&
                        Extent(places[k], rows).overlaps(Extent(places[other], rows));
        for (int k = inputs; meet && k < all; ++k)
            places[k].direct &= !is_stored(k);
    }

    bool one_by_one(Size begin, Size end) const {
        constexpr Size small = 4096;
        alignas(64) T near[small];
        const Memory far = memory(needed > small ? needed * sizeof(T) : 0);
        if (needed > small && !far) return false;
        T* scratch = needed > small ? static_cast<T*>(far.get()) : near;
        T* buffers[ogive::most_row_arguments];
        for (int k = 0; k < every; ++k) {
            buffers[k] = scratch;
            if (places[k].direct) continue;
            scratch += up_to_lanes(places[k].length);
            std::fill(buffers[k] + places[k].length, scratch, T(k == 0 ? function.padding : 0.0));
        }
        for (Size row = begin; row < end; ++row) {
            void *vectors[ogive::most_row_arguments], *asked[ogive::most_row_arguments];
            std::int64_t index;
            double terms[ogive::most_row_arguments];
            for (int k = 0; k < every; ++k) {
                const Place& place = places[k];
                vectors[k] = place.direct ? place.row(row) : reinterpret_cast<char*>(buffers[k]);
                if (k >= inputs && k < all && !is_stored(k)) vectors[k] = &terms[k];  // a weight may lie in its place, to be read again
                if (!place.direct && k < inputs) load<Stored>(place.row(row), place.between_elements, buffers[k], place.length);
                if (function.arguments[k] == ogive::index_argument) {
                    index = *static_cast<const std::int64_t*>(vectors[k]);
                    if (index >= length) index = -1;  // what fills a row up is not part of it
                    vectors[k] = &index;
                }
                asked[k] = k < all ? vectors[k] : nullptr;
            }
            if (!swift || function.along(asked, length)) evaluate(vectors);
            for (int k = inputs; k < all; ++k) {
                if (!places[k].direct) store<Stored>(buffers[k], places[k].row(row), places[k].between_elements, places[k].length);
                else if (!is_stored(k)) *reinterpret_cast<double*>(places[k].row(row)) = terms[k];
            }
        }
        return true;
    }

    void evaluate(void* const* vectors) const {
        const ogive::RowEvaluator run = floats ? function.of_floats : function.of_doubles;
        run(vectors, fill_up ? up_to_lanes(length) : length);
    }
};

template <class Stored> void along_axis(char** arguments, const Size* sizes, const Size* strides, void* data) {
    const QuietFlags quiet;
    if (!RowLoop<Stored>(*static_cast<const RowFunction*>(data), arguments, sizes, strides).run()) ogive::out_of_memory();
}

}  // namespace OGIVE_SET
