"""Components that tests run: each does one thing, well or badly, in a real process."""
