"""The plan room: goals, planned interventions, the home programme, and signing a plan."""
