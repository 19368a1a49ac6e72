#include "functions.hpp"

#include "evaluate.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_FUNCTIONS(OGIVE_ELEMENTWISE_ROW)};
extern const ogive::Family functions;
const ogive::Family functions = {rows, sizeof(rows) / sizeof(*rows), false};

}  // namespace OGIVE_SET
