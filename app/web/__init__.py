"""The shell around all pages: gate, forms, headers, problem pages. Knows no feature."""
