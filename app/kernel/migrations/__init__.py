"""The one linear history of the schema; never edited after a release."""
