#include "activations.hpp"

#include "evaluate.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_ACTIVATIONS(OGIVE_ELEMENTWISE_ROW)};
extern const ogive::Family activations;
const ogive::Family activations = {rows, sizeof(rows) / sizeof(*rows), false};

}  // namespace OGIVE_SET
