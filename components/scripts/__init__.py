"""Code that is written for one pipeline: it runs in the sandbox."""
