"""Units of the building and the hosts in them (V3, V4)."""
