"""HTML to PDF: frozen values in, bytes out."""
