"""What goes wrong on one machine, told to the person who typed the command."""


class LocalError(Exception):
    """Its text is one clear sentence: what is wrong and what to do. The command line prints it alone."""
