"""Looking after an instance: making it, working off what is due, saying what is wrong."""
