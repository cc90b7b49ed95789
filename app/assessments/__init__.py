"""Checks that a firm works through: answers, result, report."""
