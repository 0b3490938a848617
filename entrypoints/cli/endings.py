"""How a command ends that could not be finished.

Scripts tell by the exit code what to do: 0 nothing, 1 call somebody, 2 mend what the sentence names and try
again.
"""

from typing import Final

NOT_DONE: Final = 2


class NotDone(SystemExit):
    """What was asked could not be done, or not to the end; the sentence says why, and what can be done about
    it.

    Python itself would end with 1 for a sentence, which says that somebody has to look.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.code = NOT_DONE
