"""The REST server: what a browser, curl and the command line talk to."""
