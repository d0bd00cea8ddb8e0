"""What was asked and what came of it: configs, run folders, checkpoints, the child process."""
