"""camt.053 and camt.054: the parts of a statement, by local name, whatever the version and the namespace."""
