#!/usr/bin/env bash
# A real SLURM for the long tests of clusters: Debian's, installed where that may be; otherwise says so.
set -u
command -v slurmctld >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        slurmctld slurmd slurm-client munge >/dev/null 2>&1
fi
command -v slurmctld >/dev/null 2>&1 || echo "SLURM is not here and may not be installed: its test will be skipped."
exit 0
