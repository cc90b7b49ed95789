"""Persons: who they are, how they sign in, and the firms they belong to."""
