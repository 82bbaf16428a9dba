"""What the experiments under tests/experiments share."""
