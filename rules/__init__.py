"""The rule language: what a rule set says, and every way of reading it."""
