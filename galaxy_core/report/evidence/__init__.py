"""Every number that answers the three questions, in one table: is the heat on the galaxy, is the difference real, can
the answer be trusted.

`questions` names what can be asked and asks it; `difference`, `heat`, `trust` and `sources` turn what the rooms to the
left have measured into rows; `results` keeps them. No score is computed here.
"""
