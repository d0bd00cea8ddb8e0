"""The texts of bars over work that takes a while."""

TURN = "Waiting for its turn …"
OPENING = "Opening the galaxies"
