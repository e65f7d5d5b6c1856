"""Documents on paper: numbers and frames in, HTML and PDF bytes out. No database, no web."""
