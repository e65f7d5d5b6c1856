"""The demo company's books: made by code from a seed, no real people. Knows nothing of the database."""
