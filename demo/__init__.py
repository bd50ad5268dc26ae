"""The demo building 青屿中心: made by `flask demo` in an empty database, and never in a real one.

It stands above the house (it imports domain and web, nothing imports it) and is asked for by name: FOYER_DEMO=1.
"""
