"""Programs for those who work on lotse; the product imports none of them."""
