// What a struct's `both` gives: value and slope, computed together because they share work.
#pragma once

namespace OGIVE_SET {

template <class T> struct Results {
    T value, slope;
};

}  // namespace OGIVE_SET
