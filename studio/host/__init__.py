"""The warm host: imports heavy libraries once, then forks a process tree for each step."""
