"""Not Python."""

def broken_syntax(:
