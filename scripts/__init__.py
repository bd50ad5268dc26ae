"""Commands of the house: the Makefile calls them."""
