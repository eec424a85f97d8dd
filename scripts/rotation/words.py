"""Times and names as the page writes them."""


def time(seconds):
    if seconds is None:
        return "never"
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def short(rule):
    """A rule's name without its settings."""
    for long, brief in (("strict single use", "strict"), ("Ratchet with retry", "Ratchet with keys"), ("Better Auth", "Better Auth")):
        if rule.startswith(long):
            return brief
    return rule.split(",")[0].removeprefix("Amazon ").removeprefix("SST ").removeprefix("Ory ").split(" 12")[0]


def thief(figures, thefts):
    """What becomes of a kind of thief."""
    if figures["noticed"] == 0:
        return "refused" if figures["answers"] == 0 else f"**never** ({figures['answers']:,})"
    if figures["percentile_95"] == 0:
        return "at once"
    share = "" if figures["noticed"] == thefts else f" ({100 * figures['noticed'] // thefts} %)"
    return f"{time(figures['median'])} / {time(figures['percentile_95'])}{share}"
