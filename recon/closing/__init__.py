"""Closing a period: figures with their dates, the proof between the sides, and what a document may become."""
