"""Numbers from arrays: accuracy, calibration, conformal sets, novelty, paired tests. Knows no run."""
