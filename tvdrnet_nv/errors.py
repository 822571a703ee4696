"""The exceptions that mean: the input cannot be used."""


class InputError(ValueError):
    """A file, argument or value cannot be used.

    The message is one line that names it and says what to do; the command line prints it and exits with code 2.
    """


class NothingMeantError(InputError):
    """A sentence that means nothing of the scene; the command line ends with exit code 3."""
