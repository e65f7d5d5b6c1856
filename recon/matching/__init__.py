"""Frames of lines and a rule set in, matches out. Pure: no database, no web."""
