"""The mistake that a user can mend."""


class InputError(ValueError):
    """A mistake that the user can mend.

    The message is one line: what is wrong, the value seen, what was expected, and
    the command that mends it.
    """
