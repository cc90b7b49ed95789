"""The service: pages, commands and database around the pure rooms."""
