"""A sentiment and a random generator in; a review of that sentiment as words, out.

What a word says is turned round by negation, and what a clause says is outweighed by the one it is set against: a count
of good and bad words alone is often wrong.
"""

from random import Random

Words = list[str]

_NEGATED = 0.2
"""The share of clauses that say what they say by denying its opposite."""

_ASPECTS = (
    "acting|plot|music|dialogue|ending|cast|script|camera work|pace|humour|story|direction|editing|first act|"
    "soundtrack|atmosphere|leading man|villain|cinematography|final scene|film|movie|picture|sequel"
).split("|")
_ADJECTIVES = (
    "dull|bland|clumsy|tedious|awful|shallow|lifeless|predictable|messy|forgettable|stale|pointless|boring|"
    "dreadful|muddled|hollow|silly",
    "gripping|witty|charming|superb|moving|fresh|brilliant|tender|elegant|memorable|clever|delightful|funny|warm|"
    "stunning|lively|thrilling|wonderful",
)
_VERBS = (
    "hated|disliked|regretted|dreaded|loathed|endured|resented",
    "loved|enjoyed|admired|adored|relished|treasured|savoured",
)
_STEMS = (
    "hate|dislike|regret|dread|loathe|resent|mind",
    "love|enjoy|admire|adore|relish|treasure|like",
)
_NOUNS = (
    "boredom|nonsense|cliche|confusion|laziness|bad taste|noise",
    "wit|charm|heart|beauty|suspense|imagination|joy",
)
_DEGREES = "very|truly|really|quite|so|rather|utterly|extremely|surprisingly".split("|")
_NEGATIONS = ("is not", "is n't", "was never", "is hardly", "is far from", "was anything but", "is not at all")
_WEAK = ("and yet", "but", "still", "however", ", but", "; nevertheless")
_CONCESSIONS = ("although", "even if", "while", "though")
_OPENINGS = ("", "", "", "", "in the end ,", "to be fair ,", "my friend said so too :", "i must say ,", "well ,")
_SETTINGS = ("", "", "", "from start to finish", "for once", "in every scene", "this time", "on a second viewing")


def review(good: bool, random: Random) -> Words:
    """The words of a review that is good or not: a clause, two that agree, or two of which one outweighs the other."""
    form = random.random()
    if form < 0.55:
        said = _clause(good, random)
    elif form < 0.8:
        said = [*_clause(good, random), "and", *_clause(good, random)]
    elif form < 0.92:
        said = [*_clause(not good, random), *random.choice(_WEAK).split(), *_clause(good, random)]
    else:
        clauses = [[random.choice(_CONCESSIONS), *_clause(not good, random)], _clause(good, random)]
        random.shuffle(clauses)
        said = [*clauses[0], ",", *clauses[1]]
    ending = random.choice((".", ".", ".", "!", "...", ""))
    return [*random.choice(_OPENINGS).split(), *said, *random.choice(_SETTINGS).split(), *ending.split()]


def _clause(good: bool, random: Random) -> Words:
    aspect = f"the {random.choice(_ASPECTS)}"
    degree = random.choice(_DEGREES) if random.random() < 0.4 else ""
    if random.random() < _NEGATED:
        forms = (
            f"{aspect} {random.choice(_NEGATIONS)} {degree} {_one(_ADJECTIVES, not good, random)}",
            f"i did n't {_one(_STEMS, not good, random)} {aspect}",
            f"there is no {_one(_NOUNS, not good, random)} in {aspect}",
        )
    else:
        forms = (
            f"{aspect} is {degree} {_one(_ADJECTIVES, good, random)}",
            f"i {_one(_VERBS, good, random)} {aspect}",
            f"there is so much {_one(_NOUNS, good, random)} in {aspect}",
        )
    return random.choice(forms).split()


def _one(words: tuple[str, str], good: bool, random: Random) -> str:
    return random.choice(words[good].split("|"))
