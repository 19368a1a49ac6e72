// Wide: double arithmetic for results that will be rounded to float. It has 29 bits to spare, so nothing in it
// needs a low part: Zero stands there, and the compiler removes it.
#pragma once

namespace OGIVE_SET {

// One rounding where the processor has it. The choice is made by the instruction set, never by the optimiser,
// so a vector body and its scalar remainder give the same bits.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define OGIVE_FUSED
constexpr bool fused = true;
inline float mul_add(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double mul_add(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
constexpr bool fused = false;
inline float mul_add(float a, float b, float c) { return a * b + c; }
inline double mul_add(double a, double b, double c) { return a * b + c; }
#endif

struct Wide {
    double number;

    constexpr Wide(double value = 0.0) : number(value) {}
    constexpr explicit operator float() const { return static_cast<float>(number); }
    constexpr explicit operator double() const { return number; }
};

inline double number(double x) { return x; }
inline double number(Wide x) { return x.number; }

constexpr Wide operator+(Wide a, Wide b) { return a.number + b.number; }
constexpr Wide operator-(Wide a, Wide b) { return a.number - b.number; }
constexpr Wide operator*(Wide a, Wide b) { return a.number * b.number; }
constexpr Wide operator/(Wide a, Wide b) { return a.number / b.number; }
constexpr Wide operator-(Wide a) { return -a.number; }
constexpr bool operator<(Wide a, Wide b) { return a.number < b.number; }
constexpr bool operator>(Wide a, Wide b) { return a.number > b.number; }
constexpr bool operator<=(Wide a, Wide b) { return a.number <= b.number; }
constexpr bool operator>=(Wide a, Wide b) { return a.number >= b.number; }
constexpr bool operator==(Wide a, Wide b) { return a.number == b.number; }
constexpr bool operator!=(Wide a, Wide b) { return a.number != b.number; }
inline Wide mul_add(Wide a, Wide b, Wide c) { return mul_add(a.number, b.number, c.number); }

struct Zero {
    constexpr Zero() = default;
    constexpr Zero(Wide) {}
    constexpr Zero(double) {}
};

constexpr Zero operator-(Zero) { return {}; }
constexpr Zero operator+(Zero, Zero) { return {}; }
constexpr Zero operator-(Zero, Zero) { return {}; }
constexpr Wide operator+(Wide a, Zero) { return a; }
constexpr Wide operator+(Zero, Wide b) { return b; }
constexpr Zero operator*(Zero, Wide) { return {}; }
constexpr Zero operator*(Wide, Zero) { return {}; }
constexpr Zero mul_add(Zero, Wide, Zero) { return {}; }
constexpr Zero mul_add(Wide, Zero, Zero) { return {}; }
constexpr Wide mul_add(Wide, Zero, Wide c) { return c; }
constexpr Wide mul_add(Wide a, Wide b, Zero) { return a * b; }

}  // namespace OGIVE_SET
