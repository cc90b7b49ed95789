"""Rules about checks that no room owns: snapshots, reports, what a page says."""
