"""Review: registers are read, commented, corrected on demand and signed; what was signed is sealed (R1, R2)."""
