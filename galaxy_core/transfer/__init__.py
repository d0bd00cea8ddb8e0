"""What is transferred: the network as a table, the policies, the sources, and the Keras model."""
