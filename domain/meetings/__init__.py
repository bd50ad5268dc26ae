"""Meeting rooms and their reservations (M1, M2, M7, M9)."""
