"""What a trained network is worth: numbers with their uncertainty, the table, predictions of new images."""
