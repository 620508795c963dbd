"""The shipped exercise library: what a clinic starts with before it writes its own."""
