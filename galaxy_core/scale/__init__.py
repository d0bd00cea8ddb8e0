"""Where work runs: this machine, a Dask cluster, SLURM. It is handed commands and folders, and knows no network."""
