// What a struct's `both` gives: value and slope, computed together because they share work.
#pragma once

namespace OGIVE_SET {

template <class T> struct Results {
    T value, slope;
};

template <class T> inline Results<T> choose(bool condition, Results<T> a, Results<T> b) {
    return {condition ? a.value : b.value, condition ? a.slope : b.slope};
}

}  // namespace OGIVE_SET
