"""Account reconciliation: readers, matching, closing, reports, and the edges that serve them."""
