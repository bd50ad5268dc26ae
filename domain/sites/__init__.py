"""A building: its hours, purposes, notices, kiosks."""
