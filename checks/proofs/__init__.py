"""The driver of tests/proofs: one experiment on a real Btrfs for each claim that a rule makes."""
