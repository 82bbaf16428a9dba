"""Runs the scripts of tests/machine as the NixOS test driver would, on Debian machines booted with systemd-nspawn."""
