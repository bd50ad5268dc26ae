"""The desk of the domain's tests, with people signed in around it."""

from tests.domain.review.conftest import Desk, desk

__all__ = ["Desk", "desk"]
