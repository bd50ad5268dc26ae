"""One person's stay, from arrival to departure (V1-V14)."""
