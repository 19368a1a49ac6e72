// The losses of sequences, for one instruction set.
#include "alignment.hpp"

namespace OGIVE_SET {

extern const ogive::Loop sequence_loops[];
const ogive::Loop sequence_loops[] = {sequences<Half>, sequences<float>, sequences<double>, sequences<BFloat16>};

}  // namespace OGIVE_SET
