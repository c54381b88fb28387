"""Code that a person typed runs here: confined by the kernel, never by the interpreter."""
