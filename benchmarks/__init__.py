"""Speed and size, measured: `make bench` (docs/measurements.md has what came out)."""
