"""What a plan begins from and when it is looked at again: rules as pure functions, texts as data."""
