"""What a network looks at: class activation maps in logits, their pictures, and why a map may be blank."""
