"""How fast lotse is, beside the least that any program must do for the same job."""
