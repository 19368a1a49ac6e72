"""What goes on in small networks, as numbers: NumPy, ogive's values and slopes, and seeds; the same numbers each time."""
