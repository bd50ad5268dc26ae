"""Figures counted day by day, and the reports that are due on their dates (R3)."""
