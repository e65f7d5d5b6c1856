"""Account reconciliation: readers, matching, closing, reports, and the edges that serve them."""

__version__ = "0.1.0"
