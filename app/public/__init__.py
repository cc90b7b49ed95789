"""What guests see: the start page, the quick check, registration, the legal pages."""
