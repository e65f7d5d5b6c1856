"""One file a format, each with `FORMAT`, `sniff(head, name) -> bool` and `read(stream, name) -> Reading`.

`stream` is a binary file at its beginning; the reader reads it once, from start to end. What is wrong with a file
either stops the reading (`recon.errors.Unreadable`, one sentence) or is a `Finding` of the `Reading`.
"""
