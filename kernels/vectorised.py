"""Name every kernel loop that the compiler did not turn into vectors: `python kernels/vectorised.py build/*/kernels_avx2.dir/kernels/*.o`.

A loop that vectorised has no scalar floating-point instruction left, for groups fill whole vectors; but for one or two beside the loop, of
what is the same for all numbers.
"""

from __future__ import annotations

import re
import subprocess
import sys

SYMBOL = re.compile(r"^[0-9a-f]+ <(?P<name>.*)>:$")
LOOP = re.compile(r"(?:Groups|OnePass)<(?P<loop>.*), std::integer_sequence.*::(?:evaluate|add)\(")
# vmulsd, vfmadd213ss, cvtss2sd, … but not moves, broadcasts and integers (vpminsd)
SCALAR = re.compile(r"\s(?!v?(?:mov|broadcast|p))[a-z0-9]+s[sd]\s")


def scalar_instructions(objects: list[str]) -> dict[str, int]:
    """For every loop, how many scalar floating-point instructions it has."""
    command = ["objdump", "-dC", "--no-show-raw-insn", *objects]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    counts: dict[str, int] = {}
    current = None
    for line in lines:
        if symbol := SYMBOL.match(line):
            loop = LOOP.search(symbol["name"])
            current = loop and loop["loop"]
            if current:
                counts.setdefault(current, 0)
        elif current and SCALAR.search(line):
            counts[current] += 1
    return counts


if __name__ == "__main__":
    counts = scalar_instructions(sys.argv[1:])
    scalar = {name: count for name, count in counts.items() if count > 2}
    for name, count in scalar.items():
        print(f"not vectorised: {name} ({count} scalar instructions)")
    print(f"{len(counts) - len(scalar)} of {len(counts)} loops are vectors")
    sys.exit(not counts or bool(scalar))
