"""Other systems' matching scenarios: their rules in our language, their rows run, their results compared."""
