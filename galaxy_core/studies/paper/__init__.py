"""What the paper says, as conditions that numbers meet or do not."""
