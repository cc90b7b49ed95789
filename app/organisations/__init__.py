"""Firms: who they are. What a firm answers or owns lies in the features that need it."""
