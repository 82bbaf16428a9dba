"""What the real snapshot tools keep over a year, against the simulation."""
