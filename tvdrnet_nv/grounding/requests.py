"""The words with which somebody asks to see a thing, apart from the thing.

    REQUEST = COURTESY* (LEAD* SIGHT | SHOT | QUESTION)* THING TAIL*

"Could you please point the camera at the sofa?" and "where is the sofa?" both ask for the sofa.
"""

from __future__ import annotations

import re

MODAL = "(?:can|could|should|shall|may|might|do|does|would|must|will|did)"
WHO = (
    "(?:i|we|you|one|someone|somebody|anyone|anybody|they|he|she"
    "|(?:(?:the|my|our|a|an|some|all|whole|two|three|four|five|six|several|few|old|young|little) )*"
    "(?:people|person|kids?|child|children|guests?|visitors?|friends?|family|grandma|grandpa|mum|mom|dad|son|daughter"
    "|brother|sister|wife|husband|mother|father|partner|flatmate|cat|dog|baby)(?: and (?:i|my \\w+|me))?)"
)

_COURTESY = (
    r"(?:hi|hello|hey|please|okay|ok|now|then|well|so|sorry|excuse me|alright|um+|uh+|er+m*|hm+|oh|you know"
    r"|kindly|just)\b[ ,]*"
)
_LEAD = (
    f"{MODAL} (?:you|i|we|it be possible to)(?: please| perhaps| possibly| maybe| mind| just| kindly)*(?: me)?",
    "(?:is it possible|is there a way|i wonder if you could|be so kind as|it would be (?:nice|great)) ?(?:to)?",
    "(?:i|we)(?: would|'d| will|'ll| am| are|'m|'re| was)?(?: really| just| also| now)*"
    " (?:want|wish|need|like|love|try|trying|hoping|going|have|prefer|got)(?: you| it if you)?(?: to)?",
    "(?:i|we)(?: am| are|'m|'re| was| were)",
    "(?:help|let|allow)(?: me|'s| us)(?: to)?",
    "(?:try|go|come) (?:to|and)",
    "please",
)
"""What may come before a verb of sight; alone it is a wish: "I want to sleep"."""

_WHOM = "(?: me| us)?"
_SIGHT = (
    f"(?:show|find(?! out)|locate|see|spot|view|display|photograph|frame|present){_WHOM}",
    f"(?:showing|finding|seeing|viewing|interested in){_WHOM}",
    f"(?:point out|bring up|pull up|pick out){_WHOM}",
    "(?:give|get|bring|fetch)(?: me| us)(?: up)?",
    "know where",
    "(?:look|looking|point|pointing|aim|aiming|turn|turning|move|go|head|walk|zoom|focus|focusing|center|centre|hunt"
    "|hunting|search|searching|take (?:me|us)|bring (?:me|us)|lead (?:me|us)|guide (?:me|us))"
    "(?: (?:the |your )?(?:camera|view|lens|picture))?(?: over| back| up| close| closer| in| out| straight| right)*"
    " (?:to|at|on|towards|toward|for|onto)",
)
_LOOKS = "(?:view|look|shot|photo|photograph|snapshot|close up|closeup|glimpse|peek|glance)"
_KIND_OF_LOOK = "(?:(?:a|an|the|another|some|good|better|nice|clear|quick|closer|close|best|full|proper) )*"
_SHOT = (
    f"(?:(?:take|have|get|make|snap|shoot|catch|give|grab)(?: me| us)? )?{_KIND_OF_LOOK}{_LOOKS} (?:of|at)",
    f"(?:take|have|get|make|snap|shoot|give|show|render)(?: me| us)? {_KIND_OF_LOOK}(?:picture|image) of",
)
_QUESTION = (
    "where(?:'s| is| are| was| were)",
    f"where did {WHO} (?:put|leave|keep|hide|place)",
    f"where {MODAL} {WHO} (?:find|see|spot)",
    "(?:is|are) there(?: any| a| an)?",
    "do you (?:see|have|happen to (?:see|have)|know where)",
    "have you (?:got|seen)",
    "(?:tell me|i wonder|do you know|any idea|show me|find out) (?:where|which(?: one)?|what)(?: is| are)?",
    "(?:what|which)(?: one| ones)?(?:'s| is| are)(?= (?:the|my|our)\\b)",
    "(?:what|how) about",
    "(?:what|how) (?:does|do)(?= .+ looks? like$)",
)
_REQUEST = re.compile(
    rf"^(?:(?:(?:{'|'.join(_LEAD)}) )*(?:{'|'.join((*_SHOT, *_SIGHT))})|{'|'.join(_QUESTION)})(?![\w']) *"
)
_COURTESIES = re.compile(rf"^(?:{_COURTESY})+")
_TAIL = re.compile(
    r"(?:[, ]+(?:please|thanks|thank you|now|then|again|anywhere|somewhere|around here|here|in here|nearby here"
    r"|(?:(?:is|are) )?in (?:this|the) (?:room|scene|scan|place|flat|apartment|house|picture|view)"
    r"|where (?:is it|are they|can i (?:find|see) (?:it|them|that|one))"
    r"|i(?:'d| would)? (?:like|want|love) to see (?:it|that|this|them)"
    r"|in view|for a (?:(?:little|short) )?(?:bit|while|moment|minute|second|sec)|right now|(?:to|for) (?:me|us)"
    r"|(?:from )?(?:up close|close up|close by)|you know|or so|i mean (?:that|this|it)(?: one)?"
    r"|(?:will|would|can|could) you"
    r"|(?:(?:will|would|can|could) you (?:please )?)?(?:show|bring|find|get|point out)(?: me| us)? "
    r"(?:it|that|this|them)(?: one)?(?: up)?))+$"
)
_LOOKS_LIKE = re.compile(r" looks? like$")
_IS = re.compile(r" (?:is|are|was)(?: (?:located|placed|at|kept))?$")


def without_courtesy(words: str) -> str:
    """Words in lower case without those of courtesy before and after."""
    return _TAIL.sub("", _COURTESIES.sub("", words)) if _COURTESIES.sub("", words) else words


def without_request(words: str) -> str:
    """Words in lower case, such as "could you show me the sofa, please", without those that only ask: "the sofa".

    The words as they are where nothing would be left.
    """
    words = without_courtesy(words)
    sought = words
    while _REQUEST.match(sought) and _REQUEST.sub("", sought):
        sought = _COURTESIES.sub("", _REQUEST.sub("", sought, count=1)) or sought
    if sought != words:
        sought = _IS.sub("", _LOOKS_LIKE.sub("", sought)) or sought
    return sought
