"""Bringing notices to their readers: the rounds, and the carriers that know mail and chat."""
