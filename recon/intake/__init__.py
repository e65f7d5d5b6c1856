"""Bytes in, statements and findings out. Pure: knows neither the database nor the web."""
