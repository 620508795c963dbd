"""What is fast enough, measured against something bare in the same run: `make bench`."""
