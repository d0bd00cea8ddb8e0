"""Class activation maps in logits, gradients, overlays, the figure. Knows no run."""
