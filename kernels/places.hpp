// Where the arguments of a function along an axis lie, and whether they lie over each other.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>

#include "table.hpp"

namespace OGIVE_SET {

using ogive::Size;

struct Release {
    void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<void, Release>;

inline Memory memory(Size bytes) { return Memory(std::malloc(static_cast<std::size_t>(bytes))); }

// Where an argument lies: rows of `length` elements of `width` bytes.
struct Place {
    char* start;
    Size between_rows, between_elements, length, width;
    bool direct;  // can be computed from, or into, where it lies

    char* row(Size index) const { return start + index * between_rows; }
    bool same_as(const Place& other) const {
        return start == other.start && between_rows == other.between_rows && width == other.width &&
               between_elements == other.between_elements && length == other.length;
    }
};

// The first byte and the one after the last.
struct Extent {
    const char *low, *high;

    Extent(const Place& place, Size rows) : low(place.start), high(place.start + place.width) {
        for (const Size reach : {(rows - 1) * place.between_rows, (place.length - 1) * place.between_elements})
            (reach < 0 ? low : high) += reach;
    }
    bool overlaps(const Extent& other) const { return low < other.high && other.low < high; }
};

// Moves an input out of the way of the outputs; the memory that it then lies in, null where there is none.
inline Memory set_aside(Place& place, Size rows) {
    Memory copy = memory(rows * place.length * place.width);
    char* to = static_cast<char*>(copy.get());
    for (Size row = 0; to && row < rows; ++row)
        for (Size i = 0; i < place.length; ++i, to += place.width)
            std::memcpy(to, place.row(row) + i * place.between_elements, place.width);
    place.start = static_cast<char*>(copy.get());
    place.between_rows = place.length * place.width;
    place.between_elements = place.width;
    return copy;
}

}  // namespace OGIVE_SET
