"""Inference without a training engine: checkpoints become one ONNX graph, and runs share what they froze."""
