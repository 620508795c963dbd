"""When patients are asked: the shipped protocol and the arithmetic from an anchor date to instants."""
