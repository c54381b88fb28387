"""What README states, measured."""
