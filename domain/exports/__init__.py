"""Exports: what a register shows, as a file that the worker makes (R4); filters that somebody keeps."""
