"""Training: one run, a sweep of runs, pre-training of a source."""
