"""Numbers of runs: rows, tables, folds pooled, comparisons. Computes nothing about images."""
