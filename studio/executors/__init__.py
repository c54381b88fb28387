"""How steps are started: on this machine by default, on a cluster later."""
