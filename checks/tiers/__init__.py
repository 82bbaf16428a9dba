"""The parts of checks/run."""
