"""Maps of finished runs on files of galaxies, measured: the scores of `explain` become tables and run records."""
