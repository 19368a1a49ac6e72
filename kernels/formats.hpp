// float16 and bfloat16: stored in two bytes, computed in float, rounded once to the nearest (ties to even).
#pragma once

#include "maths.hpp"

namespace OGIVE_SET {

struct Half {
    unsigned short bits;
};

struct BFloat16 {
    unsigned short bits;
};

template <class Stored> struct Computed {
    using Type = float;
};
template <> struct Computed<double> {
    using Type = double;
};

inline float widen(float x) { return x; }
inline double widen(double x) { return x; }

inline float widen(BFloat16 x) { return from_bits<float>(static_cast<int>(static_cast<unsigned>(x.bits) << 16)); }

// Shifted into place, the exponent is 112 too small; the product also normalises subnormals.
inline float widen(Half x) {
    const int size = (x.bits & 0x7fff) << 13, sign = (x.bits & 0x8000) << 16;
    const int finite = to_bits(from_bits<float>(size) * 0x1p112f);
    return from_bits<float>((size >= 0x0f800000 ? size | 0x7f800000 : finite) | sign);
}

inline void narrow(float x, float& out) { out = x; }
inline void narrow(double x, double& out) { out = x; }

inline void narrow(float x, BFloat16& out) {
    const unsigned bits = static_cast<unsigned>(to_bits(x));
    const unsigned rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    out.bits = static_cast<unsigned short>(x == x ? rounded : (bits >> 16) | 0x40);
}

// Normal results round by adding to the bits; subnormal ones by adding 1/2, whose last place is theirs.
inline void narrow(float x, Half& out) {
    const int bits = to_bits(x), size = bits & 0x7fffffff, sign = (bits >> 16) & 0x8000;
    const int normal = (size - (112 << 23) + 0xfff + ((size >> 13) & 1)) >> 13;
    const int subnormal = to_bits(from_bits<float>(size) + 0.5f) - 0x3f000000;
    const int finite = size < 0x38800000 ? subnormal : normal;
    const int limited = size >= 0x477ff000 ? 0x7c00 : finite;
    out.bits = static_cast<unsigned short>((size > 0x7f800000 ? 0x7e00 : limited) | sign);
}

}  // namespace OGIVE_SET
