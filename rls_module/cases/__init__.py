"""The chart and what hangs from it: cases, milestones, responses, measurements, tasks; and the one gate to them."""
